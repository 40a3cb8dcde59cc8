"""Two hundred buyers at once for fifty units: fifty get one, the others are told so, and nothing else happens."""

import asyncio
from collections import Counter

from tests.reliability.clients import Buyer, code_of

BUYERS, UNITS = 200, 50


async def test_no_more_is_sold_than_there_is(client, staff, full):
    (variant_id, *_) = await staff.variants()
    buyer = Buyer(client)
    for _ in range(20 if full else 2):
        await staff.count_stock(variant_id, UNITS)
        carts = await asyncio.gather(*(buyer.fill_cart([(variant_id, 1)]) for _ in range(BUYERS)))
        answers = await asyncio.gather(*(buyer.check_out_once(cart) for cart in carts))

        sold = [answer.json() for answer in answers if answer.status_code == 201]
        refusals = [answer for answer in answers if answer.status_code != 201]
        assert Counter((each.status_code, code_of(each)) for each in refusals) == {(409, "out_of_stock"): 150}
        assert {each["available"] for refusal in refusals for each in refusal.json()["lines"]} == {0}
        assert Counter(order["status"] for order in sold) == {"paid": UNITS}
        await staff.wait_for_empty_outbox()
        assert await staff.stock(variant_id) == (0, 0)
    assert not buyer.retries, "a cart could not be filled at the first go"


async def test_buyers_of_the_same_goods_in_opposite_order_all_get_them(client, staff, full):
    """Their orders lock the same rows of stock; none may be refused or fail because of that."""
    variants = (await staff.variants())[:6]
    buyers = 100 if full else 30
    for variant_id in variants:
        await staff.count_stock(variant_id, buyers)
    there = [(variant_id, 1) for variant_id in variants]
    buyer = Buyer(client)
    carts = await asyncio.gather(*(buyer.fill_cart(there if n % 2 else there[::-1]) for n in range(buyers)))
    answers = await asyncio.gather(*(buyer.check_out_once(cart) for cart in carts))
    assert Counter(answer.status_code for answer in answers) == {201: buyers}
    await staff.wait_for_empty_outbox()
    assert [await staff.stock(variant_id) for variant_id in variants] == [(0, 0)] * len(variants)
