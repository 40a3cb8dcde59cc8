"""Reconciliations for tests: over the last day and to their end, as a worker would carry them out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.reconcile_schemas import Discrepancy, Run
from shop.modules.payments.repository import discrepancies
from shop.modules.payments.service import reconcile


async def reconciled(days: float = 1) -> Run:
    """The run as it ended."""
    run = await write(reconcile.begin_run, clock.now() - timedelta(days=days), clock.now(), None)
    assert await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    ended = await read(reconcile.get_run, run.id)
    assert ended.finished_at is not None
    return ended


async def open_discrepancies() -> list[Discrepancy]:
    return await read(discrepancies.list_discrepancies, "open", None, None, 100)


async def change_payment(payment_id: UUID, changes: str) -> None:
    """As if a fault had left the row so; `changes` is SQL."""
    await write(_change, f"update payments.payment set {changes}, version = version + 1 where id = :id", id=payment_id)


async def change_runs(changes: str) -> None:
    await write(_change, f"update payments.reconciliation set {changes}")


async def forget_charge(payment_id: UUID) -> None:
    """The sandbox has never heard of it."""
    await write(_change, "delete from payments.sandbox_charge where payment_id = cast(:id as uuid)", id=payment_id)


async def _change(uow: UnitOfWork, statement: str, **values: Any) -> None:
    await sql(uow).execute(text(statement), values)
