"""SQL of orders as they are placed, paid and shown.

Every change of status is one conditional UPDATE on the present status that writes its history entry in the same
statement: whoever comes second, or again, changes nothing. Lines, amounts and addresses never change once written, so
they may be read beside a row that is being waited for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, TextClause, text

from shop.contracts.identity import AccountId
from shop.contracts.orders import Addresses, HistoryEntry, Order, OrderId, OrderLine, OrderStatus
from shop.contracts.pricing import Totals
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.rules import amount_due


class NewOrder(msgspec.Struct, frozen=True):
    id: OrderId
    cart_id: UUID
    checkout_key: bytes
    access_token: str
    account_id: AccountId | None
    email: str
    totals: Totals
    shipping_method: str
    shipping_label: str
    addresses: Addresses
    reserved_until: datetime
    lines: tuple[OrderLine, ...]


class OrderState(msgspec.Struct, frozen=True):
    """What decisions about money need to know of an order."""

    id: OrderId
    status: OrderStatus
    total: Money
    due: Money
    reserved_until: datetime
    retry_key: bytes | None
    retry_payment_id: UUID | None
    account_id: AccountId | None


class Day(msgspec.Struct, frozen=True):
    """What a day brought so far; revenue by currency."""

    orders: int
    revenue: tuple[Money, ...]


INSERT: Final = text(
    """
    with made as (
        insert into orders.sales_order (id, cart_id, checkout_key, access_token, account_id, email, currency, items,
            discount, shipping, tax, total, tax_included, shipping_method, shipping_label, addresses, reserved_until)
        values (:id, :cart_id, :checkout_key, :access_token, :account_id, :email, :currency, :items,
            :discount, :shipping, :tax, :total, :tax_included, :shipping_method, :shipping_label,
            cast(:addresses as jsonb), :reserved_until)
        returning id
    ), noted as (
        insert into orders.order_history (order_id, status, note) select id, 'pending_payment', 'Order placed' from made
    )
    insert into orders.order_line (id, order_id, position, variant_id, sku, title, options, quantity, unit_price, total,
        tax, tax_rate, image, url)
    select line.id, made.id, line.position, line.variant_id, line.sku, line.title, line.options, line.quantity,
        line.unit_price, line.total, line.tax, line.tax_rate, line.image, line.url
    from made, json_to_recordset(cast(:lines as json)) as line (id uuid, position integer, variant_id uuid, sku text,
        title text, options json, quantity integer, unit_price bigint, total bigint, tax bigint, tax_rate numeric,
        image text, url text)
    """
)


async def insert_order(uow: UnitOfWork, order: NewOrder) -> None:
    """With its lines and the first entry of its history."""
    totals = order.totals
    lines = [
        {
            **msgspec.to_builtins(line),
            "position": position,
            "unit_price": line.unit_price.amount,
            "total": line.total.amount,
            "tax": line.tax.amount,
        }
        for position, line in enumerate(order.lines, start=1)
    ]
    await sql(uow).execute(
        INSERT,
        {
            "id": order.id,
            "cart_id": order.cart_id,
            "checkout_key": order.checkout_key,
            "access_token": order.access_token,
            "account_id": order.account_id,
            "email": order.email,
            "currency": totals.total.currency,
            "items": totals.items.amount,
            "discount": totals.discount.amount,
            "shipping": totals.shipping.amount if totals.shipping else 0,
            "tax": totals.tax.amount,
            "total": totals.total.amount,
            "tax_included": totals.tax_included,
            "shipping_method": order.shipping_method,
            "shipping_label": order.shipping_label,
            "addresses": msgspec.json.encode(order.addresses).decode(),
            "reserved_until": order.reserved_until,
            "lines": msgspec.json.encode(lines).decode(),
        },
    )


async def find_by_checkout_key(uow: UnitOfWork, key: bytes) -> OrderId | None:
    found = await sql(uow).scalar(text("select id from orders.sales_order where checkout_key = :key"), {"key": key})
    return OrderId(found) if found else None


MONEY: Final = "json_build_object('amount', l.{0}, 'currency', o.currency)"
SELECT: Final = f"""
    select o.id, o.number, o.access_token, o.status, o.fulfilment_status, o.account_id, o.email, o.currency, o.items,
        o.discount, o.shipping, o.tax, o.total, o.received, o.released, o.refunded, o.tax_included,
        o.shipping_method, o.shipping_label,
        o.addresses::text as addresses, o.created_at, o.reserved_until,
        (select json_agg(json_build_object('id', l.id, 'variant_id', l.variant_id, 'sku', l.sku, 'title', l.title,
            'options', l.options, 'quantity', l.quantity, 'unit_price', {MONEY.format("unit_price")},
            'total', {MONEY.format("total")}, 'tax', {MONEY.format("tax")}, 'tax_rate', l.tax_rate::text,
            'image', l.image, 'url', l.url, 'refunded_quantity', l.refunded_quantity) order by l.position)::text
         from orders.order_line l where l.order_id = o.id) as lines,
        (select json_agg(json_build_object('status', h.status, 'at', h.at, 'note', h.note) order by h.id)::text
         from orders.order_history h where h.order_id = o.id) as history
    from orders.sales_order o
"""
BY_IDS: Final = text(f"{SELECT} where o.id = any(:ids)")
_lines = msgspec.json.Decoder(tuple[OrderLine, ...])
_history = msgspec.json.Decoder(tuple[HistoryEntry, ...])
_addresses = msgspec.json.Decoder(Addresses)


async def find_orders(uow: UnitOfWork, ids: Sequence[OrderId]) -> list[Order]:
    """Without their payments, which the payments module knows."""
    return await _orders(uow, BY_IDS, {"ids": list(ids)})


async def find_numbers(uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, str]:
    found = await sql(uow).execute(
        text("select id, number from orders.sales_order where id = any(:ids)"), {"ids": list(ids)}
    )
    return {row.id: row.number for row in found}


async def list_orders_of(uow: UnitOfWork, account_id: AccountId, before: UUID | None, limit: int) -> list[Order]:
    """Newest first (ix_sales_order_account_id)."""
    older = "and o.id < :before" if before else ""
    statement = text(f"{SELECT} where o.account_id = :account_id {older} order by o.id desc limit :limit")
    return await _orders(uow, statement, {"account_id": account_id, "before": before, "limit": limit})


async def search_orders(
    uow: UnitOfWork, status: str | None, wanted: str | None, before: UUID | None, limit: int
) -> list[Order]:
    """Newest first; `wanted` is the number, or how it or the e-mail address begins."""
    conditions = ["true"]
    values: dict[str, Any] = {"limit": limit}
    if status:
        conditions.append("o.status = :status")
        values["status"] = status
    if wanted:
        conditions.append("(o.number = :number or lower(o.email) like :email)")
        values["number"] = f"SO-{wanted.upper().removeprefix('SO-')}"
        values["email"] = wanted.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    if before:
        conditions.append("o.id < :before")
        values["before"] = before
    return await _orders(
        uow, text(f"{SELECT} where {' and '.join(conditions)} order by o.id desc limit :limit"), values
    )


async def _orders(uow: UnitOfWork, statement: TextClause, values: Mapping[str, Any]) -> list[Order]:
    return [_order(row) for row in await sql(uow).execute(statement, values)]


def _order(row: Row[Any]) -> Order:
    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return Order(
        id=row.id,
        number=row.number,
        access_token=row.access_token,
        status=row.status,
        fulfilment_status=row.fulfilment_status,
        account_id=row.account_id,
        email=row.email,
        amount_due=amount_due(row.status, money(row.total - row.received - row.released)),
        received=money(row.received),
        refunded=money(row.refunded),
        totals=Totals(
            items=money(row.items),
            discount=money(row.discount),
            shipping=money(row.shipping),
            tax=money(row.tax),
            total=money(row.total),
            tax_included=row.tax_included,
        ),
        lines=_lines.decode(row.lines),
        addresses=_addresses.decode(row.addresses),
        shipping_method=row.shipping_method,
        shipping_label=row.shipping_label,
        history=_history.decode(row.history),
        payments=(),
        created_at=row.created_at,
        reserved_until=row.reserved_until,
    )


STATE: Final = """
    select id, status, total, currency, total - received - released as due, reserved_until, retry_key,
        retry_payment_id, account_id
    from orders.sales_order where id = :id
"""


async def find_state(uow: UnitOfWork, order_id: UUID) -> OrderState | None:
    return await _state(uow, STATE, order_id)


async def lock_state(uow: UnitOfWork, order_id: UUID) -> OrderState | None:
    """It stays so until this transaction ends."""
    return await _state(uow, f"{STATE} for update", order_id)


async def _state(uow: UnitOfWork, statement: str, order_id: UUID) -> OrderState | None:
    row = (await sql(uow).execute(text(statement), {"id": order_id})).first()
    if row is None:
        return None
    return OrderState(
        row.id,
        row.status,
        Money(row.total, row.currency),
        Money(row.due, row.currency),
        row.reserved_until,
        row.retry_key,
        row.retry_payment_id,
        row.account_id,
    )


CHANGE_STATUS: Final = text(
    """
    with changed as (
        update orders.sales_order set status = :to,
            paid_at = case when :to = 'expired' then null else paid_at end
        where id = :id and status = any(:from)
        returning id
    )
    insert into orders.order_history (order_id, status, note) select id, :to, :note from changed
    returning 1
    """
)


async def change_status(
    uow: UnitOfWork, order_id: UUID, present: Sequence[OrderStatus], to: OrderStatus, note: str
) -> bool:
    """Whether the order was in one of `present` and is in `to` now."""
    changed = await sql(uow).execute(CHANGE_STATUS, {"id": order_id, "from": list(present), "to": to, "note": note})
    return changed.first() is not None


async def note(uow: UnitOfWork, order_id: UUID, words: str) -> None:
    """An entry in the history that changes nothing else."""
    await sql(uow).execute(
        text(
            "insert into orders.order_history (order_id, status, note)"
            " select id, status, :note from orders.sales_order where id = :id"
        ),
        {"id": order_id, "note": words},
    )


async def remember_retry(uow: UnitOfWork, order_id: UUID, key: bytes, payment_id: UUID) -> None:
    await sql(uow).execute(
        text("update orders.sales_order set retry_key = :key, retry_payment_id = :payment_id where id = :id"),
        {"id": order_id, "key": key, "payment_id": payment_id},
    )


async def find_day(uow: UnitOfWork, since: datetime) -> Day:
    """Orders placed and money taken since then (ix_sales_order_created_at, ix_sales_order_paid_at)."""
    rows = (
        await sql(uow).execute(
            text(
                """
                select null as currency, count(*) as figure from orders.sales_order where created_at >= :since
                union all
                select currency, sum(total) from orders.sales_order where paid_at >= :since group by currency
                """
            ),
            {"since": since},
        )
    ).all()
    orders = next(int(row.figure) for row in rows if row.currency is None)
    revenue = sorted((row.currency, int(row.figure)) for row in rows if row.currency is not None)
    return Day(orders, tuple(Money(amount, currency) for currency, amount in revenue))
