"""Stripe with all its faces, imported at their first use: its client is large, and a shop without keys never needs it."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from shop.contracts.payment_providers import (
    MethodOwner,
    MethodSetup,
    NotFromProvider,
    ProviderAnswer,
    ProviderDispute,
    ProviderIntent,
    ProviderNews,
    ProviderRecord,
    RefundAnswer,
    VaultedMethod,
)
from shop.contracts.payments import PaymentMethod, PaymentRequest
from shop.kernel.config import settings
from shop.kernel.money import Money

if TYPE_CHECKING:
    from shop.modules.payments.gateways.stripe import StripeProvider
    from shop.modules.payments.gateways.stripe_client import StripeClients
    from shop.modules.payments.gateways.stripe_methods import StripeVault
    from shop.modules.payments.gateways.stripe_records import StripeRecords
    from shop.modules.payments.gateways.stripe_webhook import StripeWebhooks


class StripeWhenSet:
    """`contracts.payment_providers.PaymentProvider`, `MethodVault`, `ProviderWebhooks` and `ProviderRecords`."""

    name = "stripe"

    @cached_property
    def _clients(self) -> "StripeClients":
        from shop.modules.payments.gateways.stripe_client import StripeClients

        return StripeClients()

    @cached_property
    def _provider(self) -> "StripeProvider":
        from shop.modules.payments.gateways.stripe import StripeProvider

        return StripeProvider(self._clients)

    @cached_property
    def _vault(self) -> "StripeVault":
        from shop.modules.payments.gateways.stripe_methods import StripeVault

        return StripeVault(self._clients)

    @cached_property
    def _records(self) -> "StripeRecords":
        from shop.modules.payments.gateways.stripe_records import StripeRecords

        return StripeRecords(self._clients)

    @cached_property
    def _webhooks(self) -> "StripeWebhooks":
        from shop.modules.payments.gateways.stripe_webhook import StripeWebhooks

        return StripeWebhooks()

    def offer(self) -> PaymentMethod | None:
        return self._provider.offer() if settings().stripe_secret_key else None

    def check(self, request: PaymentRequest) -> None:
        self._provider.check(request)

    async def prepare(self, intent: ProviderIntent) -> str | None:
        return await self._provider.prepare(intent)

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        return await self._provider.charge(intent)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        return await self._provider.look_up(intent)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        return await self._provider.capture(intent, amount)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        return await self._provider.cancel(intent)

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        return await self._provider.refund(intent, amount, refund_id)

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        return await self._provider.look_up_refund(intent, refund_id, provider_ref)

    async def begin(self, owner: MethodOwner, setup_id: UUID, return_url: str) -> MethodSetup:
        return await self._vault.begin(owner, setup_id, return_url)

    async def finish(self, owner: MethodOwner, provider_ref: str) -> VaultedMethod | None:
        return await self._vault.finish(owner, provider_ref)

    async def forget(self, owner: MethodOwner, method_ref: str) -> None:
        await self._vault.forget(owner, method_ref)

    def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord]:
        return self._records.list_charges(since, until)

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None:
        return await self._records.find_dispute(dispute_ref)

    async def read(self, body: bytes, headers: Mapping[str, str]) -> ProviderNews:
        """Forgeries without a signature are refused before anything is imported for them."""
        if not settings().stripe_webhook_secret or "stripe-signature" not in headers:
            raise NotFromProvider("The signature is missing")
        return await self._webhooks.read(body, headers)

    async def aclose(self) -> None:
        await self._clients.aclose()
