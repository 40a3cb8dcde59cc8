"""Money that waits for staff: something held, something awaited, refunds to approve and to pay out, and what reconciliation
found. Made by rows under the same ids, and brought back to how they were when a request has used them up."""

from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork


def always(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"money:{name}")


HELD_ID, TAKEN_ID, TRANSFER_ID, AWAITED_ID = map(always, ("held", "taken", "transfer", "awaited"))
ORDER_ID, ASKER_ID = always("an order that is not here"), always("who asked")
REFUND_ID, PAYOUT_ID = always("refund"), always("payout")
RUN_ID, DISCREPANCY_ID = always("run"), always("discrepancy")

_GONE = tuple(
    text(f"delete from payments.{table} where {column} = any(:ids)")
    for table, column in (
        ("payout", "refund_id"),
        ("sandbox_refund", "payment_id"),
        ("refund", "payment_id"),
        ("receipt", "payment_id"),
        ("sandbox_charge", "payment_id"),
        ("payment", "id"),
    )
)
_PAYMENTS = text(
    """
    insert into payments.payment (id, order_id, provider, provider_ref, amount, currency, status, captured_amount,
        refunded_amount, manual_capture, staff_note)
    values
        (:held, :order_id, 'sandbox', 'sandbox_' || replace(cast(:held as text), '-', ''), 1000, 'EUR', 'authorized', 0, 0,
            true, 'It differs'),
        (:taken, :taken_order, 'sandbox', 'sandbox_' || replace(cast(:taken as text), '-', ''), 1000, 'EUR', 'captured',
            1000, 300, false, null),
        (:transfer, :transfer_order, 'bank_transfer', 'by_hand_' || replace(cast(:transfer as text), '-', ''), 1000, 'EUR',
            'captured', 1000, 400, true, null),
        (:awaited, :awaited_order, 'bank_transfer', 'by_hand_' || replace(cast(:awaited as text), '-', ''), 1000, 'EUR',
            'requires_action', 0, 0, true, null)
    """
)
_CHARGES = text(
    """
    insert into payments.sandbox_charge (payment_id, order_id, amount, captured, currency, token, status)
    values (:held, :order_id, 1000, 0, 'EUR', 'ok', 'authorized'), (:taken, :taken_order, 1000, 1000, 'EUR', 'ok', 'captured')
    """
)
_RECEIPT = text("insert into payments.receipt (payment_id) values (:transfer)")
_REFUNDS = text(
    """
    insert into payments.refund (id, payment_id, amount, status, reason, requested_by, next_check_at)
    values (:refund, :taken, 300, 'awaiting_approval', 'Broken', :asker, null),
        (:payout, :transfer, 400, 'pending', 'Broken', :asker, now() + interval '1 hour')
    """
)
_RUN = text(
    """
    insert into payments.reconciliation (id, since, until, status, finished_at)
    values (:run, now() - interval '3 days', now(), 'done', now()) on conflict do nothing
    """
)
_NO_OTHER_RUN = text(
    "update payments.reconciliation set status = 'done', finished_at = now() where finished_at is null"
)
_DISCREPANCY = text(
    """
    insert into payments.discrepancy (id, reconciliation_id, kind, subject, provider, payment_id, order_id, ours, theirs,
        reason)
    values (:discrepancy, :run, 'wrong_amount', cast(:taken as text), 'sandbox', :taken, :taken_order, '€10.00 taken',
        '€9.00 taken', 'Compare them.')
    on conflict (id) do update set state = 'open', note = null, resolved_by = null, resolved_at = null
    """
)


async def give_money(uow: UnitOfWork) -> None:
    """To the shop."""
    for statement in _GONE:
        ids = [REFUND_ID, PAYOUT_ID] if "payout" in statement.text else [HELD_ID, TAKEN_ID, TRANSFER_ID, AWAITED_ID]
        await sql(uow).execute(statement, {"ids": ids})
    values = {
        "held": HELD_ID,
        "taken": TAKEN_ID,
        "transfer": TRANSFER_ID,
        "awaited": AWAITED_ID,
        "awaited_order": always("a fourth order"),
        "order_id": ORDER_ID,
        "taken_order": always("another order"),
        "transfer_order": always("a third order"),
        "refund": REFUND_ID,
        "payout": PAYOUT_ID,
        "asker": ASKER_ID,
        "run": RUN_ID,
        "discrepancy": DISCREPANCY_ID,
    }
    for statement in (_PAYMENTS, _CHARGES, _RECEIPT, _REFUNDS, _NO_OTHER_RUN, _RUN, _DISCREPANCY):
        await sql(uow).execute(statement, values)


def value_of(path: str, name: str) -> str | None:
    """What `{name}` in an address of the back office stands for; None when it is none of these things."""
    if not path.startswith(("/admin/", "/api/v1/admin/")):
        return None
    named = {
        "payment_id": AWAITED_ID if path.endswith("receipt") else HELD_ID,
        "refund_id": PAYOUT_ID if path.endswith("paid-out") else REFUND_ID,
        "reconciliation_id": RUN_ID,
        "discrepancy_id": DISCREPANCY_ID,
    }
    return str(named[name]) if name in named else None
