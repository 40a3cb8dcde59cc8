"""SQL of what orders hold on persons. Erased are name, street, town, e-mail address and phone; the sums, the country, the
region and the beginning of the postal code stay, as the books and the tax need them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.contracts.orders import Addresses, OrderId
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

OF_PERSON: Final = """
    (o.account_id = :account_id or (o.account_id is null and lower(o.email) = lower(:email)
        and o.created_at <= coalesce(cast(:until as timestamptz), 'infinity')))
"""
"""ix_sales_order_account_id and ix_sales_order_email."""


class Buyer(msgspec.Struct, frozen=True):
    """What one order tells of who bought it."""

    id: OrderId
    addresses: Addresses


async def find_orders_of(
    uow: UnitOfWork, account_id: UUID | None, email: str | None, until: datetime | None
) -> list[OrderId]:
    """Of the account, and those placed under the address by guests."""
    rows = await sql(uow).execute(
        text(f"select o.id from orders.sales_order o where {OF_PERSON} order by o.id"),
        {"account_id": account_id, "email": email, "until": until},
    )
    return [OrderId(row.id) for row in rows]


async def find_numbers(uow: UnitOfWork, ids: Sequence[UUID], statuses: Sequence[str]) -> list[str]:
    """Of those among `ids` that are in one of `statuses`."""
    rows = await sql(uow).execute(
        text("select number from orders.sales_order where id = any(:ids) and status = any(:statuses) order by id"),
        {"ids": list(ids), "statuses": list(statuses)},
    )
    return [row.number for row in rows]


async def lock_buyers(uow: UnitOfWork, ids: Sequence[UUID]) -> list[Buyer]:
    rows = await sql(uow).execute(
        text(
            "select id, addresses::text as addresses from orders.sales_order where id = any(:ids) order by id for update"
        ),
        {"ids": list(ids)},
    )
    return [Buyer(row.id, msgspec.json.decode(row.addresses, type=Addresses)) for row in rows]


async def set_buyer(uow: UnitOfWork, order_id: OrderId, email: str, addresses: Addresses, access_token: str) -> None:
    """The order belongs to no account any more, and links to it in mails lead nowhere."""
    await sql(uow).execute(
        text(
            "update orders.sales_order set account_id = null, email = :email, addresses = cast(:addresses as jsonb),"
            " access_token = :access_token where id = :id"
        ),
        {
            "id": order_id,
            "email": email,
            "addresses": msgspec.json.encode(addresses).decode(),
            "access_token": access_token,
        },
    )


async def find_recent(uow: UnitOfWork, ids: Sequence[UUID], since: datetime) -> list[OrderId]:
    """Those among `ids` placed since then."""
    rows: Any = await sql(uow).execute(
        text("select id from orders.sales_order where id = any(:ids) and created_at >= :since"),
        {"ids": list(ids), "since": since},
    )
    return [OrderId(row.id) for row in rows]
