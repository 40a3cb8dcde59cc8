"""A guest signs in: one cart is left, and nothing in it is lost."""

from uuid import uuid4

import pytest

from shop.contracts.cart import CartNotFound, Carts
from shop.contracts.identity import AccountId, SignInStep
from shop.kernel.db import read, write
from shop.kernel.ports import port, ports
from shop.modules.cart.service.change_cart import add_line, create_cart


async def cart_with(*lines, account_id=None, currency="EUR"):
    async def fill(uow):
        cart = await create_cart(uow, account_id, currency)
        for variant_id, quantity in lines:
            cart = await add_line(uow, cart.id, variant_id, quantity)
        return cart.id

    return await write(fill)


async def sign_in(account_id, session):
    await write(ports(SignInStep)["cart"].when_signed_in, account_id, session)
    return session


async def contents(token):
    cart = await read(port(Carts).get_cart, token)
    return cart.account_id, {line.variant_id: line.quantity for line in cart.lines}


@pytest.fixture
def account_id():
    return AccountId(uuid4())


async def test_a_guests_cart_becomes_the_accounts(db, goods, account_id):
    mug = goods.add()
    token = await cart_with((mug, 2))
    assert await sign_in(account_id, {"cart": token}) == {"cart": token}
    assert await contents(token) == (account_id, {mug: 2})


async def test_two_carts_become_one_whose_quantities_add_up(db, goods, account_id):
    mug, cup, bowl = goods.add("Mug", available=2000), goods.add("Cup"), goods.add("Bowl")
    kept = await cart_with((mug, 600), (cup, 1), account_id=account_id)
    guests = await cart_with((mug, 500), (bowl, 3))
    assert await sign_in(account_id, {"cart": guests, "other": 1}) == {"cart": kept, "other": 1}
    assert await contents(kept) == (account_id, {mug: 999, cup: 1, bowl: 3})
    with pytest.raises(CartNotFound):
        await read(port(Carts).get_cart, guests)


async def test_a_merged_cart_holds_no_more_lines_than_a_cart_may(db, goods, account_id):
    kept = await cart_with(*[(goods.add(), 1) for _ in range(60)], account_id=account_id)
    guests = await cart_with(*[(goods.add(), 1) for _ in range(60)])
    await sign_in(account_id, {"cart": guests})
    assert len((await contents(kept))[1]) == 100


async def test_without_a_cart_the_accounts_newest_one_comes_back(db, goods, account_id):
    await cart_with((goods.add(), 1), account_id=account_id)
    newest = await cart_with((goods.add(), 1), account_id=account_id)
    assert await sign_in(account_id, {}) == {"cart": newest}


async def test_who_has_no_cart_at_all_gets_none(db, goods, account_id):
    assert await sign_in(account_id, {"cart": "A" * 32}) == {}
    assert await sign_in(account_id, {"cart": {"not": "a token"}}) == {}


async def test_a_cart_in_another_currency_stays_as_it_is(db, goods, account_id):
    mug, cup = goods.add("Mug"), goods.add("Cup")
    goods.amounts[cup, "USD"] = 500
    kept = await cart_with((mug, 1), account_id=account_id)
    guests = await cart_with((cup, 1), currency="USD")
    assert await sign_in(account_id, {"cart": guests}) == {"cart": guests}
    assert await contents(guests) == (None, {cup: 1})
    assert await contents(kept) == (account_id, {mug: 1})


async def test_a_cart_of_another_account_is_never_taken_over(db, goods, account_id):
    mug, somebody = goods.add(), AccountId(uuid4())
    theirs = await cart_with((mug, 1), account_id=somebody)
    assert await sign_in(account_id, {"cart": theirs}) == {}
    assert await contents(theirs) == (somebody, {mug: 1})


async def test_a_cart_that_became_an_order_is_left_alone(db, goods, account_id):
    ordered = await cart_with((goods.add(), 1))
    cart = await read(port(Carts).get_cart, ordered)
    await write(port(Carts).close_cart, cart.id, uuid4())
    assert await sign_in(account_id, {"cart": ordered}) == {}


async def test_signing_in_twice_changes_nothing_more(db, goods, account_id):
    mug = goods.add()
    token = await cart_with((mug, 2))
    for _ in range(2):
        await sign_in(account_id, {"cart": token})
    assert await contents(token) == (account_id, {mug: 2})
