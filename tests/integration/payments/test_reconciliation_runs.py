"""How a reconciliation is run: one at a time, by a worker with a lease, to its end whatever becomes of a provider."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shop.contracts.payment_providers import ProviderRecord
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.modules.payments.errors import ReconciliationRunning
from shop.modules.payments.reconcile_schemas import Progress
from shop.modules.payments.repository import reconciliations
from shop.modules.payments.service import reconcile
from tests.factories.payments import make_processed, scalar
from tests.factories.reconciliation import change_runs, reconciled

pytestmark = pytest.mark.usefixtures("db")
TWO_HOURS = timedelta(hours=2)


async def paid(**fields):
    return await make_processed("ok", provider="fake", **fields)


async def test_a_provider_that_is_away_is_told_and_the_others_are_compared(fake, records):
    await paid()
    fake.away = True
    await make_processed("ok")
    run = await reconciled()
    assert run.status == "failed"
    assert run.message is not None
    assert "fake could not be asked" in run.message
    assert run.compared == 1, "the sandbox's"


async def test_a_fault_of_ours_is_told_and_the_others_are_compared(records, monkeypatch):
    async def broken(_since, _until) -> AsyncIterator[ProviderRecord]:
        raise KeyError("amount")
        yield

    monkeypatch.setattr(records, "list_charges", broken)
    await make_processed("ok")
    run = await reconciled()
    assert (run.status, run.compared) == ("failed", 1)
    assert "fake was not compared" in str(run.message)


async def test_one_run_at_a_time():
    now = clock.now()
    await write(reconcile.begin_run, now - timedelta(days=1), now, None)
    with pytest.raises(ReconciliationRunning):
        await write(reconcile.begin_run, now - timedelta(days=2), now, None)
    assert await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    await write(reconcile.begin_run, now - timedelta(days=2), now, None)


@pytest.mark.parametrize("days", [-1, 400])
async def test_a_time_that_can_not_be_compared_is_refused(days):
    with pytest.raises(Invalid):
        await write(reconcile.begin_run, clock.now() - timedelta(days=days), clock.now(), None)


async def test_a_run_whose_worker_died_is_taken_up_by_another(records):
    await paid()
    now = clock.now()
    begun = await write(reconcile.begin_run, now - timedelta(days=1), now + TWO_HOURS, None)
    dead = await write(reconciliations.claim)
    assert dead is not None
    assert await write(reconciliations.claim) is None, "its lease lasts"
    await change_runs("leased_until = now() - interval '1 minute'")
    assert await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    ended = await read(reconcile.get_run, begun.id)
    assert (ended.status, ended.compared) == ("done", 1)
    assert not await write(reconciliations.finish, dead, Progress(compared=99)), "the dead one writes nothing more"
    assert await write(reconciliations.tell, dead, Progress(compared=99)) is None


async def test_a_worker_that_lost_its_run_stops(records, monkeypatch):
    monkeypatch.setattr(reconcile, "TOLD_EVERY", 0.01)
    going_on = asyncio.Event()

    async def endless(_since, _until) -> AsyncIterator[ProviderRecord]:
        await going_on.wait()
        yield

    monkeypatch.setattr(records, "list_charges", endless)
    now = clock.now()
    begun = await write(reconcile.begin_run, now - timedelta(days=1), now, None)
    first = await write(reconciliations.claim)
    assert first is not None
    working = asyncio.create_task(reconcile.carry_out(first))
    await asyncio.sleep(0.1)
    await change_runs("leased_until = now() + interval '1 hour'")
    await asyncio.wait_for(working, 5)
    assert (await read(reconcile.get_run, begun.id)).status == "running", "whoever has it goes on with it"


async def test_the_schedule_asks_for_one_run_a_day():
    await reconcile.begin_daily_run()
    await reconcile.begin_daily_run()
    assert await scalar("select count(*) from payments.reconciliation") == 1
    assert await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    await reconcile.begin_daily_run()
    assert await scalar("select count(*) from payments.reconciliation") == 1
    await change_runs("created_at = created_at - interval '25 hours'")
    await reconcile.begin_daily_run()
    assert await scalar("select count(*) from payments.reconciliation") == 2


async def test_charges_that_agree_cost_few_statements_however_many_they_are(records, told, record_statements):
    async def cost(number):
        for _ in range(number):
            await paid()
        with record_statements() as sent:
            run = await reconciled()
        return run.compared, len(sent)

    few, statements = await cost(3)
    many, as_many = await cost(60)
    assert (few, many) == (3, 63)
    assert as_many <= statements + 6
