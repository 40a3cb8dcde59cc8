"""What a worker does with a statement: write its CSV from one snapshot of the ledger, print its PDF from that file, and tell
its row every second how far it is.

A worker that dies is followed by another one when its lease ends, which begins anew.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from shop.contracts.identity import Account, AccountId, Accounts
from shop.contracts.orders import OrderId
from shop.contracts.wallet import StatementReady
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import snapshot, write
from shop.kernel.errors import Unavailable
from shop.kernel.money import minor_digits
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import statement_runs, statements
from shop.modules.wallet.repository.statements import Figures, Range
from shop.modules.wallet.service.statements import find_numbers
from shop.modules.wallet.statement_files import folder, lines, pdf
from shop.modules.wallet.statement_files.lines import CsvLines, Notation
from shop.modules.wallet.statement_schemas import Statement

log = structlog.get_logger(__name__)

BATCH: Final = 1000
"""Entries read at once."""
PAGES: Final = 50
"""Printed at once: a worker that is to end waits for no more."""
TOLD_EVERY: Final = 1.0
"""Seconds."""


class LeaseLost(Exception):
    """Another worker has the statement, or it isn't wanted any more."""


class DoesNotAddUp(Exception):
    """The opening balance and all entries are not the closing balance: no statement is better than a wrong one."""


async def make_statement(statement: Statement, wanted: Range) -> None:
    """To its end, whatever goes wrong."""
    work = _Work(statement, wanted)
    telling = asyncio.create_task(work.keep_telling())
    try:
        with folder.files_of(folder.Made(statement.id, statement.attempts)) as files:
            figures = await work.do(files["csv"], files["pdf"])
        await write(_finish, statement, figures)
        # What was told while it was being made found no statement that was ready.
        await write(statement_runs.mark_outdated, statement.owner_id)
    except LeaseLost:
        return
    except Unavailable:
        log.warning("statement_left", statement=str(statement.id))  # another attempt follows when the lease ends
    except Exception:
        log.exception("statement_failed", statement=str(statement.id))
        with contextlib.suppress(Unavailable):
            await write(statement_runs.fail, statement)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _finish(uow: UnitOfWork, statement: Statement, figures: Figures) -> None:
    if await statement_runs.finish(uow, statement, figures):
        uow.emit(StatementReady(statement_id=statement.id, account_id=statement.owner_id))


class _Work:
    def __init__(self, statement: Statement, wanted: Range) -> None:
        self._statement, self._wanted = statement, wanted
        self._zone = ZoneInfo(settings().time_zone)
        self._notation = Notation(wanted.currency, minor_digits(wanted.currency), self._zone)
        self._entries: int | None = None
        self._lost = False
        self._written = self._printed = 0
        self._money_in = self._money_out = self._longest = 0
        self._account: Account | None = None

    async def do(self, csv_path: Path, pdf_path: Path) -> Figures:
        """Raises LeaseLost, DoesNotAddUp."""
        figures = await snapshot(self._write_csv, csv_path)
        await self._print_pdf(figures, csv_path, pdf_path)
        return figures

    async def _write_csv(self, uow: UnitOfWork, path: Path) -> Figures:
        """Begins anew when the connection broke and it is called again."""
        self._written = self._money_in = self._money_out = self._longest = 0
        owner = AccountId(self._statement.owner_id)
        self._account = (await port(Accounts).find_accounts(uow, [owner])).get(owner)
        figures = await statements.find_figures(uow, self._wanted)
        self._entries = figures.entries
        with await asyncio.to_thread(path.open, "w", encoding="utf-8", newline="") as file:
            writer = CsvLines(file)
            writer.write([self._notation.balance(lines.OPENING, self._statement.first, figures.opening_balance)])
            after = None
            while rows := await statements.entries_after(uow, self._wanted, after, BATCH):
                numbers = await find_numbers(uow, [row.order_id for row in rows])
                await asyncio.to_thread(self._write_rows, writer, rows, numbers)
                after = (rows[-1].created_at, rows[-1].id)
                if self._lost:
                    raise LeaseLost
            writer.write([self._notation.balance(lines.CLOSING, self._statement.last, figures.closing_balance)])
        if figures.opening_balance + self._money_in - self._money_out != figures.closing_balance:
            raise DoesNotAddUp(str(self._statement.id))
        return figures

    def _write_rows(self, writer: CsvLines, rows: Sequence[Any], numbers: Mapping[OrderId, str]) -> None:
        notation = self._notation
        writer.write(notation.line(row, numbers) for row in rows)
        amounts = [row.amount for row in rows]
        self._money_in += sum(amount for amount in amounts if amount > 0)
        self._money_out -= sum(amount for amount in amounts if amount < 0)
        largest = max(*(row.balance_after for row in rows), *map(abs, amounts))
        self._longest = max(self._longest, len(notation.amount(largest)))
        self._written += len(rows)

    async def _print_pdf(self, figures: Figures, csv_path: Path, pdf_path: Path) -> None:
        with contextlib.ExitStack() as open_files:
            printing = await asyncio.to_thread(self._begin_printing, figures, csv_path, pdf_path, open_files)
            while printed := await asyncio.to_thread(list, islice(printing, PAGES)):
                self._printed = printed[-1]
                if self._lost:
                    raise LeaseLost

    def _begin_printing(
        self, figures: Figures, csv_path: Path, pdf_path: Path, open_files: contextlib.ExitStack
    ) -> Iterator[int]:
        source = open_files.enter_context(csv_path.open(encoding="utf-8-sig", newline=""))
        target = open_files.enter_context(pdf_path.open("wb"))
        entries = islice(lines.read_lines(source), 1, figures.entries + 1)  # the first line is of the opening balance
        return pdf.print_pages(target, self._facts(figures), entries)

    def _facts(self, figures: Figures) -> pdf.Facts:
        amount = self._notation.amount
        now = clock.now().astimezone(self._zone)
        balances = amount(figures.opening_balance), amount(figures.closing_balance)
        return pdf.Facts(
            statement_id=self._statement.id,
            shop=settings().name,
            name=self._account.name if self._account else "",
            email=self._account.email if self._account else "",
            period=self._statement.period,
            currency=self._wanted.currency,
            made_at=f"{now:%-d %B %Y, %H:%M}",
            zone=settings().time_zone,
            entries=figures.entries,
            opening=balances[0],
            closing=balances[1],
            money_in=amount(self._money_in),
            money_out=amount(self._money_out),
            longest=max(self._longest, *map(len, balances)),
        )

    async def keep_telling(self) -> None:
        """An entry counts half when it is written, and whole when it is printed as well."""
        while not self._lost:
            await asyncio.sleep(TOLD_EVERY)
            done = (self._written + self._printed) // 2
            try:
                self._lost = not await write(statement_runs.tell, self._statement, done, self._entries)
            except Unavailable:
                log.warning("statement_untold", statement=str(self._statement.id))
