"""Wake-ups that are lost with Valkey's memory, and a worker that dies with its hands full: the sweep finds the events
again, and each has its effect once."""

import asyncio
import time
from collections import Counter

from tests.reliability.clients import Buyer
from tests.reliability.gates import held, until_waiting

ORDERS = 20


async def test_events_whose_wake_ups_are_lost_are_handled_by_the_sweep(shop, client, staff, full):
    (variant_id, *_) = await staff.variants()
    await staff.count_stock(variant_id, ORDERS)
    buyer = Buyer(client)
    shop.freeze("worker")
    try:
        carts = await asyncio.gather(*(buyer.fill_cart([(variant_id, 1)]) for _ in range(ORDERS)))
        await asyncio.gather(*(buyer.check_out(cart) for cart in carts))
        await until_all_woken(shop)
        shop.flush_valkey()
    finally:
        shop.thaw("worker")
    if not full:
        shop.let_leases_run_out()
    await staff.wait_for_empty_outbox()
    assert await staff.stock(variant_id) == (0, 0)
    confirmed = Counter(each["to"] for each in await staff.messages() if each["template"] == "order_confirmation")
    assert [confirmed[cart.email] for cart in carts] == [1] * ORDERS


async def test_a_mail_whose_worker_dies_while_writing_it_goes_out_once(shop, client, staff, full):
    (variant_id, *_) = await staff.variants()
    await staff.count_stock(variant_id, 1)
    buyer = Buyer(client)
    shop.freeze("worker")
    try:
        cart = await buyer.fill_cart([(variant_id, 1)])
        await buyer.check_out(cart)
        with held(shop, "orders.sales_order", "access exclusive") as holder:
            shop.thaw("worker")
            await until_waiting(shop, holder, "select o.id, o.number", seconds=30)
            shop.kill_all("worker")
    finally:
        shop.thaw("worker")
    if not full:
        shop.let_leases_run_out()
    took = await staff.wait_for_empty_outbox()
    print(f"outbox empty {took:.1f} s after the death")
    assert [(each["template"], each["status"]) for each in await staff.messages_to(cart)] == [
        ("order_confirmation", "captured")
    ]


async def until_all_woken(shop) -> None:
    """Until the relay has sent a message for each event; no worker takes them, so they lie in Valkey alone."""
    deadline = time.monotonic() + 20
    while shop.ask("select count(*) from kernel.outbox where wake_ups = 0 or due_at <= now()") != [(0,)]:
        assert time.monotonic() < deadline, "the relay has not sent a wake-up for each event"
        await asyncio.sleep(0.05)
    assert shop.ask("select count(*) >= %s from kernel.outbox", ORDERS) == [(True,)]
