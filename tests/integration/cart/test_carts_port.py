"""What the cart answers to other modules, and how it locks."""

import asyncio
from uuid import uuid4

import pytest

from shop.contracts.cart import CartClosed, CartNotFound, Carts
from shop.kernel.db import read, write
from shop.kernel.ports import port
from tests.factories.cart import CARTS, add_line, make_cart
from tests.waiting import until_locked_out


async def test_a_cart_is_given_with_its_lines(client, goods):
    mug, cup = goods.add("Mug"), goods.add("Cup")
    cart = await make_cart(client, (mug, 2), (cup, 1))
    found = await read(port(Carts).get_cart, cart["id"])
    assert (found.token, found.currency, found.account_id, found.version) == (cart["id"], "EUR", None, 3)
    assert [(line.variant_id, line.quantity) for line in found.lines] == [(mug, 2), (cup, 1)]
    assert await write(port(Carts).lock_cart, cart["id"]) == found


@pytest.mark.parametrize("token", ["", "no", "B" * 32, "\x00"])
async def test_an_unknown_cart_is_not_found(db, token):
    for ask in (port(Carts).get_cart, port(Carts).lock_cart):
        with pytest.raises(CartNotFound):
            await write(ask, token)


async def test_a_cart_becomes_one_order_only(client, goods):
    cart = await read(port(Carts).get_cart, (await make_cart(client))["id"])
    await write(port(Carts).close_cart, cart.id, uuid4())
    with pytest.raises(CartClosed):
        await write(port(Carts).close_cart, cart.id, uuid4())
    for ask in (port(Carts).get_cart, port(Carts).lock_cart):
        with pytest.raises(CartClosed):
            await write(ask, cart.token)


async def test_of_many_orders_at_once_one_gets_the_cart(client, goods):
    cart = await read(port(Carts).get_cart, (await make_cart(client))["id"])
    outcomes = await asyncio.gather(
        *[write(port(Carts).close_cart, cart.id, uuid4()) for _ in range(8)], return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CartClosed"] * 7 + ["NoneType"]


async def test_a_locked_cart_is_not_changed_and_what_comes_after_finds_it_closed(client, goods):
    mug = goods.add("Mug")
    cart = await make_cart(client, (mug, 1))
    locked, go_on = asyncio.Event(), asyncio.Event()

    async def order(uow) -> None:
        contents = await port(Carts).lock_cart(uow, cart["id"])
        locked.set()
        await go_on.wait()
        assert await port(Carts).lock_cart(uow, cart["id"]) == contents
        await port(Carts).close_cart(uow, contents.id, uuid4())

    ordering = asyncio.create_task(write(order))
    await locked.wait()
    adding = asyncio.create_task(add_line(client, cart["id"], mug, 1))
    await until_locked_out()
    assert not adding.done()
    go_on.set()
    await ordering
    assert (await adding).json()["code"] == "cart_closed"


async def test_who_waited_for_the_lock_sees_the_lines_of_after_the_wait(client, goods):
    mug, cup = goods.add("Mug"), goods.add("Cup")
    cart = await make_cart(client, (mug, 1))
    locked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(uow) -> None:
        await port(Carts).lock_cart(uow, cart["id"])
        locked.set()
        await go_on.wait()

    holding = asyncio.create_task(write(hold))
    await locked.wait()
    adding = asyncio.create_task(add_line(client, cart["id"], cup, 1))
    await until_locked_out()
    ordering = asyncio.create_task(write(port(Carts).lock_cart, cart["id"]))
    await until_locked_out(2)
    go_on.set()
    await holding
    assert (await adding).status_code == 201
    assert [line.variant_id for line in (await ordering).lines] == [mug, cup]


async def test_the_id_in_a_path_is_masked_in_logs():
    from shop.kernel.redaction import redacted

    token = "abcdefghijklmnopqrstuvwxyz012345"
    assert token not in redacted(f"{CARTS}/{token}/lines")
