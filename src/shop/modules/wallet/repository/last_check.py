"""What the last check of the books has found: one row."""

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.schemas import CheckedBooks, CheckState


async def keep(uow: UnitOfWork, checked: CheckedBooks) -> None:
    """Instead of an older one."""
    await sql(uow).execute(
        text(
            """
            insert into wallet.last_check (checked_at, balanced, report)
            values (:checked_at, :balanced, cast(:report as jsonb))
            on conflict (one) do update
            set checked_at = excluded.checked_at, balanced = excluded.balanced, report = excluded.report
            where last_check.checked_at <= excluded.checked_at
            """
        ),
        {
            "checked_at": checked.books.checked_at,
            "balanced": checked.books.balanced,
            "report": msgspec.json.encode(checked).decode(),
        },
    )


async def find(uow: UnitOfWork) -> CheckedBooks | None:
    """None before the first check."""
    report = await sql(uow).scalar(text("select report from wallet.last_check"))
    return None if report is None else msgspec.convert(report, CheckedBooks)


async def find_state(uow: UnitOfWork) -> CheckState | None:
    row = (
        await sql(uow).execute(
            text(
                "select checked_at, jsonb_array_length(report->'books'->'differences') as differences"
                " from wallet.last_check"
            )
        )
    ).first()
    return None if row is None else CheckState(row.checked_at, row.differences)
