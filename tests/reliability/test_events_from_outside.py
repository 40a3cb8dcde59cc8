"""Events that programs send while the shop's processes are killed: each that was answered 202 has its effect, and each has
one, however often its sender had to repeat it."""

import asyncio
import contextlib
import random
from uuid import uuid4

import httpx
import pytest

from tests.factories.oauth import Program
from tests.factories.webhooks import EVENTS, body_of, headers_of
from tests.reliability.clients import RETRY_AFTER, new_client
from tests.reliability.gates import held, until_waiting
from tests.reliability.harness import BACK_WITHIN, Part

REQUESTED = "wallet.transaction_requested.v1"
AT_ONCE = 8
EACH = 7
"""Cents that an event adds."""
VICTIMS: tuple[Part, ...] = ("web worker", "worker", "relay", "web worker", "PostgreSQL")


@pytest.fixture
async def program(client, staff):
    wish = {"name": "Ledger", "redirect_uris": [], "scopes": ["wallet.adjust"], "confidential": True}
    answer = await staff.post("/api/v1/admin/oauth/clients", wish)
    return Program(answer["client_id"], answer["client_secret"], "")


@pytest.fixture
async def account_id(staff):
    return (await staff.get("/api/v1/me"))["id"]


def bonus(program: Program, account_id: str) -> bytes:
    data = {"id": str(uuid4()), "operation": "deposit", "account_id": account_id, "amount": EACH, "currency": "EUR"}
    return body_of(program, data, REQUESTED)


async def send_once(client: httpx.AsyncClient, program: Program, body: bytes) -> httpx.Response:
    return await client.post(EVENTS, content=body, headers=headers_of(program.secret or "", body))


async def send(client: httpx.AsyncClient, program: Program, body: bytes) -> int:
    """As docs/events.md says: again, until it is answered. How often it was sent."""
    deadline = asyncio.get_running_loop().time() + BACK_WITHIN * 2
    for attempt in range(1, 1000):
        with contextlib.suppress(httpx.TransportError):
            answer = await send_once(client, program, body)
            if answer.status_code == 202:
                return attempt
            assert answer.status_code >= 500, answer.text
        assert asyncio.get_running_loop().time() < deadline, "no answer for a minute"
        await asyncio.sleep(RETRY_AFTER)
    raise AssertionError("sent a thousand times")


async def gained(staff, before: int) -> int:
    await staff.wait_for_empty_outbox()
    return (await staff.get("/api/v1/wallet"))["balance"]["amount"] - before


async def test_each_event_has_one_effect_whoever_dies(shop, staff, program, account_id, full):
    count, kills = (600, 40) if full else (80, 5)
    before = await gained(staff, 0)
    bodies = [bonus(program, account_id) for _ in range(count)]
    dice, done, repeated = random.Random(), 0, 0
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(body: bytes) -> None:
        nonlocal done, repeated
        async with slots:
            repeated += await send(client, program, body) - 1
            if dice.random() < 0.2:
                await send(client, program, body)
            done += 1

    async def kill() -> None:
        for number in range(kills):
            while done < (number + 1) * count // (kills + 1):
                await asyncio.sleep(0.001)
            while done < count and not shop.kill(VICTIMS[number % len(VICTIMS)]):
                await asyncio.sleep(0.05)

    async with new_client(shop) as client, asyncio.TaskGroup() as tasks:
        tasks.create_task(kill())
        for body in bodies:
            tasks.create_task(one(body))
    print(f"{kills} kills, {repeated} events repeated")
    if not full:
        shop.let_leases_run_out()
    assert await gained(staff, before) == count * EACH
    ids = "select count(*), count(distinct event_id) from webhooks.received_event where source = %s"
    assert shop.ask(ids, program.id) == [(count, count)]


async def test_a_death_just_before_the_commit_leaves_nothing_and_the_repetition_has_the_effect(
    shop, client, staff, program, account_id
):
    before = await gained(staff, 0)
    body = bonus(program, account_id)
    with held(shop, "kernel.outbox") as holder:
        sending = asyncio.create_task(send_once(client, program, body))
        await until_waiting(shop, holder, "insert into kernel.outbox", sending)
        assert shop.ask("select 1 from webhooks.received_event where source = %s", program.id) == []
        shop.kill_all("web worker")
        with pytest.raises(httpx.TransportError):
            await sending
    await send(client, program, body)
    await send(client, program, body)
    assert await gained(staff, before) == EACH
