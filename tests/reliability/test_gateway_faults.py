"""Checkouts through a payment gateway over a bad network: answers lost after success, errors after success, requests that
hang. The gateway keeps its books in a file of its own, and in the end they and the shop's say the same, payment by payment.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.fakes.stripe_api.process import StripeFake
from tests.reliability.clients import Staff, new_client
from tests.reliability.gateways import OPEN, STOCK, payments_of, place_orders, settled, shop_records
from tests.reliability.harness import Shop, open_shop

CARDS = (*["pm_card_visa"] * 8, "pm_card_visa_chargeDeclined", "pm_card_mastercard")
WITH_3DS = "pm_card_threeDSecure2Required"

MANNERS = {"double": 0.2, "early": 0.1, "forge": 0.05}
"""Shares of webhooks that come twice, before the answer they tell of, and from somebody else."""


class Scale(msgspec.Struct, frozen=True):
    orders: int
    hang_seconds: float
    confirmed: int
    """Orders whose buyers confirm at their bank and never come back: only webhooks tell."""
    shuffle_seconds: float


@pytest.fixture(scope="package")
def scale(full: bool) -> Scale:
    return Scale(2000, 30, 1800, 10) if full else Scale(120, 3, 60, 2)


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StripeFake]:
    fake = StripeFake(tmp_path_factory.mktemp("gateway") / "books.sqlite")
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="module")
async def stripe_shop(gateway: StripeFake, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("stripe-shop")
    with open_shop(folder, gateway.environment) as running:
        await gateway.register_webhook(f"{running.url}/webhooks/stripe")
        yield running


@pytest.fixture
async def buyers(stripe_shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(stripe_shop) as made:
        yield made


@pytest.fixture
async def auditor(stripe_shop: Shop) -> AsyncIterator[Staff]:
    async with new_client(stripe_shop) as made:
        member = Staff(made)
        await member.sign_in()
        yield member


async def test_no_charge_is_doubled_or_forgotten_whatever_gets_lost(
    stripe_shop: Shop, gateway: StripeFake, buyers: httpx.AsyncClient, auditor: Staff, scale: Scale
):
    variants = (await auditor.variants())[:4]
    for variant_id in variants:
        await auditor.count_stock(variant_id, STOCK)
    await gateway.control("faults", rules="usual", hang_seconds=scale.hang_seconds, seed=5)
    cards = [CARDS[number % len(CARDS)] for number in range(scale.orders)]
    began = time.monotonic()
    placed = await place_orders(buyers, variants, [paid_by(card) for card in cards])
    took = time.monotonic() - began
    await settled(stripe_shop)
    await gateway.delivered(300)
    await auditor.wait_for_empty_outbox(600)

    ours = shop_records(stripe_shop, "stripe")
    theirs = gateway.state()["payments"]
    faults = Counter(row["fault"] for row in gateway.log() if row["fault"])
    print(
        f"{scale.orders} checkouts in {took:.0f} s; faults {dict(faults)}; {Counter(p['status'] for p in ours.values())}"
    )
    ours = {pid: each for pid, each in ours.items() if pid in payments_of(placed)}
    assert len(ours) == len(placed) == scale.orders
    assert sum(faults.values()) >= scale.orders * 0.1
    assert set(theirs) == set(ours)
    assert {pid for pid, told in theirs.items() if len(told["intents"]) != 1 or told["charges"] > 1} == set()
    captured = {pid: told["captured"] for pid, told in theirs.items() if told["captured"]}
    assert captured == {pid: each["captured"] for pid, each in ours.items() if each["captured"]}
    assert {pid for pid, each in ours.items() if each["status"] in OPEN} == set()
    assert Counter(each["order_status"] for each in ours.values()) == {
        "paid": len(captured),
        "payment_failed": scale.orders - len(captured),
    }
    assert len(captured) == scale.orders - sum(card.endswith("Declined") for card in cards)


async def test_webhooks_twice_shuffled_early_and_forged_leave_what_the_gateway_has(
    stripe_shop: Shop, gateway: StripeFake, buyers: httpx.AsyncClient, auditor: Staff, scale: Scale
):
    await gateway.control("behave")
    variants = (await auditor.variants())[:4]
    for variant_id in variants:
        await auditor.count_stock(variant_id, STOCK)
    await gateway.control("webhooks", **MANNERS, shuffle_seconds=scale.shuffle_seconds, seed=7)
    before = len(gateway.deliveries())
    placed = await place_orders(buyers, variants, [paid_by(WITH_3DS)] * scale.confirmed)
    mine = payments_of(placed)
    intents = {pid: told["intents"][0]["id"] for pid, told in gateway.state()["payments"].items() if pid in mine}
    for number, intent in enumerate(intents.values()):
        await gateway.control("authenticate", intent=intent, success=number % 5 > 0)
    await gateway.delivered(300)
    await auditor.wait_for_empty_outbox(600)

    sent = gateway.deliveries()[before:]
    forged = [row for row in sent if row["forged"]]
    print(
        f"{len(sent)} webhooks, {len(forged)} of them forged, {len(sent) - len({row['event'] for row in sent})} doubled"
    )
    assert {row["last"] for row in forged} == {"400"}
    assert {row["last"] for row in sent if not row["forged"]} == {"200"}
    known = {event_id for (event_id,) in stripe_shop.ask("select event_id from payments.provider_event")}
    assert {row["event"] for row in sent if not row["forged"]} <= known
    assert known <= {row["event"] for row in gateway.deliveries()}
    ours = {pid: each for pid, each in shop_records(stripe_shop, "stripe").items() if pid in mine}
    theirs = {pid: told for pid, told in gateway.state()["payments"].items() if pid in mine}
    assert {pid: each["captured"] for pid, each in ours.items()} == {
        pid: each["captured"] for pid, each in theirs.items()
    }
    taken = sum(each["captured"] > 0 for each in theirs.values())
    assert 0 < taken < len(theirs)
    assert {each["order_status"] for each in ours.values() if each["captured"]} == {"paid"}
    assert {each["status"] for each in ours.values() if not each["captured"]} <= {"failed", "requires_action"}


def paid_by(card: str) -> dict[str, str]:
    return {"provider": "stripe", "token": card}
