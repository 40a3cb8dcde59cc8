"""Payments as other modules use them, and the providers that come with the shop: `contracts.payments`."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shop.contracts.payments import Payment, PaymentId, PaymentMethod, PaymentProvider, PaymentRequest
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.sandbox import SandboxProvider
from shop.modules.payments.gateways.stripe_when_set import StripeWhenSet
from shop.modules.payments.repository.sandbox import SandboxBooks
from shop.modules.payments.service import call_off, open_payment, process_payment

SANDBOX: Final = SandboxProvider(SandboxBooks())
STRIPE: Final = StripeWhenSet()
PROVIDERS: Final[dict[str, PaymentProvider]] = {STRIPE.name: STRIPE, SANDBOX.name: SANDBOX}
"""In the order that the checkout offers them."""


class DatabasePayments:
    async def offered(self) -> list[PaymentMethod]:
        return open_payment.offered_methods()

    async def open_payment(self, uow: UnitOfWork, order_id: UUID, amount: Money, request: PaymentRequest) -> Payment:
        return await open_payment.open_payment(uow, order_id, amount, request)

    async def process_payment(self, payment_id: PaymentId) -> Payment:
        return await process_payment.process_payment(payment_id)

    async def find_payments(self, uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[Payment]]:
        return await open_payment.find_payments(uow, order_ids)

    async def cancel_payments(self, uow: UnitOfWork, order_id: UUID) -> None:
        await call_off.cancel_payments(uow, order_id)
