"""Orders go on while every part of the shop is killed at random, again and again, and Valkey is emptied in the middle.

Buyers do as the API tells them: they repeat, with the same key, what got no answer. Then the books must add up.
`SHOP_RELIABILITY_SEED` names the order of kills of an earlier run.
"""

import asyncio
import os
import random
import time
from collections import Counter
from uuid import UUID

import msgspec
import pytest

from tests.reliability.clients import Buyer, Json, Staff, Wanted
from tests.reliability.harness import PARTS, Part, Shop

AT_ONCE = 12
STOCK = 100_000
CONFIRMATION = "order_confirmation"


class Scale(msgspec.Struct, frozen=True):
    orders: int
    kills: int


@pytest.fixture
def scale(full) -> Scale:
    return Scale(1000, 50) if full else Scale(100, 5)


@pytest.fixture
def dice() -> random.Random:
    seed = os.environ.get("SHOP_RELIABILITY_SEED") or str(random.randrange(10**6))
    print(f"SHOP_RELIABILITY_SEED={seed}")
    return random.Random(seed)


def victims(scale: Scale, dice: random.Random) -> list[Part]:
    """Each part as often as another, in random order; a few kills hit the most important parts."""
    few: tuple[Part, ...] = ("web worker", "worker", "relay", "Valkey", "PostgreSQL")
    parts = few if scale.kills <= len(few) else PARTS
    drawn = [parts[n % len(parts)] for n in range(scale.kills)]
    dice.shuffle(drawn)
    return drawn


class Run:
    """Orders being placed, and the acknowledgements that the shop has to stand by."""

    def __init__(self, shop: Shop, buyer: Buyer, slots: asyncio.Semaphore, scale: Scale) -> None:
        self.shop, self.buyer, self.slots, self.scale = shop, buyer, slots, scale
        self.acknowledged: list[tuple[Wanted, Json]] = []
        self.kills: list[Part] = []

    async def place_orders(self, variants: list[str], dice: random.Random) -> None:
        async def place_one(lines: list[tuple[str, int]]) -> None:
            async with self.slots:
                wanted = await self.buyer.fill_cart(lines)
                self.acknowledged.append((wanted, await self.buyer.check_out(wanted)))

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.scale.orders):
                chosen = dice.sample(variants, dice.randint(1, 3))
                tasks.create_task(place_one([(variant_id, dice.randint(1, 2)) for variant_id in chosen]))

    async def kill(self, parts: list[Part], *, full: bool) -> None:
        """One kill after each so many orders, at a moment of its own; the emptying of Valkey in the middle of them."""
        for number, part in enumerate(parts, start=1):
            await self._until_acknowledged(number * self.scale.orders // (len(parts) + 1))
            if number == (len(parts) + 1) // 2:
                self.shop.flush_valkey()
            while not self.shop.kill(part):
                await asyncio.sleep(0.05)
            self.kills.append(part)
            if not full:
                await asyncio.sleep(1)
                self.shop.let_leases_run_out()

    async def _until_acknowledged(self, count: int) -> None:
        while len(self.acknowledged) < count:
            await asyncio.sleep(0.01)


async def test_kills_of_every_part_at_random_lose_nothing(shop, client, staff, scale, dice, full):
    variants = (await staff.variants())[:6]
    for variant_id in variants:
        await staff.count_stock(variant_id, STOCK)
    slots = asyncio.Semaphore(AT_ONCE)
    run = Run(shop, Buyer(client, slots), slots, scale)
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run.kill(victims(scale, dice), full=full))
        tasks.create_task(run.place_orders(variants, dice))
    placed = time.monotonic() - began
    emptied = await staff.wait_for_empty_outbox()
    print(f"{scale.orders} orders and {Counter(run.kills)} in {placed:.1f} s; retries: {run.buyer.retries};")
    print(f"outbox empty {emptied:.1f} s later")

    assert len(run.kills) == scale.kills
    await check_orders(shop, staff, run.acknowledged)
    await staff.wait_for_empty_outbox()
    await check_confirmations(staff, run.acknowledged)
    await check_stock(staff, variants, run.acknowledged)


async def check_orders(shop: Shop, staff: Staff, acknowledged: list[tuple[Wanted, Json]]) -> None:
    """Each acknowledged order is there, paid by one charge, and no cart has made another."""
    await staff.wait_until_paid([order for _, order in acknowledged])
    buyers = {wanted.email for wanted, _ in acknowledged}
    orders = [order for order in await staff.orders() if order["email"] in buyers]
    kept = {order["email"]: order for order in orders}
    assert len(orders) == len(kept) == len(acknowledged)
    for wanted, order in acknowledged:
        assert kept[wanted.email]["id"] == order["id"]
        assert sold_by(kept[wanted.email]) == dict(wanted.lines)
        assert [payment["status"] for payment in kept[wanted.email]["payments"]] == ["captured"]
    charges = shop.ask(
        "select status, count(*) from payments.sandbox_charge where order_id = any(%s) group by status",
        [UUID(order["id"]) for order in orders],
    )
    assert charges == [("captured", len(acknowledged))]


async def check_confirmations(staff: Staff, acknowledged: list[tuple[Wanted, Json]]) -> None:
    sent = Counter((each["to"], each["status"]) for each in await staff.messages() if each["template"] == CONFIRMATION)
    assert {who: count for who, count in sent.items() if who[0] in {wanted.email for wanted, _ in acknowledged}} == {
        (wanted.email, "captured"): 1 for wanted, _ in acknowledged
    }


async def check_stock(staff: Staff, variants: list[str], acknowledged: list[tuple[Wanted, Json]]) -> None:
    sold: Counter[str] = Counter()
    for _, order in acknowledged:
        sold.update(sold_by(order))
    levels = {variant_id: await staff.stock(variant_id) for variant_id in variants}
    assert levels == {variant_id: (STOCK - sold[variant_id], 0) for variant_id in variants}


def sold_by(order: Json) -> dict[str, int]:
    return {line["variant_id"]: line["quantity"] for line in order["lines"]}
