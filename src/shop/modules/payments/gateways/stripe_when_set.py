"""Stripe as a provider that is imported at its first use: its client is large, and a shop without keys never needs it."""

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from shop.contracts.payments import PaymentMethod, PaymentRequest, ProviderAnswer, ProviderIntent
from shop.kernel.config import settings
from shop.kernel.money import Money

if TYPE_CHECKING:
    from shop.modules.payments.gateways.stripe import StripeProvider


class StripeWhenSet:
    """`contracts.payments.PaymentProvider`, all of it by `gateways.stripe.StripeProvider`."""

    name = "stripe"

    @cached_property
    def _provider(self) -> "StripeProvider":
        from shop.modules.payments.gateways.stripe import StripeProvider

        return StripeProvider()

    def offer(self) -> PaymentMethod | None:
        return self._provider.offer() if settings().stripe_secret_key else None

    def check(self, request: PaymentRequest) -> None:
        self._provider.check(request)

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        return await self._provider.charge(intent)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        return await self._provider.look_up(intent)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        return await self._provider.cancel(intent)

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> None:
        await self._provider.refund(intent, amount, refund_id)

    async def aclose(self) -> None:
        await self._provider.aclose()
