"""Wallets are filled, spent and given back while every part of the shop is killed at random. Then the ledger must add up:
every currency to zero, every balance to its entries, and every wallet to what was acknowledged.

Whoever posts repeats, with the same key, what got no answer. `SHOP_RELIABILITY_SEED` names an earlier run.
"""

import asyncio
import os
import random
import time
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg
import pytest

from tests.reliability.clients import Buyer, Json, Staff, reason_to_wait
from tests.reliability.harness import PARTS, Part, Shop, new_key

AT_ONCE = 16
FIRST_DEPOSIT = 5_000
REFUSED = {"insufficient_balance", "not_reversible"}


class Scale(msgspec.Struct, frozen=True):
    operations: int
    wallets: int
    kills: int


@pytest.fixture
def scale(full: bool) -> Scale:
    return Scale(10_000, 50, 40) if full else Scale(500, 10, 4)


@pytest.fixture
def dice() -> random.Random:
    seed = os.environ.get("SHOP_RELIABILITY_SEED") or str(random.randrange(10**6))
    print(f"SHOP_RELIABILITY_SEED={seed}")
    return random.Random(seed)


class Teller:
    """Posts patiently, and keeps what was acknowledged: what each wallet holds by that, and what may be given back."""

    def __init__(self, client: httpx.AsyncClient, staff: Staff, owners: list[str]) -> None:
        self._client, self._staff = client, staff
        self.held = dict.fromkeys(owners, 0)
        self.purchases: list[tuple[str, str, int]] = []
        self.done: Counter[str] = Counter()
        self.waits: Counter[str] = Counter()

    async def post(self, owner: str, body: Json) -> Json | None:
        """None when it was refused for a reason that leaves everything as it was."""
        key, deadline = new_key(), time.monotonic() + 240
        while True:
            try:
                answer = await self._client.post(
                    f"/api/v1/admin/wallets/{owner}/transactions", json=body, headers={"Idempotency-Key": key}
                )
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if answer.is_success:
                    return dict(answer.json())
                if answer.status_code == 401:
                    await self._staff.sign_in()
                    continue
                if answer.status_code == 409 and answer.json()["code"] in REFUSED:
                    return None
                why = reason_to_wait(answer)
            self.waits[why] += 1
            assert time.monotonic() < deadline, f"still {why}"
            await asyncio.sleep(0.25)

    async def operate(self, owner: str, dice: random.Random) -> None:
        kind = dice.choices(["deposit", "purchase", "withdraw", "reversal"], [3, 6, 1, 3])[0]
        amount = {"amount": dice.randint(1, 900), "currency": "EUR"}
        body: Json = {"operation": kind, "amount": amount, "reason": "test"}
        parent = None
        if kind == "reversal":
            if not self.purchases:
                return
            parent = dice.choice(self.purchases)
            owner, body["parent_id"] = parent[0], parent[1]
        made = await self.post(owner, body)
        if made is None:
            self.done[f"{kind} refused"] += 1
            return
        self.done[kind] += 1
        self.held[owner] += amount["amount"] if kind in {"deposit", "reversal"} else -amount["amount"]
        if kind == "purchase":
            self.purchases.append((owner, made["id"], amount["amount"]))


async def test_ledgers_add_up_whatever_is_killed(
    shop: Shop, client: httpx.AsyncClient, staff: Staff, scale: Scale, dice: random.Random, full: bool
):
    owners = await make_owners(shop, scale.wallets)
    teller = Teller(staff._client, staff, owners)
    for owner in owners:
        made = await teller.post(
            owner, {"operation": "deposit", "amount": {"amount": FIRST_DEPOSIT, "currency": "EUR"}, "reason": "test"}
        )
        assert made is not None
        teller.held[owner] += FIRST_DEPOSIT
    slots, begun = asyncio.Semaphore(AT_ONCE), 0

    async def operate() -> None:
        nonlocal begun
        async with slots:
            begun += 1
            await teller.operate(dice.choice(owners), dice)

    async def kill() -> None:
        parts: list[Part] = [PARTS[number % len(PARTS)] for number in range(scale.kills)]
        dice.shuffle(parts)
        for number, part in enumerate(parts, start=1):
            while begun < number * scale.operations // (len(parts) + 1):
                await asyncio.sleep(0.01)
            while not shop.kill(part):
                await asyncio.sleep(0.05)
            if not full:
                await asyncio.sleep(1)
                shop.let_leases_run_out()

    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill())
        for _ in range(scale.operations):
            tasks.create_task(operate())
    print(f"{scale.operations} operations in {time.monotonic() - began:.0f} s: {teller.done}; waits {teller.waits}")
    await staff.wait_for_empty_outbox(120)

    books = await staff.ledger()
    assert books["balanced"], books["differences"]
    assert books["currencies"]["EUR"]["sum"] == 0
    for owner, held in teller.held.items():
        wallet = await Buyer(staff._client).call("GET", f"/api/v1/admin/wallets/{owner}")
        assert wallet["available"]["amount"] == held
    over = shop.ask(
        "select p.id from wallet.transaction p join wallet.transaction r on r.parent_id = p.id"
        " where r.operation = 'reversal' group by p.id, p.amount having sum(r.amount) > p.amount"
    )
    assert over == []
    assert teller.done["purchase"] > 0
    assert teller.done["reversal refused"] > 0


async def make_owners(shop: Shop, count: int) -> list[str]:
    """Customers whose wallets are empty; how they signed up is of no concern here."""
    ids = [uuid4() for _ in range(count)]
    with shop.database() as connection:
        for each in ids:
            insert_customer(connection, each)
    return [str(each) for each in ids]


def insert_customer(connection: psycopg.Connection[Any], account_id: UUID) -> None:
    address = f"{account_id.hex}@example.com"
    connection.execute(
        "insert into identity.account (id, email, email_key, name, verified_at, created_at)"
        " values (%s, %s, %s, 'Ada Lovelace', now(), now())",
        (account_id, address, address),
    )
