"""Carts that guests left behind are deleted, and no others."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from shop.contracts.cart import Carts
from shop.kernel.db import read, sql, write
from shop.kernel.ports import port
from shop.modules.cart import jobs
from shop.modules.cart.service.change_cart import create_cart


async def opened(days_ago: int, touched_days_ago: int, account_id=None, *, ordered: bool = False) -> str:
    cart = await write(create_cart, account_id)

    async def age(uow) -> None:
        if ordered:
            found = await port(Carts).get_cart(uow, cart.id)
            await port(Carts).close_cart(uow, found.id, uuid4())
        await sql(uow).execute(
            text("update cart.cart set created_at = now() - :made, updated_at = now() - :touched where token = :token"),
            {"made": timedelta(days=days_ago), "touched": timedelta(days=touched_days_ago), "token": cart.id},
        )

    await write(age)
    return cart.id


async def tokens(uow) -> set[str]:
    return set((await sql(uow).execute(text("select token from cart.cart"))).scalars())


async def test_only_guests_open_carts_untouched_for_ninety_days_go(db, goods, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        await opened(91, 91)
    kept = {
        await opened(89, 89),
        await opened(200, 5),
        await opened(200, 200, account_id=uuid4()),
        await opened(200, 200, ordered=True),
    }
    await jobs.forget_guest_carts()
    assert await read(tokens) == kept
