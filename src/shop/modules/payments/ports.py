"""Payments as other modules use them, and the providers that come with the shop: `contracts.payments`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from shop.contracts.identity import Kept, Person
from shop.contracts.payment_providers import MethodVault, PaymentProvider, ProviderRecords, ProviderWebhooks
from shop.contracts.payments import (
    GUEST,
    Clearing,
    MoneyUnderWay,
    Payer,
    Payment,
    PaymentId,
    PaymentMethod,
    PaymentRequest,
    Refund,
    RefundWish,
    StoredMethod,
)
from shop.kernel.audit import who_acts
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.by_hand import ON_DELIVERY, TRANSFER, ByHand
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from shop.modules.payments.gateways.sandbox import SandboxProvider
from shop.modules.payments.gateways.stripe_when_set import StripeWhenSet
from shop.modules.payments.repository import by_hand, clearing, payers
from shop.modules.payments.repository.sandbox import SandboxBooks
from shop.modules.payments.service import (
    call_off,
    captures,
    open_payment,
    process_payment,
    refunds,
    releases,
    stored_methods,
)

SANDBOX: Final = SandboxProvider(SandboxBooks())
STRIPE: Final = StripeWhenSet()
PAYPAL: Final = PayPalWhenSet()
PROVIDERS: Final[dict[str, PaymentProvider]] = {
    STRIPE.name: STRIPE,
    PAYPAL.name: PAYPAL,
    SANDBOX.name: SANDBOX,
    TRANSFER: ByHand(TRANSFER, by_hand),
    ON_DELIVERY: ByHand(ON_DELIVERY, by_hand),
}
"""In the order that the checkout offers them."""
VAULTS: Final[dict[str, MethodVault]] = {
    STRIPE.name: STRIPE,
    PAYPAL.name: PAYPAL,
    SANDBOX.name: SANDBOX,
}
WEBHOOKS: Final[dict[str, ProviderWebhooks]] = {STRIPE.name: STRIPE, PAYPAL.name: PAYPAL}
RECORDS: Final[dict[str, ProviderRecords]] = {
    STRIPE.name: STRIPE,
    PAYPAL.name: PAYPAL,
    SANDBOX.name: SANDBOX,
}


class DatabasePayments:
    """`contracts.payments.Payments`."""

    async def offered(self) -> list[PaymentMethod]:
        return open_payment.offered_methods()

    async def stored_methods(self, uow: UnitOfWork, account_id: UUID) -> list[StoredMethod]:
        return await stored_methods.list_methods(uow, account_id)

    async def spendable(self, uow: UnitOfWork, account_id: UUID, currency: str) -> Money:
        return await open_payment.find_spendable(uow, account_id, currency)

    async def open_payments(
        self, uow: UnitOfWork, order_id: UUID, amount: Money, request: PaymentRequest, payer: Payer = GUEST
    ) -> list[Payment]:
        return await open_payment.open_payments(uow, order_id, amount, request, payer)

    async def open_deposit(
        self, uow: UnitOfWork, deposit_id: UUID, amount: Money, request: PaymentRequest, account_id: UUID
    ) -> Payment:
        return await open_payment.open_deposit(uow, deposit_id, amount, request, account_id)

    async def process_order(self, order_id: UUID) -> None:
        await process_payment.process_order(order_id)

    async def process_payment(self, payment_id: PaymentId) -> Payment:
        return await process_payment.process_payment(payment_id)

    async def find_payments(self, uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[Payment]]:
        return await open_payment.find_payments(uow, order_ids)

    async def find_deposits(self, uow: UnitOfWork, deposit_ids: Sequence[UUID]) -> dict[UUID, Payment]:
        return await open_payment.find_deposits(uow, deposit_ids)

    async def abandon_payments(self, uow: UnitOfWork, order_id: UUID) -> bool:
        return await call_off.abandon_payments(uow, order_id)

    async def cancel_payments(self, uow: UnitOfWork, order_id: UUID) -> None:
        await call_off.cancel_payments(uow, order_id)

    async def request_capture(self, uow: UnitOfWork, payment_id: PaymentId, amount: Money | None) -> Payment:
        return await captures.request_capture(uow, payment_id, amount)

    async def request_release(self, uow: UnitOfWork, payment_id: PaymentId) -> Payment:
        return await releases.request_release(uow, payment_id)

    async def record_receipt(self, uow: UnitOfWork, payment_id: PaymentId) -> Payment:
        return await captures.record_receipt(uow, payment_id, _who())

    async def lock_payments(self, uow: UnitOfWork, order_id: UUID) -> None:
        await refunds.lock_payments(uow, order_id)

    async def request_refunds(self, uow: UnitOfWork, order_id: UUID, wish: RefundWish) -> list[Refund]:
        return await refunds.request_refunds(uow, order_id, wish)

    async def process_refunds(self, order_id: UUID) -> None:
        await refunds.process_refunds(order_id)

    async def decide_refund(self, uow: UnitOfWork, refund_id: UUID, *, approve: bool, by: UUID) -> Refund:
        return await refunds.decide_refund(uow, refund_id, approve=approve, by=by)

    async def find_refunds(self, uow: UnitOfWork, order_id: UUID) -> list[Refund]:
        return await refunds.find_refunds(uow, order_id)

    async def refund_deposits(
        self, uow: UnitOfWork, deposit_ids: Sequence[UUID], amount: Money, reason: str, *, by: UUID | None
    ) -> list[Refund]:
        return await refunds.refund_deposits(uow, deposit_ids, amount, reason, by=by)

    async def clearing(self, uow: UnitOfWork) -> list[Clearing]:
        return await clearing.sums(uow)


def _who() -> UUID | None:
    acting = who_acts()
    return UUID(acting.actor.id) if acting is not None and acting.actor.kind == "account" else None


class PayersShare:
    """`contracts.identity.PersonalData` and `ErasureHindrance`, by the orders that were paid."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        orders = person.things.get("order", ())
        found = {
            "payments": await payers.list_payments_of(uow, orders, person.account_id),
            "told_by_providers": await payers.list_events_of(uow, orders, person.account_id),
            "discrepancies": await payers.list_discrepancies_of(uow, orders, person.account_id),
            "stored_methods": await payers.list_methods_of(uow, person.account_id) if person.account_id else [],
            "done_as_staff": await payers.list_deeds_of(uow, person.account_id) if person.account_id else [],
        }
        return {part: rows for part, rows in found.items() if rows}

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        orders = person.things.get("order", ())
        if not orders and person.account_id is None:
            return ()
        if person.account_id is not None:
            await stored_methods.drop_methods(uow, person.account_id)
        await payers.forget_payers(uow, orders, person.account_id)
        kept = [PAYMENTS_KEPT] if orders else []
        if person.account_id is not None and await payers.list_deeds_of(uow, person.account_id):
            kept.append(DEEDS_KEPT)
        return kept

    async def check_erasable(self, uow: UnitOfWork, person: Person) -> None:
        """Raises MoneyUnderWay."""
        if await payers.is_money_under_way(uow, person.things.get("order", ()), person.account_id):
            raise MoneyUnderWay


PAYMENTS_KEPT: Final = Kept(
    "Payments with their sums, dates and the references of the payment provider",
    "Part of the books; a reference leads to the provider, who answers for what it holds itself",
)
DEEDS_KEPT: Final = Kept(
    "Refunds, receipts, payouts and what was reconciled, under an id of staff that leads to nobody any more",
    "Who decided on the shop's money stays on record",
)
PAYERS: Final = PayersShare()
