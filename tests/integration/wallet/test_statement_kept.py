"""Workers that die over a long statement, and what becomes of statements and their files afterwards."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest

from shop.contracts.identity import Person, PersonalData
from shop.kernel.db import read, write
from shop.kernel.errors import Unavailable
from shop.kernel.ports import ports
from shop.modules.wallet.repository import statement_runs
from shop.modules.wallet.statement_files import begin, folder, make
from shop.modules.wallet.statement_jobs import forget_statements
from tests.factories.ledger import at, deposit, fill, purchase
from tests.factories.orders import open_shop, place
from tests.integration.wallet.statement_desk import (
    URL,
    YEAR,
    ada,
    ask,
    count,
    files,
    headers,
    rows_of,
    set_row,
    shown,
    work,
)
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("db", "files")
__all__ = ["ada", "ask", "files", "headers", "shown"]


async def test_a_worker_that_is_gone_is_followed_by_another_from_the_start(ada, ask, shown, files):
    await fill(ada, deposit(at("2026-02-01 00:00"), 100))
    url = await ask()
    dead = await write(statement_runs.claim)
    assert await work() is False  # its lease lasts
    await set_row("leased_until = now() - interval '1 second', done = 1, entries = 1")
    assert await work() is True
    assert (await shown(url))["status"] == "ready"
    made = sorted(path.name for path in files.iterdir())
    await make.make_statement(*dead)  # it wasn't gone, only slow
    ready = await shown(url)
    assert ready["status"] == "ready"
    await forget_statements()
    assert sorted(path.name for path in files.iterdir()) == made


async def test_a_worker_that_was_taken_for_dead_finishes_nothing(client, headers, ada, ask, shown, files):
    await fill(ada, deposit(at("2026-02-01 00:00"), 100))
    url = await ask()
    slow = await write(statement_runs.claim)
    await set_row("leased_until = now() - interval '1 second'")
    other = await write(statement_runs.claim)
    await make.make_statement(*slow)
    assert (await shown(url))["status"] == "running"
    await make.make_statement(*other)
    assert (await shown(url))["status"] == "ready"
    assert (await client.get(f"{url}.csv", headers=headers)).status_code == 200
    await forget_statements()
    assert {path.name.split(".")[1] for path in files.iterdir()} == {"2"}


async def test_a_statement_that_kills_every_worker_is_given_up(ask, shown):
    url = await ask()
    for _ in range(statement_runs.MAX_ATTEMPTS):
        assert await write(statement_runs.claim) is not None
        await set_row("leased_until = now() - interval '1 second'")
    assert await work() is False
    assert (await shown(url))["status"] == "failed"
    assert await ask() != url


async def test_a_database_that_is_away_fails_nothing(ask, shown, monkeypatch, files):
    async def away(*_):
        raise Unavailable

    url = await ask()
    with monkeypatch.context() as patched:
        patched.setattr(make.statements, "find_figures", away)
        await work()
    assert (await shown(url))["status"] == "running"
    assert not list(files.iterdir())
    await set_row("leased_until = now() - interval '1 second'")
    await work()
    assert (await shown(url))["status"] == "ready"


async def test_a_worker_whose_lease_is_lost_stops_and_leaves_nothing(ada, ask, shown, files, monkeypatch):
    await fill(ada, *(deposit(at("2026-02-01 00:00"), 100) for _ in range(9)))
    monkeypatch.setattr(make, "BATCH", 1)
    monkeypatch.setattr(make, "TOLD_EVERY", 0.01)
    batch = make.statements.entries_after
    read_batches = []

    async def slowly(*args):
        read_batches.append(args)
        await asyncio.sleep(0.15)
        return await batch(*args)

    monkeypatch.setattr(make.statements, "entries_after", slowly)
    await ask()
    claimed = await write(statement_runs.claim)
    await set_row("attempts = attempts + 1")
    await make.make_statement(*claimed)
    assert len(read_batches) < 9
    assert not list(files.iterdir())


async def test_progress_is_told_while_it_is_made(ada, ask, shown, monkeypatch):
    await fill(ada, *(deposit(at("2026-02-01 00:00"), 100) for _ in range(4)))
    monkeypatch.setattr(make, "BATCH", 1)
    monkeypatch.setattr(make, "TOLD_EVERY", 0.01)
    batch, looked_at = make.statements.entries_after, asyncio.Event()
    batches = 0

    async def wait_after_two(*args):
        nonlocal batches
        batches += 1
        if batches == 3:
            await looked_at.wait()
        return await batch(*args)

    monkeypatch.setattr(make.statements, "entries_after", wait_after_two)
    url = await ask()
    assert await begin.begin_waiting_statement()
    assert await begin.begin_waiting_statement() is False  # one at a time

    async def two_are_written_and_none_is_printed() -> bool:
        return (await shown(url))["progress"] == {"done": 1, "entries": 4}

    await until(two_are_written_and_none_is_printed)
    looked_at.set()
    await begin.STATEMENTS.ended()
    assert (await shown(url))["progress"] == {"done": 4, "entries": 4}


async def test_files_that_are_gone_are_made_again_when_asked_for(client, headers, ask, shown, files):
    url = await ask()
    await work()
    folder.forget(list(files.iterdir()))
    answer = await client.get(f"{url}.pdf", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "statement_file_gone")
    assert "again" in answer.json()["detail"]
    again = await ask()
    assert again != url
    await work()
    assert (await client.get(f"{again}.pdf", headers=headers)).status_code == 200


async def test_statements_go_after_30_days_and_their_files_with_them(ask, client, headers, files):
    old = await ask()
    await work()
    await set_row("ready_at = now() - interval '30 days 1 minute'")
    young = await ask(**(YEAR | {"to": "2026-05-31"}))
    await work()
    await forget_statements()
    assert (await client.get(old, headers=headers)).status_code == 404
    assert (await client.get(f"{young}.csv", headers=headers)).status_code == 200
    assert {UUID(path.name.partition(".")[0]) for path in files.iterdir()} == {UUID(young.rpartition("/")[2])}


async def test_what_is_erased_while_it_is_made_leaves_no_files(ada, ask, files):
    await ask()
    claimed = await write(statement_runs.claim)
    await write(statement_runs.forget_of, ada)
    await make.make_statement(*claimed)
    await forget_statements()
    assert await count() == 0
    assert not list(files.iterdir())


async def test_a_status_takes_at_most_2_statements(client, headers, ask, record_statements):
    url = await ask()
    with record_statements() as sent:
        await client.get(url, headers=headers)
    assert len(sent) <= 2, "\n".join(sent)


async def test_to_ask_for_a_statement_takes_at_most_3_statements(client, headers, ask, record_statements):
    await ask(**(YEAR | {"to": "2026-05-31"}))
    with record_statements() as sent:
        assert (await client.get(URL, params=YEAR, headers=headers)).status_code == 202
    assert len(sent) <= 3, "\n".join(sent)


async def test_who_is_forgotten_leaves_no_statements(ada, ask, files):
    person = Person(account_id=ada, email="ada@example.com")
    await ask()
    await work()
    told = await read(ports(PersonalData)["wallet"].export, person)
    assert [(each["from_date"], each["status"]) for each in told["statements"]] == [(date(2026, 1, 1), "ready")]
    await write(ports(PersonalData)["wallet"].erase, person)
    await forget_statements()
    assert not list(files.iterdir())
    assert "statements" not in await read(ports(PersonalData)["wallet"].export, person)


async def test_lines_name_their_orders_as_people_do(client, headers, ask, ada):
    await open_shop()
    order = await place(client)
    stranger = uuid4()
    await fill(
        ada,
        deposit(at("2026-02-01 00:00"), 9999),
        purchase(at("2026-02-02 00:00"), 10, order_id=UUID(order["id"])),
        purchase(at("2026-02-03 00:00"), 10, order_id=stranger),
    )
    url = await ask()
    await work()
    lines = rows_of(await client.get(f"{url}.csv", headers=headers))
    assert [line["order"] for line in lines] == ["", "", order["number"], str(stranger), ""]


async def test_what_people_wrote_is_no_formula_and_amounts_stay_numbers(client, headers, ask, ada):
    await fill(ada, deposit(at("2026-02-01 00:00"), 100), purchase(at("2026-02-02 00:00"), 10, reason='=cmd|"/c calc"'))
    url = await ask()
    await work()
    line = rows_of(await client.get(f"{url}.csv", headers=headers))[2]
    assert (line["description"], line["amount"]) == ('\'=cmd|"/c calc"', "-0.10")
