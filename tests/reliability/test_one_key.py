"""One key, one order: sent a hundred times at once, sent with another body, sent again after a death at each step.

The deaths are met exactly: the test holds the lock on a table that the step is about to write to, waits until the checkout
waits for it, and kills the web server then. The table's lock is the only thing that is arranged; nothing in the shop
knows of these tests.
"""

import asyncio
import contextlib
import functools
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx
import msgspec
import psycopg
import pytest

from tests.reliability.clients import Buyer, Wanted, code_of
from tests.reliability.gates import held, until_waiting
from tests.reliability.harness import BACK_WITHIN, Shop

Call = Callable[[], Awaitable[httpx.Response]]


class Step(msgspec.Struct, frozen=True):
    """`waits_with` is in the statement that waits for `table`; the checkout reaches it after those before it."""

    name: str
    table: str
    waits_with: str
    after: str | None = None
    """The table that the checkout has to be held at first, because an earlier step writes to `table` too."""


STEPS = (
    Step("the key is claimed", "kernel.idempotency", "insert into kernel.idempotency"),
    Step("the order is written", "orders.sales_order", "insert into orders.sales_order"),
    Step("stock is reserved", "inventory.reservation", "insert into inventory.reservation"),
    Step("the payment is opened", "payments.payment", "insert into payments.payment"),
    Step("the cart is closed", "cart.cart", "update cart.cart set status = 'closed'", after="payments.payment"),
    Step("the facts are noted", "kernel.outbox", "insert into kernel.outbox"),
    Step("the provider is asked", "payments.sandbox_charge", "insert into payments.sandbox_charge"),
    Step("the money is booked", "payments.payment", "update payments.payment set status", "payments.sandbox_charge"),
    Step("the order is paid", "orders.sales_order", "update orders.sales_order", after="payments.sandbox_charge"),
    Step("the answer is stored", "kernel.idempotency", "update kernel.idempotency", after="payments.sandbox_charge"),
)


@pytest.fixture
async def variant_id(staff) -> str:
    (found, *_) = await staff.variants()
    await staff.count_stock(found, 1000)
    return found


async def test_a_hundred_checkouts_at_once_with_one_key_make_one_order(client, staff, variant_id):
    buyer = Buyer(client)
    cart = await buyer.fill_cart([(variant_id, 2)])
    answers = await asyncio.gather(*(buyer.check_out_once(cart) for _ in range(100)))

    orders = [answer for answer in answers if answer.status_code == 201]
    refusals = [answer for answer in answers if answer.status_code != 201]
    assert {(each.status_code, code_of(each)) for each in refusals} <= {(409, "in_progress")}
    assert len({answer.content for answer in orders}) == 1
    assert (await buyer.check_out_once(cart)).content == orders[0].content
    await check_one_paid_order(staff, cart, on_hand=998)


async def test_a_key_with_two_bodies_at_once_makes_one_order(client, staff, variant_id):
    buyer = Buyer(client)
    cart = await buyer.fill_cart([(variant_id, 2)])
    bodies = [{}, {"email": "eve@example.com"}] * 10
    answers = await asyncio.gather(*(buyer.check_out_once(cart, **changes) for changes in bodies))

    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    first = next(answer for answer in answers if answer.status_code == 201).json()["email"]
    refused = {cart.email: {"email": "eve@example.com"}}.get(first, {})
    answer = await buyer.check_out_once(cart, **refused)
    assert (answer.status_code, code_of(answer)) == (422, "key_reused")
    assert {(each.status_code, code_of(each)) for each in answers if each.status_code != 201} <= {
        (409, "in_progress"),
        (422, "key_reused"),
    }
    await staff.wait_for_empty_outbox()
    assert await staff.stock(variant_id) == (998, 0)


async def test_calls_at_once_with_keys_of_their_own_make_one_order(client, staff, variant_id):
    buyer = Buyer(client)
    cart = await buyer.fill_cart([(variant_id, 2)])
    attempts = [msgspec.structs.replace(cart, key=f"{cart.key}-{n}") for n in range(30)]
    answers = await asyncio.gather(*(buyer.check_out_once(attempt) for attempt in attempts))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 29}
    assert {code_of(answer) for answer in answers if answer.status_code == 409} == {"cart_closed"}
    await check_one_paid_order(staff, cart, on_hand=998)


async def test_a_death_at_each_step_of_a_checkout_leaves_one_order(shop, client, staff, variant_id, full):
    buyer = Buyer(client)
    carts = []
    for step in STEPS:
        cart = await buyer.fill_cart([(variant_id, 1)])
        await die_at(step, shop, functools.partial(buyer.check_out_once, cart))
        carts.append(cart)
        await eventually_answers(client)
    if not full:
        shop.let_leases_run_out()
    orders = await asyncio.gather(*(buyer.check_out(cart) for cart in carts))

    assert all(order["access_token"] for order in orders)
    await staff.wait_until_paid(orders)
    for cart, order in zip(carts, orders, strict=True):
        (kept,) = await staff.orders_of(cart)
        assert kept["id"] == order["id"]
        assert [payment["status"] for payment in kept["payments"]] == ["captured"]
        assert shop.ask("select status from payments.sandbox_charge where order_id = %s", order["id"]) == [
            ("captured",)
        ]
    await staff.wait_for_empty_outbox()
    assert await staff.stock(variant_id) == (1000 - len(STEPS), 0)
    confirmed = [each["to"] for each in await staff.messages() if each["template"] == "order_confirmation"]
    assert [confirmed.count(cart.email) for cart in carts] == [1] * len(STEPS)


async def test_a_death_before_the_answer_is_kept_adds_nothing_twice(shop, client, variant_id):
    """More of an article adds up, so that nothing but the key tells a repetition from a wish for more."""
    buyer = Buyer(client)
    cart = await buyer.call("POST", "/api/v1/carts")
    path, line = f"/api/v1/carts/{cart['id']}/lines", {"variant_id": variant_id, "quantity": 1}
    step = Step("the answer is stored", "kernel.idempotency", "update kernel.idempotency", after="cart.line")
    adding = functools.partial(client.post, path, json=line, headers={"Idempotency-Key": "once"})
    await die_at(step, shop, adding)
    await eventually_answers(client)
    shop.let_leases_run_out()
    filled = await buyer.call("POST", path, line, key="once")
    assert [each["quantity"] for each in filled["lines"]] == [1]


@pytest.mark.parametrize(
    ("constraint", "table", "changes"),
    [
        ("uq_sales_order_cart_id", "orders.sales_order", "number = 'again', checkout_key = 'another'"),
        ("uq_sales_order_checkout_key", "orders.sales_order", "number = 'again', cart_id = gen_random_uuid()"),
        ("uq_payment_live", "payments.payment", "provider_ref = 'another'"),
        ("uq_message_template", "notifications.message", "order_id = null"),
    ],
    ids=["order of a cart", "order of a key", "living payment of an order", "confirmation of an order"],
)
async def test_the_database_itself_refuses_a_second_one(shop, client, staff, variant_id, constraint, table, changes):
    """Whatever a program does wrong: the row that is there can't be there twice."""
    buyer = Buyer(client)
    await buyer.check_out(await buyer.fill_cart([(variant_id, 1)]))
    await staff.wait_for_empty_outbox()
    with shop.database() as connection:
        connection.execute(f"create temporary table again as select * from {table} order by id desc limit 1")
        connection.execute(f"update again set id = gen_random_uuid(), {changes}")
        with pytest.raises(psycopg.errors.UniqueViolation, match=constraint):
            connection.execute(f"insert into {table} select * from again")


async def check_one_paid_order(staff, cart: Wanted, on_hand: int) -> None:
    (order,) = await staff.orders_of(cart)
    assert (order["status"], len(order["payments"])) == ("paid", 1)
    await staff.wait_for_empty_outbox()
    assert await staff.stock(order["lines"][0]["variant_id"]) == (on_hand, 0)


async def die_at(step: Step, shop: Shop, call: Call) -> None:
    """The web server is killed while `call` stands before `step`; its client gets no answer."""
    with contextlib.ExitStack() as stack:
        if step.after is None:
            holder = stack.enter_context(held(shop, step.table))
            calling = asyncio.create_task(call())
        else:
            with held(shop, step.after) as first:
                calling = asyncio.create_task(call())
                await until_waiting(shop, first, f"insert into {step.after}", calling)
                holder = stack.enter_context(held(shop, step.table))
        await until_waiting(shop, holder, step.waits_with, calling)
        shop.kill_all("web worker")
        with pytest.raises(httpx.TransportError):
            await calling


async def eventually_answers(client: httpx.AsyncClient) -> None:
    """Until the web server is back, by its own means."""
    deadline = time.monotonic() + BACK_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/healthz")).status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the web server did not come back")
