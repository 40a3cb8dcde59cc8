"""One key, one order: sent at once, sent again, sent after a death at any step."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text

from shop.contracts.cart import Carts
from shop.contracts.inventory import Reservations
from shop.contracts.payments import Payments
from shop.kernel.db import sql, write
from shop.kernel.ports import overridden, port
from tests.factories.catalog import make_product
from tests.factories.inventory import counts_of
from tests.factories.orders import cart_of, check_out, checkout_body, count_orders, get_order

pytestmark = pytest.mark.usefixtures("shop")


class DiesAt:
    """A port that raises before or after doing what `step` is."""

    def __init__(self, real, step, *, afterwards):
        self._real, self._step, self._afterwards = real, step, afterwards

    def __getattr__(self, name):
        real = getattr(self._real, name)
        if name != self._step:
            return real

        async def dying(*args, **kwargs):
            if self._afterwards:
                await real(*args, **kwargs)
            raise ProcessKilled

        return dying


class ProcessKilled(BaseException):
    """Nothing after this runs: not even an `except Exception`."""


async def let_leases_run_out():
    async def age(uow):
        await sql(uow).execute(text("update kernel.idempotency set leased_until = now() - interval '1 second'"))

    await write(age)


async def forget_keys():
    async def forget(uow):
        await sql(uow).execute(text("delete from kernel.idempotency"))

    await write(forget)


async def test_the_same_call_again_gets_the_same_answer(client):
    cart = await cart_of(client)
    first = await check_out(client, cart, key="once")
    again = await check_out(client, cart, key="once")
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (201, first.content)
    assert await count_orders() == 1


async def test_the_key_with_another_body_is_refused(client):
    cart = await cart_of(client)
    await check_out(client, cart, key="once")
    answer = await check_out(client, cart, key="once", email="eve@example.com")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert await count_orders() == 1


async def test_another_key_on_a_closed_cart_is_refused(client):
    cart = await cart_of(client)
    await check_out(client, cart, key="once")
    answer = await check_out(client, cart, key="twice")
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_closed")
    assert await count_orders() == 1


async def test_one_hundred_calls_at_once_with_one_key_make_one_order(client):
    mug = await make_product(stock=300)
    cart = await cart_of(client, (mug, 2))
    body = checkout_body(cart)
    answers = await asyncio.gather(*(check_out(client, cart, body, key="once") for _ in range(100)))
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"in_progress"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await count_orders() == 1
    assert await counts_of(mug.variant_id) == (300, 2)


async def test_calls_at_once_with_keys_of_their_own_make_one_order(client):
    mug = await make_product(stock=300)
    cart = await cart_of(client, (mug, 2))
    answers = await asyncio.gather(*(check_out(client, cart, key=f"key-{n}") for n in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"cart_closed"}
    assert await count_orders() == 1
    assert await counts_of(mug.variant_id) == (300, 2)


@pytest.mark.parametrize(
    ("protocol", "step"),
    [(Reservations, "reserve"), (Payments, "open_payments"), (Carts, "close_cart")],
    ids=["reserve", "open payment", "close cart"],
)
async def test_a_death_before_the_commit_keeps_nothing(client, protocol, step):
    mug = await make_product(stock=10)
    cart = await cart_of(client, (mug, 2))
    with overridden(protocol, DiesAt(port(protocol), step, afterwards=True)), pytest.raises(ProcessKilled):
        await check_out(client, cart, key="once")
    assert await count_orders() == 0
    assert await counts_of(mug.variant_id) == (10, 0)
    assert (await check_out(client, cart, key="once")).status_code == 201


@pytest.mark.parametrize("afterwards", [False, True], ids=["before the provider", "after the provider"])
@pytest.mark.parametrize("remembered", [True, False], ids=["lease ran out", "key forgotten"])
async def test_a_death_around_the_provider_is_finished_by_the_same_key(client, afterwards, remembered):
    mug = await make_product(stock=10)
    cart = await cart_of(client, (mug, 2))
    dying = DiesAt(port(Payments), "process_order", afterwards=afterwards)
    with overridden(Payments, dying), pytest.raises(ProcessKilled):
        await check_out(client, cart, key="once")
    assert await count_orders() == 1
    await (let_leases_run_out() if remembered else forget_keys())
    answer = await check_out(client, cart, key="once")
    order = answer.json()
    assert (answer.status_code, order["status"], len(order["payments"])) == (201, "paid", 1)
    assert order["access_token"]
    assert await count_orders() == 1
    assert await counts_of(mug.variant_id) == (10, 2)


async def test_after_a_death_another_key_still_finds_the_cart_closed(client):
    cart = await cart_of(client)
    dying = DiesAt(port(Payments), "process_order", afterwards=False)
    with overridden(Payments, dying), pytest.raises(ProcessKilled):
        await check_out(client, cart, key="once")
    answer = await check_out(client, cart, key="twice")
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_closed")


async def test_a_provider_that_breaks_leaves_the_order_standing(client):
    class Breaks(DiesAt):
        def __getattr__(self, name):
            if name != "process_order":
                return getattr(self._real, name)

            async def breaking(_payment_id):
                raise RuntimeError("the provider's client has a bug")

            return breaking

    cart = await cart_of(client)
    with overridden(Payments, Breaks(port(Payments), "process_order", afterwards=False)):
        answer = await check_out(client, cart)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending_payment")
    assert (await get_order(client, answer.json()))["status"] == "pending_payment"
