"""Our payments held against the books of their providers: begun by the schedule, by staff or at a terminal, carried out by a
worker that tells its row every second how far it is.

A worker that dies is followed by another one when its lease ends, which begins anew: what is mended needs no mending, and
what was found is there already.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
import structlog

from shop.contracts.payment_providers import ProviderAway, ProviderRecords
from shop.kernel import audit, clock
from shop.kernel.background import OneAtATime
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid, Unavailable
from shop.kernel.ids import new_id
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.errors import (
    DiscrepancyNotFound,
    DiscrepancyResolved,
    ReconciliationNotFound,
    ReconciliationRunning,
)
from shop.modules.payments.reconcile_schemas import Discrepancy, Progress, Run
from shop.modules.payments.repository import discrepancies, reconciliations
from shop.modules.payments.service.reconcile_provider import Comparison

log = structlog.get_logger(__name__)

STRETCH: Final = timedelta(days=3)
"""What the schedule looks back on: providers show some charges late, and a day may be missed."""
LONGEST: Final = timedelta(days=366)
TOLD_EVERY: Final = 1.0
"""Seconds."""
RUNS: Final = OneAtATime()


class LeaseLost(Exception):
    """Another worker has the run."""


async def begin_run(uow: UnitOfWork, since: datetime, until: datetime, by: UUID | None) -> Run:
    """A worker takes it up in a moment. Raises Invalid, ReconciliationRunning."""
    until = min(until, clock.now())
    if not timedelta() < until - since <= LONGEST:
        raise Invalid.field("since", f"Before the end of the time to compare, and at most {LONGEST.days} days")
    run_id = new_id()
    if not await reconciliations.add_run(uow, run_id, since, until, by):
        raise ReconciliationRunning
    audit.note(action="reconciliation.begun", subject=("reconciliation", run_id), days=(until - since).days)
    return await get_run(uow, run_id)


async def begin_daily_run() -> None:
    """Unless somebody has compared as much within a day."""
    if await read(reconciliations.is_covered, STRETCH):
        return
    until = clock.now()
    await write(reconciliations.add_run, new_id(), until - STRETCH, until, None)


async def begin_waiting_run() -> bool:
    """Whether one was begun; when the process ends before it, another one follows."""
    return await RUNS.begin(reconciliations.claim, carry_out)


async def carry_out(run: Run) -> None:
    """To its end, whatever goes wrong with a provider: the others are compared all the same."""
    work = _Work(run)
    telling = asyncio.create_task(work.keep_telling())
    try:
        await work.do()
    except LeaseLost:
        log.warning("reconciliation_lost", run=str(run.id))
        return
    except Unavailable:
        log.warning("reconciliation_left", run=str(run.id))  # the database is away; another worker follows
        return
    finally:
        work.ended.set()
        await telling
    await write(reconciliations.finish, work.run, work.progress)


class _Work:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.progress = Progress()
        self.ended = asyncio.Event()
        self._lost = asyncio.Event()

    async def do(self) -> None:
        """Raises LeaseLost, Unavailable."""
        for name in ports(ProviderRecords):
            comparing = asyncio.create_task(self._compare(name))
            losing = asyncio.create_task(self._lost.wait())
            try:
                await asyncio.wait({comparing, losing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                losing.cancel()
                if not comparing.done():
                    comparing.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await comparing
            if self._lost.is_set():
                raise LeaseLost
            comparing.result()

    async def _compare(self, name: str) -> None:
        """Raises Unavailable."""
        try:
            comparison = Comparison(self.run, name, self.progress)
            if await comparison.is_needed():
                await comparison.carry_out()
        except ProviderAway as away:
            log.warning("reconciliation_provider_away", provider=name, reason=str(away)[:200])
            self.progress.failures.append(f"{name} could not be asked, so its payments were not all compared: {away}.")
        except Unavailable:
            raise
        except Exception:
            log.exception("reconciliation_failed", provider=name)
            self.progress.failures.append(f"{name} was not compared: something went wrong on our side, see the log.")

    async def keep_telling(self) -> None:
        """Never cancelled in between: a lease that was taken and not heard of would be lost."""
        while not await self._is_over():
            try:
                leased_until = await write(reconciliations.tell, self.run, self.progress)
            except Unavailable:
                log.warning("reconciliation_untold", run=str(self.run.id))
                continue
            if leased_until is None:
                self._lost.set()
                return
            self.run = msgspec.structs.replace(self.run, leased_until=leased_until)

    async def _is_over(self) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), TOLD_EVERY)
        return self.ended.is_set()


async def get_run(uow: UnitOfWork, run_id: UUID) -> Run:
    """Raises ReconciliationNotFound."""
    run = await reconciliations.find_run(uow, run_id)
    if run is None:
        raise ReconciliationNotFound
    return run


async def resolve(uow: UnitOfWork, discrepancy_id: UUID, note: str, by: UUID | None) -> Discrepancy:
    """Somebody has cleared it, and says how. Raises DiscrepancyNotFound, DiscrepancyResolved."""
    if not await discrepancies.resolve(uow, discrepancy_id, note, by):
        if await discrepancies.find(uow, discrepancy_id) is None:
            raise DiscrepancyNotFound
        raise DiscrepancyResolved
    audit.note(action="discrepancy.resolved", subject=("discrepancy", discrepancy_id))
    found = await discrepancies.find(uow, discrepancy_id)
    if found is None:
        raise DiscrepancyNotFound
    return found
