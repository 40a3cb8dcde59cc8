"""All SQL of carts.

Gotcha: a row lock and what it protects are never read by one statement. A statement that waits for a lock goes on with
the snapshot it began with, so lines read beside `for update` may be those of before the wait. Hence first the lock, then,
by the next statement, the lines.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from shop.contracts.cart import CartContents, CartLine, CartToken
from shop.contracts.catalog import VariantId
from shop.contracts.identity import AccountId
from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.cart.rules import MAX_QUANTITY


class CartHead(msgspec.Struct, frozen=True):
    """A cart without its lines."""

    id: UUID
    token: CartToken
    currency: str
    account_id: AccountId | None
    status: str
    version: int

    def holding(self, lines: Sequence[CartLine]) -> CartContents:
        return CartContents(self.id, self.token, self.currency, self.account_id, self.version, tuple(lines))


class Addition(msgspec.Struct, frozen=True):
    """`lines` are all lines of the cart as they are now; `line_id` is None where one line may not hold so many."""

    line_id: UUID | None
    is_new: bool
    lines: list[CartLine]


_HEAD: Final = "id, token, currency, account_id, status, version"
_INSERT: Final = text(
    "insert into cart.cart (id, token, currency, account_id) values (:id, :token, :currency, :account_id)"
)
_FIND: Final = text(
    """
    select c.id, c.token, c.currency, c.account_id, c.status, c.version, l.id as line_id, l.variant_id, l.quantity
    from cart.cart c left join cart.line l on l.cart_id = c.id
    where c.token = :token order by l.id
    """
)
_LOCK: Final = text(f"select {_HEAD} from cart.cart where token = :token for update")
_CHANGE: Final = text(
    f"update cart.cart set version = version + 1, updated_at = now() where token = :token and status = 'open'"
    f" returning {_HEAD}"
)
_STATUS: Final = text("select status from cart.cart where token = :token")
_LINES: Final = text("select id, variant_id, quantity from cart.line where cart_id = :cart_id order by id")
_ADD: Final = text(
    f"""
    with put as (
        insert into cart.line as line (id, cart_id, variant_id, quantity) values (:id, :cart_id, :variant_id, :quantity)
        on conflict (cart_id, variant_id) do update set quantity = line.quantity + excluded.quantity
            where line.quantity + excluded.quantity <= {MAX_QUANTITY}
        returning id, variant_id, quantity
    )
    select id, variant_id, quantity, true as added from put
    union all
    select id, variant_id, quantity, false from cart.line where cart_id = :cart_id and id not in (select id from put)
    order by id
    """
)
_SET: Final = text(
    """
    with put as (
        update cart.line set quantity = :quantity where id = :id and cart_id = :cart_id
        returning id, variant_id, quantity
    )
    select id, variant_id, quantity from put
    union all
    select id, variant_id, quantity from cart.line where cart_id = :cart_id and id <> :id
    order by id
    """
)
_REMOVE: Final = text("delete from cart.line where id = :id and cart_id = :cart_id")
_CLOSE: Final = text(
    "update cart.cart set status = 'closed', order_id = :order_id, version = version + 1, updated_at = now()"
    " where id = :id and status = 'open'"
)
_PIECES: Final = text(
    """
    select coalesce(sum(l.quantity), 0) from cart.cart c join cart.line l on l.cart_id = c.id
    where c.token = :token and c.status = 'open'
    """
)


async def insert_cart(uow: UnitOfWork, head: CartHead) -> None:
    await sql(uow).execute(
        _INSERT, {"id": head.id, "token": head.token, "currency": head.currency, "account_id": head.account_id}
    )


async def find_cart(uow: UnitOfWork, token: CartToken) -> tuple[CartHead, list[CartLine]] | None:
    rows = (await sql(uow).execute(_FIND, {"token": token})).all()
    if not rows:
        return None
    return CartHead(*rows[0][:6]), [CartLine(row[6], row[7], row[8]) for row in rows if row[6] is not None]


async def lock_cart(uow: UnitOfWork, token: CartToken) -> tuple[CartHead, list[CartLine]] | None:
    """Nobody else changes the cart until this transaction ends."""
    row = (await sql(uow).execute(_LOCK, {"token": token})).first()
    if row is None:
        return None
    return CartHead(*row), await find_lines(uow, row.id)


async def change_open_cart(uow: UnitOfWork, token: CartToken) -> CartHead | None:
    """Lock the cart and count its version up; None when there is no such open cart."""
    row = (await sql(uow).execute(_CHANGE, {"token": token})).first()
    return None if row is None else CartHead(*row)


async def find_status(uow: UnitOfWork, token: CartToken) -> str | None:
    status: str | None = await sql(uow).scalar(_STATUS, {"token": token})
    return status


async def find_lines(uow: UnitOfWork, cart_id: UUID) -> list[CartLine]:
    return _lines((await sql(uow).execute(_LINES, {"cart_id": cart_id})).all())


async def add_to_line(uow: UnitOfWork, cart_id: UUID, variant_id: VariantId, quantity: int) -> Addition:
    new = new_id()
    rows = (
        await sql(uow).execute(_ADD, {"id": new, "cart_id": cart_id, "variant_id": variant_id, "quantity": quantity})
    ).all()
    line_id = next((row.id for row in rows if row.added), None)
    return Addition(line_id, line_id == new, [CartLine(row[0], row[1], row[2]) for row in rows])


async def set_quantity(uow: UnitOfWork, cart_id: UUID, line_id: UUID, quantity: int) -> list[CartLine]:
    """All lines of the cart as they are now."""
    rows = await sql(uow).execute(_SET, {"id": line_id, "cart_id": cart_id, "quantity": quantity})
    return _lines(rows.all())


async def delete_line(uow: UnitOfWork, cart_id: UUID, line_id: UUID) -> bool:
    return (await sql(uow).execute(_REMOVE, {"id": line_id, "cart_id": cart_id})).rowcount == 1


async def close_cart(uow: UnitOfWork, cart_id: UUID, order_id: UUID) -> bool:
    """False when it is closed already."""
    return (await sql(uow).execute(_CLOSE, {"id": cart_id, "order_id": order_id})).rowcount == 1


async def count_pieces(uow: UnitOfWork, token: CartToken) -> int:
    """Pieces in the cart; 0 also when it is closed or gone."""
    return int(await sql(uow).scalar(_PIECES, {"token": token}) or 0)


async def lock_for_merge(uow: UnitOfWork, token: CartToken | None, account_id: AccountId) -> list[CartHead]:
    """The open carts among the guest's and the account's newest, locked in the order of their ids."""
    rows = await sql(uow).execute(
        text(
            f"""
            select {_HEAD} from cart.cart where status = 'open' and (token = :token or id = (
                select id from cart.cart where account_id = :account_id and status = 'open' order by id desc limit 1))
            order by id for update
            """
        ),
        {"token": token, "account_id": account_id},
    )
    return [CartHead(*row) for row in rows]


async def give_cart(uow: UnitOfWork, cart_id: UUID, account_id: AccountId) -> None:
    await sql(uow).execute(
        text("update cart.cart set account_id = :account_id, version = version + 1, updated_at = now() where id = :id"),
        {"id": cart_id, "account_id": account_id},
    )


async def pour_cart(uow: UnitOfWork, source: UUID, target: UUID, max_lines: int) -> None:
    """Add the lines of `source` to `target`, each capped at MAX_QUANTITY, until `target` is full; `source` is gone then."""
    carts = {"source": source, "target": target}
    await sql(uow).execute(
        text(
            f"""
            update cart.line there set quantity = least({MAX_QUANTITY}, there.quantity + here.quantity)
            from cart.line here
            where there.cart_id = :target and here.cart_id = :source and here.variant_id = there.variant_id
            """
        ),
        carts,
    )
    await sql(uow).execute(
        text(
            """
            update cart.line set cart_id = :target where id in (
                select here.id from cart.line here
                where here.cart_id = :source and not exists (
                    select from cart.line there where there.cart_id = :target and there.variant_id = here.variant_id)
                order by here.id
                limit greatest(0, :max_lines - (select count(*) from cart.line where cart_id = :target)))
            """
        ),
        {**carts, "max_lines": max_lines},
    )
    await sql(uow).execute(
        text("update cart.cart set version = version + 1, updated_at = now() where id = :target"), carts
    )
    await sql(uow).execute(text("delete from cart.cart where id = :source"), carts)


async def delete_forgotten_guest_carts(uow: UnitOfWork, days: int, limit: int) -> int:
    """How many were deleted: at most `limit`; carts that somebody changes at this moment are left for the next time."""
    deleted = await sql(uow).execute(
        text(
            """
            delete from cart.cart where id in (
                select id from cart.cart
                where status = 'open' and account_id is null
                    and created_at < now() - make_interval(days => :days)
                    and updated_at < now() - make_interval(days => :days)
                order by created_at limit :limit for update skip locked)
            """
        ),
        {"days": days, "limit": limit},
    )
    return deleted.rowcount


def _lines(rows: Sequence[Row[Any]]) -> list[CartLine]:
    return [CartLine(row.id, row.variant_id, row.quantity) for row in rows]


async def list_carts_of(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """Open and closed ones, oldest first, with what is in them."""
    rows = await sql(uow).execute(
        text(
            """
            select c.id, c.status, c.currency, c.created_at, c.updated_at, c.order_id,
                coalesce(json_agg(json_build_object('variant_id', l.variant_id, 'quantity', l.quantity) order by l.id)
                    filter (where l.id is not null), '[]') as lines
            from cart.cart c left join cart.line l on l.cart_id = c.id
            where c.account_id = :account_id group by c.id order by c.id
            """
        ),
        {"account_id": account_id},
    )
    return [row._asdict() for row in rows]


async def delete_carts_of(uow: UnitOfWork, account_id: UUID) -> None:
    await sql(uow).execute(text("delete from cart.cart where account_id = :account_id"), {"account_id": account_id})
