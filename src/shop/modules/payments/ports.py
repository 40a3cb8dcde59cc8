"""Payments as other modules use them, and the providers that come with the shop: `contracts.payments`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from shop.contracts.identity import Kept, Person
from shop.contracts.payments import MoneyUnderWay, Payment, PaymentId, PaymentMethod, PaymentProvider, PaymentRequest
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.sandbox import SandboxProvider
from shop.modules.payments.gateways.stripe_when_set import StripeWhenSet
from shop.modules.payments.repository import payers
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


class PayersShare:
    """`contracts.identity.PersonalData` and `ErasureHindrance`, by the orders that were paid."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        orders = person.things.get("order", ())
        found = {
            "payments": await payers.list_payments_of(uow, orders) if orders else [],
            "told_by_providers": await payers.list_events_of(uow, orders) if orders else [],
        }
        return {part: rows for part, rows in found.items() if rows}

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        orders = person.things.get("order", ())
        if not orders:
            return ()
        await payers.forget_payers(uow, orders)
        return (PAYMENTS_KEPT,)

    async def check_erasable(self, uow: UnitOfWork, person: Person) -> None:
        """Raises MoneyUnderWay."""
        orders = person.things.get("order", ())
        if orders and await payers.is_money_under_way(uow, orders):
            raise MoneyUnderWay


PAYMENTS_KEPT: Final = Kept(
    "Payments with their sums, dates and the references of the payment provider",
    "Part of the books; a reference leads to the provider, who answers for what it holds itself",
)
PAYERS: Final = PayersShare()
