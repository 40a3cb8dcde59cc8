"""One provider's books held against ours, in both directions and bounded memory: its charges page by page, then what of ours
those did not name, then what was open before."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shop.contracts.payment_providers import PaymentProvider, ProviderRecord, ProviderRecords, UnclearRecord
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.reconcile_rules import compare, stranger, subject_of, unclear_stranger
from shop.modules.payments.reconcile_schemas import Finding, Ours, Progress, Run
from shop.modules.payments.repository import discrepancies, reconciliations
from shop.modules.payments.service.ask_provider import provider_named
from shop.modules.payments.service.reconcile_mend import look_closer

Record = ProviderRecord | UnclearRecord
BATCH: Final = 200
STRETCH: Final = timedelta(hours=6)
"""Compared at once: of so long a time the ids of all payments are kept in mind."""
NOBODY: Final = UUID(int=0)


class Comparison:
    """Of one provider in one run; counts what it does in `progress`."""

    def __init__(self, run: Run, name: str, progress: Progress) -> None:
        self._run = run
        self._name = name
        self._progress = progress
        self._provider: PaymentProvider = provider_named(name)
        self._records: ProviderRecords = ports(ProviderRecords)[name]

    async def is_needed(self) -> bool:
        """A provider that is not set up, and by which nothing came, has no books."""
        if self._provider.offer() is not None:
            return True
        return await read(reconciliations.has_payments, self._name, self._run.since, self._run.until)

    async def carry_out(self) -> None:
        """Raises ProviderAway."""
        began = clock.now()
        since = self._run.since
        while since < self._run.until:
            until = min(since + STRETCH, self._run.until)
            named = await self._compare_theirs(since, until)
            await self._compare_ours(since, until, named)
            since = until
        await self._compare_open(began)

    async def _compare_theirs(self, since: datetime, until: datetime) -> set[UUID]:
        """Payments of ours that the provider named. Raises ProviderAway."""
        named: set[UUID] = set()
        async for batch in _batches(self._records.list_charges(since, until)):
            named |= await self._compare_batch(batch)
        return named

    async def _compare_batch(self, batch: Sequence[Record]) -> set[UUID]:
        names = [record if isinstance(record, UnclearRecord) else record.answer for record in batch]
        refs = [each.provider_ref for each in names]
        ids = [each.payment_id for each in names if each.payment_id is not None]
        known = await read(reconciliations.find_ours, self._name, refs, ids)
        by_ref = {each.intent.provider_ref: each for each in known if each.intent.provider_ref is not None}
        by_id: dict[UUID, Ours] = {each.intent.id: each for each in known}
        agreed: list[str] = []
        strangers: list[Finding] = []
        unlike: list[Ours] = []
        for record, named in zip(batch, names, strict=True):
            ours = by_ref.get(named.provider_ref) or (by_id.get(named.payment_id) if named.payment_id else None)
            if ours is None or ours.intent.provider_ref not in {None, named.provider_ref}:
                finding = _of_stranger(self._name, record)
                if finding is not None:
                    strangers.append(finding)
                agreed.append(f"{self._name}:{named.provider_ref}")
            elif isinstance(record, UnclearRecord) or compare(ours, record.answer, clock.now()):
                unlike.append(ours)
            else:
                agreed.append(subject_of(ours.intent.id))
        self._progress.compared += len(batch)
        await write(self._record, agreed, strangers)
        for each in unlike:
            await self._look_closer(each.intent.id)
        return set(by_id)

    async def _record(self, uow: UnitOfWork, agreed: Sequence[str], strangers: Sequence[Finding]) -> None:
        """A charge that no payment belongs to stays open while money is left of it."""
        for finding in strangers:
            await discrepancies.report(uow, self._run.id, finding)
        left = {finding.subject for finding in strangers}
        await discrepancies.close_gone(uow, [subject for subject in agreed if subject not in left])

    async def _compare_ours(self, since: datetime, until: datetime, named: set[UUID]) -> None:
        """Each is asked for by itself: a provider may list it under another time. Raises ProviderAway."""
        after = (since, NOBODY)
        while page := await read(reconciliations.list_ours, self._name, after, until, BATCH):
            for each in page:
                if each.intent.id not in named:
                    self._progress.compared += 1
                    await self._look_closer(each.intent.id)
            after = (page[-1].intent.created_at, page[-1].intent.id)

    async def _compare_open(self, began: datetime) -> None:
        """What earlier runs found, and this one did not come by. Raises ProviderAway."""
        after: UUID | None = None
        while page := await read(discrepancies.list_unseen, self._name, began, after, BATCH):
            for payment_id in {each.payment_id for each in page if each.payment_id is not None}:
                await self._look_closer(payment_id)
            after = page[-1].id

    async def _look_closer(self, payment_id: UUID) -> None:
        if await look_closer(self._run.id, self._provider, payment_id) == "mended":
            self._progress.mended += 1


def _of_stranger(provider: str, record: Record) -> Finding | None:
    if isinstance(record, UnclearRecord):
        return unclear_stranger(provider, record)
    return stranger(provider, record.answer)


async def _batches(records: AsyncIterator[Record]) -> AsyncIterator[list[Record]]:
    batch: list[Record] = []
    async for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
