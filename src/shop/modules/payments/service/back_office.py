"""Payments, refunds and disputes as staff see them: with the numbers of their orders, and where their providers show them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from shop.contracts.identity import AccountId, Accounts
from shop.contracts.payments import MethodShown, PaymentNotFound, PaymentSubjects, RefundNotFound
from shop.kernel import audit
from shop.kernel.config import settings
from shop.kernel.money import Money
from shop.kernel.ports import port, ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.back_office_schemas import (
    AdminPaymentView,
    AdminRefundView,
    Attention,
    Day,
    DiscrepancyView,
    DisputeView,
    ListedPayment,
    ListedRefund,
    PaymentDetails,
    Queue,
    ReconciliationView,
)
from shop.modules.payments.dashboards import dashboard_url, dispute_url
from shop.modules.payments.errors import NothingNoted
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.reconcile_schemas import Discrepancy, Run
from shop.modules.payments.repository import back_office, disputes, moves
from shop.modules.payments.repository.back_office import Wanted
from shop.modules.payments.repository.disputes import Dispute
from shop.modules.payments.rules import OPEN

DAYS: Final = 14


async def list_payments(uow: UnitOfWork, wanted: Wanted, before: UUID | None, limit: int) -> list[AdminPaymentView]:
    return await view_payments(uow, await back_office.list_payments(uow, wanted, before, limit))


async def find_details(uow: UnitOfWork, payment_id: UUID) -> PaymentDetails:
    """Raises PaymentNotFound."""
    found = await back_office.find_payment(uow, payment_id)
    if found is None:
        raise PaymentNotFound
    (payment,) = await view_payments(uow, [found])
    given_back = await back_office.list_refunds_of(uow, [payment_id])
    contested = await disputes.list_disputes(uow, [payment_id], 100)
    return PaymentDetails(payment, await view_refunds(uow, given_back), await view_disputes(uow, contested))


async def find_details_of_order(uow: UnitOfWork, order_id: UUID) -> list[PaymentDetails]:
    """Of each payment of the order, oldest first."""
    payments = await view_payments(uow, await back_office.list_payments_of(uow, order_id))
    if not payments:
        return []
    ids = [payment.id for payment in payments]
    given_back = await view_refunds(uow, await back_office.list_refunds_of(uow, ids))
    contested = await view_disputes(uow, await disputes.list_disputes(uow, ids, 100))
    return [
        PaymentDetails(
            payment,
            [each for each in given_back if each.payment_id == payment.id],
            [each for each in contested if each.payment_id == payment.id],
        )
        for payment in payments
    ]


async def list_queue(
    uow: UnitOfWork, queue: Queue, before: tuple[datetime, UUID] | None, limit: int
) -> list[AdminRefundView]:
    return await view_refunds(uow, await back_office.list_queue(uow, queue, BY_HAND, before, limit))


async def find_refund(uow: UnitOfWork, refund_id: UUID) -> AdminRefundView:
    """Raises RefundNotFound."""
    found = await back_office.find_refund(uow, refund_id)
    if found is None:
        raise RefundNotFound
    return (await view_refunds(uow, [found]))[0]


async def list_disputes(uow: UnitOfWork, limit: int) -> list[DisputeView]:
    return await view_disputes(uow, await disputes.list_disputes(uow, None, limit))


async def count_attention(uow: UnitOfWork) -> Attention:
    return await back_office.count_attention(uow, BY_HAND)


async def sum_days(uow: UnitOfWork) -> list[Day]:
    return await back_office.sum_days(uow, settings().currency, settings().time_zone, DAYS)


async def clear_note(uow: UnitOfWork, payment_id: UUID) -> None:
    """Somebody has looked into it; what is open is asked for again. Raises PaymentNotFound, NothingNoted."""
    if await back_office.find_payment(uow, payment_id) is None:
        raise PaymentNotFound
    if not await moves.clear_note(uow, payment_id):
        raise NothingNoted
    audit.note(action="payment.looked_into", subject=("payment", payment_id))


async def name_staff(uow: UnitOfWork, refunds: Iterable[AdminRefundView]) -> dict[UUID, str]:
    """Who asked for these refunds and who decided, by account."""
    return await names_of(uow, [each for refund in refunds for each in (refund.requested_by, refund.decided_by)])


async def names_of(uow: UnitOfWork, account_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Accounts that are gone are left out."""
    wanted = {AccountId(each) for each in account_ids if each is not None}
    found = await port(Accounts).find_accounts(uow, sorted(wanted)) if wanted else {}
    return {account.id: account.name or account.email for account in found.values()}


async def view_payments(uow: UnitOfWork, found: Sequence[ListedPayment]) -> list[AdminPaymentView]:
    numbers = await _numbers(uow, [each.intent.order_id for each in found])
    return [_payment_view(each, numbers) for each in found]


async def view_refunds(uow: UnitOfWork, found: Sequence[ListedRefund]) -> list[AdminRefundView]:
    numbers = await _numbers(uow, [each.order_id for each in found])
    return [
        AdminRefundView(
            id=each.id,
            payment_id=each.payment_id,
            order_id=each.order_id,
            order_number=numbers.get(each.order_id) if each.order_id else None,
            provider=each.provider,
            amount=each.money,
            to=each.destination,
            status=each.status,
            reason=each.reason,
            failure=each.failure,
            requested_by=each.requested_by,
            decided_by=each.decided_by,
            created_at=each.created_at,
            decided_at=each.decided_at,
            done_at=each.done_at,
        )
        for each in found
    ]


async def view_disputes(uow: UnitOfWork, found: Sequence[Dispute]) -> list[DisputeView]:
    payments = await back_office.orders_of(uow, [each.payment_id for each in found if each.payment_id])
    numbers = await _numbers(uow, list(payments.values()))
    views = []
    for each in found:
        order_id = payments.get(each.payment_id) if each.payment_id else None
        view = DisputeView(
            provider=each.provider,
            provider_ref=each.provider_ref,
            payment_id=each.payment_id,
            order_id=order_id,
            order_number=numbers.get(order_id) if order_id else None,
            amount=each.amount,
            reason=each.reason,
            status=each.status,
            respond_by=each.respond_by,
            dashboard_url=dispute_url(each.provider, each.provider_ref),
            created_at=each.created_at,
        )
        views.append(view)
    return views


async def view_discrepancies(uow: UnitOfWork, found: Sequence[Discrepancy]) -> list[DiscrepancyView]:
    numbers = await _numbers(uow, [each.order_id for each in found])
    return [
        DiscrepancyView(
            id=each.id,
            reconciliation_id=each.reconciliation_id,
            kind=each.kind,
            provider=each.provider,
            provider_ref=each.provider_ref,
            dashboard_url=dashboard_url(each.provider, each.provider_ref),
            payment_id=each.payment_id,
            order_id=each.order_id,
            order_number=numbers.get(each.order_id) if each.order_id else None,
            ours=each.ours,
            theirs=each.theirs,
            reason=each.reason,
            state=each.state,
            note=each.note,
            resolved_by=each.resolved_by,
            resolved_at=each.resolved_at,
            created_at=each.created_at,
            seen_at=each.seen_at,
        )
        for each in found
    ]


def view_run(run: Run) -> ReconciliationView:
    return ReconciliationView(
        id=run.id,
        since=run.since,
        until=run.until,
        status=run.status,
        compared=run.compared,
        mended=run.mended,
        found=run.found,
        message=run.message,
        requested_by=run.requested_by,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def _payment_view(listed: ListedPayment, numbers: dict[UUID, str]) -> AdminPaymentView:
    intent = listed.intent
    wanted = intent.called_off_at is None
    by_hand = intent.provider in BY_HAND
    held = intent.status == "authorized" and intent.manual_capture and intent.capture_wish is None
    return AdminPaymentView(
        id=intent.id,
        order_id=intent.order_id,
        order_number=numbers.get(intent.order_id) if intent.order_id else None,
        deposit_id=intent.deposit_id,
        provider=intent.provider,
        provider_ref=intent.provider_ref,
        dashboard_url=dashboard_url(intent.provider, intent.provider_ref, intent.capture_ref),
        status=intent.status,
        amount=intent.money,
        captured=Money(intent.captured_amount, intent.currency),
        refunded=Money(intent.refunded_amount, intent.currency),
        refundable=intent.refundable(),
        method=MethodShown(**intent.method) if intent.method else None,
        failure=intent.failure,
        staff_note=listed.staff_note,
        needs_attention=listed.attention,
        capturable=wanted and not by_hand and held,
        awaited=wanted and by_hand and intent.status in OPEN,
        holds_until=intent.holds_until,
        created_at=intent.created_at,
    )


async def _numbers(uow: UnitOfWork, order_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    wanted = sorted({each for each in order_ids if each is not None})
    numbers: dict[UUID, str] = {}
    for subjects in ports(PaymentSubjects).values() if wanted else ():
        numbers |= await subjects.find_numbers(uow, wanted)
    return numbers
