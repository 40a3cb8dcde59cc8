"""Checkouts through a payment gateway over a bad network: answers lost after success, errors after success, requests that
hang. The gateway keeps its books in a file of its own, and in the end they and the shop's say the same, payment by payment.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.stripe_api.process import StripeFake
from tests.reliability.clients import Buyer, Json, Staff, Wanted, new_client
from tests.reliability.customers import Customer, make_customers
from tests.reliability.gateways import OPEN, STOCK, payments_of, place_orders, settled, shop_records
from tests.reliability.harness import Shop, new_key, open_shop

CARDS = (*["pm_card_visa"] * 8, "pm_card_visa_chargeDeclined", "pm_card_mastercard")
WITH_3DS = "pm_card_threeDSecure2Required"

WITH_WALLET = 4
"""One of so many orders is a customer's, who pays with what is in the wallet first."""
FILLED = 100

MANNERS = {"double": 0.2, "early": 0.3, "forge": 0.05}
"""Shares of webhooks that come twice, before the answer they tell of, and from somebody else. Only what is told of a request
can come before its answer, two or three of five: EARLY is what comes of it overall."""
EARLY = 0.1


class Scale(msgspec.Struct, frozen=True):
    orders: int
    hang_seconds: float
    confirmed: int
    """Orders whose buyers confirm at their bank and never come back: only webhooks tell."""
    shuffle_seconds: float
    webhooks: int
    """At least so many are made."""
    customers: int


@pytest.fixture(scope="package")
def scale(full: bool) -> Scale:
    return Scale(2000, 30, 1900, 10, 10_000, 50) if full else Scale(120, 3, 60, 2, 300, 10)


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
    wallets = Wallets(auditor, buyers, await make_customers(stripe_shop, scale.customers))
    placed = await place_orders(buyers, variants, [paid_by(card) for card in cards], wallets.check_out)
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
    await wallets.assert_all_there(stripe_shop)


async def test_webhooks_twice_shuffled_early_and_forged_leave_what_the_gateway_has(
    stripe_shop: Shop, gateway: StripeFake, buyers: httpx.AsyncClient, auditor: Staff, scale: Scale
):
    await gateway.control("behave")
    variants = (await auditor.variants())[:4]
    for variant_id in variants:
        await auditor.count_stock(variant_id, STOCK)
    await gateway.control("webhooks", **MANNERS, shuffle_seconds=scale.shuffle_seconds, seed=7)
    before = len(gateway.deliveries())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(confirm(gateway, scale.confirmed))
        placing = tasks.create_task(place_orders(buyers, variants, [paid_by(WITH_3DS)] * scale.confirmed))
    mine = payments_of(placing.result())
    await gateway.delivered(300)
    await auditor.wait_for_empty_outbox(600)

    sent = gateway.deliveries()[before:]
    forged = [row for row in sent if row["forged"]]
    assert_misbehaved(sent, scale)
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


async def confirm(gateway: StripeFake, count: int) -> None:
    """So many buyers answer their banks, one of five with no, as soon as they are asked: while others still order, and before
    the shop has heard of the question."""
    answered = 0
    while answered < count:
        for intent in gateway.at_the_bank():
            answered += 1
            await gateway.control("authenticate", intent=intent, success=answered % 5 > 0)
        await asyncio.sleep(0.1)


def assert_misbehaved(sent: list[dict[str, Any]], scale: Scale) -> None:
    """The gateway did as it was told: so many webhooks, so many of each kind, and the end of a payment often before its
    beginning."""
    told: dict[str, float] = {}
    by_subject: dict[str, list[float]] = {}
    for row in sent:
        if row["forged"]:
            continue
        if row["event"] not in told:
            by_subject.setdefault(row["subject"], []).append(row["done_at"])
        told[row["event"]] = row["done_at"]
    doubled = sum(not row["forged"] for row in sent) - len(told)
    early, forged = sum(row["early"] for row in sent), sum(row["forged"] for row in sent)
    inverted = sum(times != sorted(times) for times in by_subject.values())
    print(f"{len(sent)} webhooks, {doubled} doubled, {early} early, {forged} forged; {inverted} payments in no order")
    assert len(sent) >= scale.webhooks
    assert is_about(MANNERS["double"], doubled, len(told))
    assert is_about(MANNERS["forge"], forged, len(told))
    assert is_about(EARLY, early, len(sent))
    assert inverted > scale.confirmed / 2


def is_about(share: float, seen: int, of: int) -> bool:
    """Within a fifth of it and what chance does to so many."""
    return abs(seen / of - share) <= share / 5 + 3 * math.sqrt(share * (1 - share) / of)


class Wallets:
    """Customers in turn, each with a little more in the wallet for every order."""

    def __init__(self, staff: Staff, guests: httpx.AsyncClient, customers: Mapping[str, Customer]) -> None:
        self._staff, self._guest, self._customers = staff, Buyer(guests), list(customers.values())
        self._turns = {each.account_id: asyncio.Lock() for each in self._customers}
        self.filled = dict.fromkeys(customers, 0)

    async def check_out(self, number: int, wanted: Wanted) -> Json:
        if number % WITH_WALLET:
            return await self._guest.check_out(wanted)
        customer = self._customers[number // WITH_WALLET % len(self._customers)]
        async with self._turns[customer.account_id]:
            await self._fill(customer)
            order = await customer.check_out(wanted, use_wallet=True)
        assert {each["provider"] for each in order["payments"]} == {"wallet", "stripe"}
        return order

    async def _fill(self, customer: Customer) -> None:
        if not self.filled[customer.account_id]:
            await customer.sign_in()
        body = {"operation": "deposit", "amount": {"amount": FILLED, "currency": "EUR"}, "reason": "test"}
        path = f"/api/v1/admin/wallets/{customer.account_id}/transactions"
        await Buyer(self._staff._client, renew=self._staff.sign_in).call("POST", path, body, key=new_key())
        self.filled[customer.account_id] += FILLED

    async def assert_all_there(self, shop: Shop) -> None:
        """What paid orders took is gone from each wallet, what failed ones held is back, and the books balance."""
        rows = shop.ask(
            "select p.account_id, o.status, t.status, t.amount from payments.payment p"
            " join orders.sales_order o on o.id = p.order_id left join wallet.transaction t on t.id = p.id"
            " where p.provider = 'wallet' and p.account_id = any(%s::uuid[])",
            list(self.filled),
        )
        ends = Counter((order, purchase) for _, order, purchase, _ in rows)
        print(f"orders and purchases of wallets: {ends}")
        assert set(ends) == {("paid", "settled"), ("payment_failed", "failed")}
        taken: Counter[str] = Counter()
        for owner, order, _, amount in rows:
            taken[str(owner)] += amount if order == "paid" else 0
        for owner, filled in self.filled.items():
            wallet = await self._staff.get(f"/api/v1/admin/wallets/{owner}")
            assert wallet["balance"]["amount"] == wallet["available"]["amount"] == filled - taken[owner]
        books = await self._staff.ledger()
        assert books["balanced"], books["differences"]
        for each in self._customers:
            await each.close()
