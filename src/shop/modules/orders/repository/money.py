"""SQL of an order's money: what came in by which payment, how long the goods wait for it, and what goes back.

Sums stand in the order's row, each changed by one conditional UPDATE; a receipt for every payment keeps it from being
counted twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.rules import MAY_BECOME_PAID, MAY_BECOME_REFUNDED, UNPAID


class Taken(msgspec.Struct, frozen=True):
    """An order that has taken money; `paid` when nothing is due any more."""

    paid: bool
    account_id: UUID | None
    variant_ids: tuple[UUID, ...]
    total: Money


TAKE: Final = text(
    """
    with taken as (
        update orders.sales_order
        set received = received + :amount, released = released + :released,
            status = case when received + released + :amount + :released = total then 'paid' else status end,
            paid_at = case when received + released + :amount + :released = total then now() end
        where id = :id and status = any(:may_become_paid) and currency = :currency
            and (:amount > 0 or total = 0) and received + released + :amount + :released <= total
            and not exists (select 1 from orders.order_receipt where payment_id = :payment_id)
        returning id, account_id, status, total
    ), kept as (
        insert into orders.order_receipt (payment_id, order_id, amount, released)
        select cast(:payment_id as uuid), id, :amount, :released from taken where cast(:payment_id as uuid) is not null
    ), noted as (
        insert into orders.order_history (order_id, status, note) select id, status, :note from taken
    )
    select account_id, status = 'paid' as paid, total, (select array_agg(l.variant_id order by l.position)
        from orders.order_line l where l.order_id = taken.id) as variant_ids
    from taken
    """
)


class Receipt(msgspec.Struct, frozen=True):
    """Money of a payment; of none for an order that costs nothing. `released`: minor units no longer asked for."""

    payment_id: UUID | None
    amount: Money
    released: int = 0


async def take_money(uow: UnitOfWork, order_id: UUID, receipt: Receipt, note: str) -> Taken | None:
    """None, and nothing changed, when the order wants no money, or less than this, or has had this payment before."""
    amount = receipt.amount
    row = (
        await sql(uow).execute(
            TAKE,
            {
                "id": order_id,
                "payment_id": receipt.payment_id,
                "amount": amount.amount,
                "released": receipt.released,
                "currency": amount.currency,
                "note": note,
                "may_become_paid": list(MAY_BECOME_PAID),
            },
        )
    ).first()
    return Taken(row.paid, row.account_id, tuple(row.variant_ids), Money(row.total, amount.currency)) if row else None


async def has_receipt(uow: UnitOfWork, payment_id: UUID) -> bool:
    return bool(
        await sql(uow).scalar(
            text("select exists (select 1 from orders.order_receipt where payment_id = :id)"), {"id": payment_id}
        )
    )


async def move_hold(uow: UnitOfWork, order_id: UUID, until: datetime, note: str, *, sooner: bool) -> bool:
    """While money is still wanted, and only sooner or only later than before. Whether it changed."""
    held = await sql(uow).execute(
        text(
            """
            with held as (
                update orders.sales_order set reserved_until = :until
                where id = :id and status = any(:unpaid)
                    and reserved_until <> :until and (reserved_until > :until) = :sooner
                returning id, status
            )
            insert into orders.order_history (order_id, status, note) select id, status, :note from held returning 1
            """
        ),
        {"id": order_id, "until": until, "unpaid": list(UNPAID), "note": note, "sooner": sooner},
    )
    return held.first() is not None


class RefundedOrder(msgspec.Struct, frozen=True):
    account_id: UUID | None
    full: bool


GIVE_RECEIPT_BACK: Final = text(
    """
    with receipt as (
        select payment_id, amount = :amount as whole, released from orders.order_receipt
        where payment_id = :payment_id and order_id = :id and amount >= :amount
    ), lowered as (
        update orders.order_receipt r set amount = r.amount - :amount,
            released = case when receipt.whole then 0 else r.released end
        from receipt where r.payment_id = receipt.payment_id
    ), due as (
        update orders.sales_order o set received = o.received - :amount,
            released = o.released - case when receipt.whole then receipt.released else 0 end
        from receipt where o.id = :id returning o.id, o.account_id, o.status, o.refunded = o.received as "full"
    ), noted as (
        insert into orders.order_history (order_id, status, note) select id, status, :note from due
    )
    select account_id, "full" from due
    """
)


async def give_receipt_back(
    uow: UnitOfWork, order_id: UUID, payment_id: UUID, amount: int, note: str
) -> RefundedOrder | None:
    """Money of an order that is not paid yet, locked by the caller, is back: it is due again, and what was released with it
    too. None when the order holds no such receipt."""
    values = {"id": order_id, "payment_id": payment_id, "amount": amount, "note": note}
    row = (await sql(uow).execute(GIVE_RECEIPT_BACK, values)).first()
    return RefundedOrder(row.account_id, row.full) if row else None


async def note_refund(
    uow: UnitOfWork, order_id: UUID, payment_id: UUID, amount: int, note: str
) -> RefundedOrder | None:
    """Money of a payment that this order had received is back. None when it never counted that payment: it was called off."""
    row = (
        await sql(uow).execute(
            text(
                """
                with refunded as (
                    update orders.sales_order set refunded = refunded + :amount,
                        status = case when refunded + :amount = received and status = any(:may_become_refunded)
                            then 'refunded' else status end
                    where id = :id and exists (select 1 from orders.order_receipt where payment_id = :payment_id)
                    returning id, account_id, status, refunded = received as full
                ), noted as (
                    insert into orders.order_history (order_id, status, note) select id, status, :note from refunded
                )
                select account_id, "full" from refunded
                """
            ),
            {
                "id": order_id,
                "payment_id": payment_id,
                "amount": amount,
                "note": note,
                "may_become_refunded": list(MAY_BECOME_REFUNDED),
            },
        )
    ).first()
    return RefundedOrder(row.account_id, row.full) if row else None


class RefundedLine(msgspec.Struct, frozen=True):
    line_id: UUID
    quantity: int


class OrderRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A wish of staff; `payments` holds what became of it."""

    id: UUID
    order_id: UUID
    amount: int
    destination: str
    reason: str
    lines: tuple[RefundedLine, ...]
    requested_by: UUID | None


async def find_order_refund(uow: UnitOfWork, refund_id: UUID) -> OrderRefund | None:
    row = (
        await sql(uow).execute(
            text(
                "select id, order_id, amount, destination, reason, lines, requested_by from orders.order_refund"
                " where id = :id"
            ),
            {"id": refund_id},
        )
    ).first()
    return None if row is None else msgspec.convert(row._asdict(), OrderRefund)


async def add_order_refund(uow: UnitOfWork, refund: OrderRefund) -> None:
    values = msgspec.structs.asdict(refund)
    await sql(uow).execute(
        text(
            "insert into orders.order_refund (id, order_id, amount, destination, reason, lines, requested_by)"
            " values (:id, :order_id, :amount, :destination, :reason, cast(:lines as json), :requested_by)"
        ),
        values | {"lines": msgspec.json.encode(refund.lines).decode()},
    )


async def take_lines_back(uow: UnitOfWork, order_id: UUID, lines: Sequence[RefundedLine]) -> int:
    """How many of these lines had so many pieces left to refund; the others are as they were."""
    changed = await sql(uow).execute(
        text(
            """
            update orders.order_line l set refunded_quantity = l.refunded_quantity + wanted.quantity
            from jsonb_to_recordset(cast(:lines as jsonb)) as wanted (line_id uuid, quantity integer)
            where l.id = wanted.line_id and l.order_id = :order_id
                and l.refunded_quantity + wanted.quantity <= l.quantity
            """
        ),
        {"order_id": order_id, "lines": msgspec.json.encode(lines).decode()},
    )
    return changed.rowcount


async def sum_pieces(uow: UnitOfWork, refund_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Of the lines that these wishes are about."""
    rows = await sql(uow).execute(
        text(
            """
            select p.line_id, sum(p.quantity) as quantity
            from orders.order_refund r, json_to_recordset(r.lines) as p (line_id uuid, quantity integer)
            where r.id = any(:ids) group by p.line_id
            """
        ),
        {"ids": list(refund_ids)},
    )
    return {row.line_id: row.quantity for row in rows}


async def undo_order_refund(uow: UnitOfWork, refund_id: UUID) -> bool:
    """Nothing of it is given back: its pieces may be refunded again. Whether that is news."""
    undone = await sql(uow).execute(
        text(
            """
            with undone as (
                update orders.order_refund set undone_at = now() where id = :id and undone_at is null
                returning order_id, lines
            ), pieces as (
                update orders.order_line l set refunded_quantity = l.refunded_quantity - p.quantity
                from undone, jsonb_to_recordset(cast(undone.lines as jsonb)) as p (line_id uuid, quantity integer)
                where l.id = p.line_id and l.order_id = undone.order_id
            )
            select 1 from undone
            """
        ),
        {"id": refund_id},
    )
    return undone.first() is not None
