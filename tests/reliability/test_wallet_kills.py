"""Wallets are filled, spent, held for orders and given back while every part of the shop is killed at random. Then the ledger
must add up: every currency to zero, every balance to its entries, and every wallet to what was acknowledged.

Whoever posts repeats, with the same key, what got no answer. `SHOP_RELIABILITY_SEED` names an earlier run.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from tests.reliability.clients import RETRY_AFTER, Buyer, Json, Staff, code_of, reason_to_wait
from tests.reliability.customers import Customer, make_customers
from tests.reliability.gateways import settled
from tests.reliability.harness import PARTS, Part, Shop, new_key

AT_ONCE = 16
FIRST_DEPOSIT = 20_000
STOCK = 1_000_000
PATIENCE = 240.0  # seconds for one call, or one word of the bank
REFUSED = {"insufficient_balance", "not_reversible", "parent_not_found"}
"""The last for a purchase that its order's payment has not come to yet."""
POSTED = {"deposit": 5, "purchase": 5, "withdraw": 1, "transfer": 2, "reversal": 3}
ORDERS = {"hold": 2, "cancellation": 2, "settling": 1}
"""How often each comes; the second are of orders that take what is in a wallet, and wait at the bank for the rest."""


NEWEST = 5
"""Of so many holds one is decided on: most of them still wait, and two may be at the same one."""


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


class Held(msgspec.Struct, frozen=True):
    """A purchase that waits for the rest of its order's money. `card` is the payment of that rest; None where the wallet had
    enough for all."""

    id: str
    owner: str
    order_id: str
    card: str | None


class Teller:
    """Posts patiently, and keeps what was acknowledged: what each wallet holds by that, and what may be given back."""

    def __init__(
        self,
        shop: Shop,
        client: httpx.AsyncClient,
        staff: Staff,
        customers: Mapping[str, Customer],
        dice: random.Random,
    ) -> None:
        self._shop, self._client, self._staff, self._customers, self._dice = shop, client, staff, customers, dice
        self._owners = list(customers)
        self._variants: list[str] = []
        self.balances = dict.fromkeys(customers, 0)
        self.purchases: list[tuple[str, str]] = []
        self.holds: list[Held] = []
        self.cancelled: set[str] = set()
        self.done: Counter[str] = Counter()
        self.waits: Counter[str] = Counter()

    async def open(self) -> None:
        """Goods for all, and something in every wallet."""
        self._variants = (await self._staff.variants())[:4]
        for variant_id in self._variants:
            await self._staff.count_stock(variant_id, STOCK)
        for owner in self._owners:
            await self._customers[owner].sign_in()
            assert await self._post(owner, "deposit", FIRST_DEPOSIT)
            self.balances[owner] += FIRST_DEPOSIT

    async def operate(self) -> None:
        """One of all kinds. What is given back was taken before, or is begun now."""
        mix = POSTED | ORDERS
        kind = self._dice.choices(list(mix), list(mix.values()))[0]
        if kind in {"cancellation", "settling"} and not self.holds:
            kind = "hold"
        acts: dict[str, Callable[[], Awaitable[bool]]] = {
            "hold": self._hold,
            "cancellation": self._cancel,
            "settling": self._settle,
        }
        went = await (acts[kind]() if kind in acts else self._move(kind))
        self.done[kind if went else f"{kind} refused"] += 1

    async def _move(self, kind: str) -> bool:
        owner, amount = self._dice.choice(self._owners), self._dice.randint(1, 900)
        changes: Json = {}
        if kind == "transfer":
            changes["counterparty_id"] = self._dice.choice([each for each in self._owners if each != owner])
        if kind == "reversal":
            owner, changes["parent_id"] = await self._parent()
        made = await self._post(owner, kind, amount, **changes)
        if made is None:
            return False
        self.balances[owner] += amount if kind in {"deposit", "reversal"} else -amount
        if kind == "transfer":
            self.balances[changes["counterparty_id"]] += amount
        if kind == "purchase":
            self.purchases.append((owner, made["id"]))
        return True

    async def _parent(self) -> tuple[str, str]:
        """Of a reversal: what staff sold, or what an order may have taken by now."""
        parents = self.purchases + [(held.owner, held.id) for held in self.holds]
        while not parents:
            await asyncio.sleep(RETRY_AFTER)
            parents = self.purchases
        return self._dice.choice(parents)

    async def _hold(self) -> bool:
        """An order whose wallet's part is held until the bank has said yes to the card."""
        owner = self._dice.choice(self._owners)
        wanted = await Buyer(self._client).fill_cart([(self._dice.choice(self._variants), 1)], "3ds_ok")
        order = await self._customers[owner].check_out(wanted, use_wallet=True)
        payments = {each["provider"]: each["id"] for each in order["payments"]}
        if "wallet" not in payments:
            return False
        self.holds.append(Held(payments["wallet"], owner, order["id"], payments.get("sandbox")))
        return True

    async def _cancel(self) -> bool:
        held = self._dice.choice(self.holds[-NEWEST:])
        if await self._post(held.owner, "cancellation", parent_id=held.id) is None:
            return False
        self.cancelled.add(held.id)
        return True

    async def _settle(self) -> bool:
        held = self._dice.choice(self.holds[-NEWEST:])
        return held.card is not None and await self.confirm(held.card)

    async def confirm(self, card: str) -> bool:
        """The buyer says yes to the bank and comes back to the shop. False when the bank has not been asked, or was told."""
        said_yes = await self._tell_bank(card)
        deadline = time.monotonic() + PATIENCE
        while True:
            why = "transport"
            try:
                answer = await self._client.get(f"/payments/{card}/return")
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if answer.status_code == 303:
                    return said_yes
                why = f"{answer.status_code}"
                assert answer.status_code == 503, answer.text
            await self._wait(why, deadline)

    async def _tell_bank(self, card: str) -> bool:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return bool(
                    self._shop.ask(
                        "update payments.sandbox_charge set status = 'captured', captured = amount"
                        " where payment_id = %s and status = 'requires_action' returning payment_id",
                        card,
                    )
                )
            except psycopg.OperationalError as error:
                await self._wait(type(error).__name__, deadline)

    async def _post(self, owner: str, operation: str, amount: int | None = None, **changes: Any) -> Json | None:
        """None when it was refused for a reason that leaves everything as it was."""
        body = {"operation": operation, "reason": "test"} | changes
        if amount is not None:
            body["amount"] = {"amount": amount, "currency": "EUR"}
        key, deadline = new_key(), time.monotonic() + PATIENCE
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
                if code_of(answer) in REFUSED:
                    return None
                why = reason_to_wait(answer)
            await self._wait(why, deadline)

    async def _wait(self, why: str, deadline: float) -> None:
        self.waits[why] += 1
        assert time.monotonic() < deadline, f"still {why}"
        await asyncio.sleep(RETRY_AFTER)


@pytest.fixture
async def teller(shop: Shop, staff: Staff, scale: Scale, dice: random.Random) -> Any:
    customers = await make_customers(shop, scale.wallets)
    yield Teller(shop, staff._client, staff, customers, dice)
    for each in customers.values():
        await each.close()


async def test_ledgers_add_up_whatever_is_killed(
    shop: Shop, teller: Teller, staff: Staff, scale: Scale, dice: random.Random, full: bool
):
    await teller.open()
    slots, begun = asyncio.Semaphore(AT_ONCE), 0

    async def operate() -> None:
        nonlocal begun
        async with slots:
            begun += 1
            await teller.operate()

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
    assert teller.done.total() == scale.operations
    orders = {held.order_id for held in teller.holds}
    await settled(shop, ("pending",), of=orders)  # a bank that a process died before asking is asked by now
    for held in teller.holds:
        if held.card is not None:
            await teller.confirm(held.card)
    await settled(shop, of=orders)
    await staff.wait_for_empty_outbox(120)

    books = await staff.ledger()
    assert books["balanced"], books["differences"]
    assert books["currencies"]["EUR"]["sum"] == 0
    assert_each_happened_once(shop, teller, scale)
    paid = paid_from_wallets(shop, teller)
    for owner, balance in teller.balances.items():
        wallet = await staff.get(f"/api/v1/admin/wallets/{owner}")
        assert wallet["balance"]["amount"] == wallet["available"]["amount"] == balance - paid[owner]
    over = shop.ask(
        "select p.id from wallet.transaction p join wallet.transaction r on r.parent_id = p.id"
        " where r.operation = 'reversal' group by p.id having sum(r.amount) > coalesce(p.taken, p.amount)"
    )
    assert over == []


def assert_each_happened_once(shop: Shop, teller: Teller, scale: Scale) -> None:
    """As often as it was acknowledged, and no kind of them never."""
    rows = shop.ask(
        "select t.operation, count(*) from wallet.transaction t join wallet.account on account.id = t.account_id"
        " where account.owner_id = any(%s::uuid[]) and t.authority = 'staff' group by 1",
        list(teller.balances),
    )
    made = Counter({kind: teller.done[kind] for kind in (*POSTED, "cancellation")}) + Counter(deposit=scale.wallets)
    assert Counter(dict(rows)) == made
    assert all(teller.done[kind] for kind in (*POSTED, *ORDERS)), teller.done
    assert teller.done["reversal refused"] > 0


def paid_from_wallets(shop: Shop, teller: Teller) -> Counter[str]:
    """By owner what orders have taken. A purchase is settled where its order is paid; else it is void, as each is whose
    cancellation was acknowledged, or was never made, as something else had the money first."""
    rows = shop.ask(
        "select p.id, t.status, coalesce(t.taken, t.amount), o.status from orders.sales_order o"
        " join payments.payment p on p.order_id = o.id and p.provider = 'wallet'"
        " left join wallet.transaction t on t.id = p.id where o.id = any(%s::uuid[])",
        [held.order_id for held in teller.holds],
    )
    found = {str(row[0]): row[1:] for row in rows}
    paid: Counter[str] = Counter()
    for held in teller.holds:
        status, amount, order_status = found[held.id]
        assert (status, order_status == "paid") in {("settled", True), ("failed", False), (None, False)}
        if status == "settled":
            paid[held.owner] += amount
    assert {found[each][0] for each in teller.cancelled} == {"failed"}
    assert {held.id for held in teller.holds if held.card and found[held.id][0] == "settled"}
    return paid
