"""A hundred refunds asked for at once over HTTP, of an order that was paid through Stripe's own client: the gateway's log and
ours agree on each, and together they are no more than was captured."""

import asyncio
from collections import Counter

import pytest

from shop.kernel.db import read
from shop.modules.payments.jobs import settle_open_refunds
from shop.modules.payments.ports import STRIPE
from shop.modules.payments.repository import refunds
from tests.factories.back_office import DESK, member
from tests.factories.orders import get_order, open_shop, place
from tests.factories.payments import get_intent, refunds_fall_due, scalar

pytestmark = pytest.mark.usefixtures("db")
TOTAL = 2 * 1999 + 490
PART = 100
FIT = TOTAL // PART


@pytest.fixture
async def gateway_of_shop(stripe_fake):
    yield stripe_fake
    await STRIPE.aclose()


@pytest.fixture
async def desk(client):
    await open_shop()
    return await member(client, "desk", *DESK)


@pytest.fixture(params=["well", "badly"])
async def order(request, client, desk, gateway_of_shop):
    """Paid. From then on the network is as the test's name says."""
    made = await place(client, payment={"provider": "stripe", "token": "pm_card_visa"})
    assert made["status"] == "paid", made
    if request.param == "badly":
        await gateway_of_shop.control("faults", rules="usual", hang_seconds=1, seed=3)
    return made


async def test_a_hundred_over_http_give_back_no_more_than_was_captured(client, desk, order, gateway_of_shop):
    wish = {"amount": {"amount": PART, "currency": "EUR"}, "reason": "Broken"}
    way = f"orders/{order['id']}/refunds"
    answers = await asyncio.gather(*(desk("POST", way, wish, key=f"refund-{number}") for number in range(100)))
    seen = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert seen == {(201, None): FIT, (409, "refund_too_large"): 100 - FIT}
    await all_decided()

    ours = await refunds_of(order)
    theirs = refunds_at(gateway_of_shop)
    assert theirs == {str(each.id): PART for each in ours}
    assert {each["id"] for answer in answers if answer.status_code == 201 for each in answer.json()["items"]} == set(
        theirs
    )
    payment = order["payments"][0]["id"]
    told = gateway_of_shop.state()["payments"][payment]
    intent = await get_intent(payment)
    assert (told["captured"], told["refunds"], told["refunded"]) == (TOTAL, FIT, FIT * PART)
    assert (intent.captured_amount, intent.refunded_amount) == (TOTAL, FIT * PART)
    assert (await get_order(client, order))["refunded"] == {"amount": FIT * PART, "currency": "EUR"}


async def test_the_same_hundred_again_are_the_same(desk, order, gateway_of_shop):
    wish = {"amount": {"amount": PART, "currency": "EUR"}, "reason": "Broken"}
    keys = [f"refund-{number % 10}" for number in range(100)]
    await asyncio.gather(*(desk("POST", f"orders/{order['id']}/refunds", wish, key=key) for key in keys))
    await all_decided()
    assert refunds_at(gateway_of_shop) == {str(each.id): PART for each in await refunds_of(order)}
    assert len(await refunds_of(order)) == 10


async def all_decided():
    """Returns when no refund is under way any more."""
    for _ in range(20):
        await refunds_fall_due()
        await settle_open_refunds()
        if not await scalar("select count(*) from payments.refund where status = 'pending'"):
            return
    raise AssertionError("refunds are still under way")


async def refunds_of(order):
    """Ours, all of them done."""
    made = await read(refunds.list_of_order, order["id"])
    assert {each.status for each in made} == {"done"}
    return made


def refunds_at(gateway):
    """What the gateway's log says was given back, by our name of it; each once, whatever was asked for again."""
    made = [
        row for row in gateway.log() if row["path"] == "/v1/refunds" and row["method"] == "POST" and not row["replayed"]
    ]
    assert {row["status"] for row in made} == {200}
    amounts = {row["params"]["metadata"]["refund_id"]: int(row["params"]["amount"]) for row in made}
    assert len(made) == len(amounts)
    return amounts
