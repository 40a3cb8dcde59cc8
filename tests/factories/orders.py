"""Orders for tests, placed through the API as any client would.

shop = await open_shop()                        # delivery to DE and FR, taxes, and nothing else
mug = await make_product(price=1999, stock=8)
cart = await make_cart(client, (mug.variant_id, 2))
answer = await place(client, cart)              # 201
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from shop.kernel.db import sql, write
from shop.kernel.uow import UnitOfWork
from tests.factories.cart import CARTS, make_cart
from tests.factories.catalog import MadeProduct, make_product

ORDERS = "/api/v1/orders"
ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "Unter den Linden 5",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
STANDARD, EXPRESS = 490, 990
"""What the two ways of delivery cost, tax included."""


async def open_shop() -> None:
    """Delivery to DE and FR, standard and express, in EUR and USD; 19 % tax in DE, 20 % in FR."""
    await write(_open)


async def _open(uow: UnitOfWork) -> None:
    zone = uuid4()
    await sql(uow).execute(
        text(
            "insert into shipping.zone (id, code, label, countries, position) values (:id, 'z', 'Here', '{DE,FR}', 1)"
        ),
        {"id": zone},
    )
    for code, label, amount in (("standard", "Standard", STANDARD), ("express", "Express", EXPRESS)):
        method = uuid4()
        await sql(uow).execute(
            text(
                "insert into shipping.method (id, zone_id, code, label, delivery_min_days, delivery_max_days)"
                " values (:id, :zone, :code, :label, 1, 3)"
            ),
            {"id": method, "zone": zone, "code": code, "label": label},
        )
        for currency in ("EUR", "USD"):
            await sql(uow).execute(
                text(
                    "insert into shipping.rate (method_id, currency, max_weight_grams, min_items_total, amount)"
                    " values (:method, :currency, 100000, 0, :amount)"
                ),
                {"method": method, "currency": currency, "amount": amount},
            )
    for country, rate in (("DE", "0.19"), ("FR", "0.20")):
        await sql(uow).execute(
            text(
                "insert into pricing.tax_rate (country, tax_class, rate, valid_from)"
                " values (:country, 'standard', cast(:rate as numeric), '2000-01-01')"
            ),
            {"country": country, "rate": rate},
        )


async def cart_of(client: httpx.AsyncClient, *lines: tuple[MadeProduct, int], **body: Any) -> dict[str, Any]:
    """An open cart; without lines it holds two of a new mug for 19.99."""
    wanted = lines or ((await make_product(title="Mug", price=1999, stock=10), 2),)
    return await make_cart(client, *((product.variant_id, quantity) for product, quantity in wanted), **body)


def checkout_body(
    cart: Mapping[str, Any], token: str = "ok", shipping: int = STANDARD, **changes: Any
) -> dict[str, Any]:
    """What a client sends that believes the totals of its cart."""
    items = cart["totals"]["items"]
    body = {
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard" if shipping == STANDARD else "express",
        "payment": {"provider": "sandbox", "token": token},
        "expected_total": {"amount": items["amount"] + shipping, "currency": items["currency"]},
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


async def check_out(
    client: httpx.AsyncClient,
    cart: Mapping[str, Any],
    body: Any = None,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    **changes: Any,
) -> httpx.Response:
    return await client.post(
        f"{CARTS}/{cart['id']}/checkout",
        json=checkout_body(cart, **changes) if body is None else body,
        headers={"Idempotency-Key": key or str(uuid4()), **(headers or {})},
    )


async def place(client: httpx.AsyncClient, *lines: tuple[MadeProduct, int], **changes: Any) -> dict[str, Any]:
    """An order as checkout answers it; paid, unless the token says otherwise."""
    answer = await check_out(client, await cart_of(client, *lines), **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


def opened_by(order: Mapping[str, Any]) -> dict[str, str]:
    """The header with which its buyer sees an order."""
    return {"Order-Token": order["access_token"]}


async def get_order(client: httpx.AsyncClient, order: Mapping[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"{ORDERS}/{order['id']}", headers=opened_by(order))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pay_again(
    client: httpx.AsyncClient, order: Mapping[str, Any], token: str = "ok", *, key: str | None = None
) -> httpx.Response:
    return await client.post(
        f"{ORDERS}/{order['id']}/payments",
        json={"provider": "sandbox", "token": token},
        headers={"Idempotency-Key": key or str(uuid4()), **opened_by(order)},
    )


async def count_orders() -> int:
    async def count(uow: UnitOfWork) -> int:
        return (await sql(uow).execute(text("select count(*) from orders.sales_order"))).scalar_one()

    return await write(count)


async def status_of(order_id: str | UUID) -> str:
    async def find(uow: UnitOfWork) -> str:
        return (
            await sql(uow).execute(text("select status from orders.sales_order where id = :id"), {"id": str(order_id)})
        ).scalar_one()

    return await write(find)
