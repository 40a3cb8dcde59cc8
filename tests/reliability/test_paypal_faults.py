"""The same through PayPal, whose buyers approve on its own site and often don't come back: answers lost after success,
errors after success, requests that hang, webhooks that never come, come twice, early, or from somebody else.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.fakes.paypal_api.process import PayPalFake
from tests.reliability.clients import Staff, new_client
from tests.reliability.gateways import STOCK, payments_of, place_orders, settled, shop_records
from tests.reliability.harness import Shop, open_shop

FAULTS = {"lost_answer": 0.1, "error_after": 0.05, "hang": 0.02, "expired_token": 0.01}
WEBHOOKS = {"doubled": 0.2, "early": 0.1, "forged": 0.05, "dropped": 0.1}
TURNS_BACK = 10
"""One of so many buyers never approves."""
KNOWN_WITHIN = 900.0  # seconds for all of them; each is looked up, and then taken
UNDER_WAY = ("pending", "authorized")


class Scale(msgspec.Struct, frozen=True):
    orders: int
    hang_seconds: float


@pytest.fixture(scope="package")
def scale(full: bool) -> Scale:
    return Scale(2000, 30) if full else Scale(60, 3)


@pytest.fixture(scope="module")
async def paypal_of_shop() -> AsyncIterator[PayPalFake]:
    fake = PayPalFake()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="module")
async def paypal_shop(paypal_of_shop: PayPalFake, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("paypal-shop")
    with open_shop(folder, paypal_of_shop.settings) as running:
        await paypal_of_shop.register_webhook(f"{running.url}/webhooks/paypal")
        yield running


@pytest.fixture
async def buyers(paypal_shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(paypal_shop) as made:
        yield made


@pytest.fixture
async def auditor(paypal_shop: Shop) -> AsyncIterator[Staff]:
    async with new_client(paypal_shop) as made:
        member = Staff(made)
        await member.sign_in()
        yield member


async def test_what_buyers_approve_is_taken_once_whatever_gets_lost(
    paypal_shop: Shop, paypal_of_shop: PayPalFake, buyers: httpx.AsyncClient, auditor: Staff, scale: Scale
):
    variants = (await auditor.variants())[:4]
    for variant_id in variants:
        await auditor.count_stock(variant_id, STOCK)
    await paypal_of_shop.control(seed=11, hang_seconds=scale.hang_seconds, faults=FAULTS, webhooks=WEBHOOKS)
    began = time.monotonic()
    placed = await place_orders(buyers, variants, [{"provider": "paypal"}] * scale.orders)
    took = time.monotonic() - began
    mine = payments_of(placed)
    assert len(mine) == scale.orders

    willing = {payment_id for number, payment_id in enumerate(sorted(mine)) if number % TURNS_BACK}
    await approve(paypal_shop, paypal_of_shop, willing)
    await settled(paypal_shop, UNDER_WAY)
    await auditor.wait_for_empty_outbox(600)

    assert (await paypal_of_shop.deliveries())["refused"] > 0
    assert paypal_shop.ask("select 1 from payments.provider_event where event_id like 'WH-FORGED-%%'") == []

    ours = {payment_id: each for payment_id, each in shop_records(paypal_shop, "paypal").items() if payment_id in mine}
    theirs = (await paypal_of_shop.state())["by_custom_id"]
    faults = Counter(call["fault"] for call in await paypal_of_shop.log() if call["fault"])
    print(
        f"{scale.orders} checkouts in {took:.0f} s; faults {dict(faults)}; {Counter(p['status'] for p in ours.values())}"
    )
    assert sum(faults.values()) >= scale.orders * 0.1
    assert set(theirs) == mine
    assert {pid for pid, told in theirs.items() if len(told["orders"]) != 1 or len(told["captures"]) > 1} == set()
    taken = {pid: captured_of(told["captures"]) for pid, told in theirs.items() if told["captures"]}
    assert set(taken) == willing
    assert taken == {pid: each["captured"] for pid, each in ours.items() if each["captured"]}
    assert {pid for pid, each in ours.items() if each["order_status"] == "paid"} == willing
    assert {ours[pid]["status"] for pid in mine - willing} == {"requires_action"}
    assert {pid: each["ref"] for pid, each in ours.items()} == {
        pid: told["orders"][0]["id"] for pid, told in theirs.items()
    }


async def approve(shop: Shop, paypal: PayPalFake, willing: set[str]) -> None:
    """Each buyer says yes as soon as the shop has somewhere to send them, and goes away; returns when the shop knows."""
    approved: set[str] = set()
    deadline = time.monotonic() + KNOWN_WITHIN
    while True:
        records = shop_records(shop, "paypal")
        for payment_id in willing - approved:
            if records[payment_id]["status"] == "requires_action":
                await paypal.approve(records[payment_id]["ref"])
                approved.add(payment_id)
        waiting = [pid for pid in willing if records[pid]["status"] in {"pending", "requires_action"}]
        if not waiting:
            return
        assert time.monotonic() < deadline, f"the shop doesn't know of {len(waiting)} approvals"
        await asyncio.sleep(2)
        if approved == willing:  # what else waits would be looked up every time
            shop.let_leases_run_out()


def captured_of(captures: list[dict[str, str]]) -> int:
    """Minor units, of those that stand."""
    return int(sum(Decimal(each["value"]) for each in captures if each["status"] == "COMPLETED") * 100)
