"""A statement's file as text: a line for each entry between one of the opening balance and one of the closing balance. Pure.

CSV as spreadsheets open it: UTF-8 with a mark, amounts with a point and without a sign of their currency; what people wrote
can't be a formula.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, TextIO
from zoneinfo import ZoneInfo

from shop.contracts.orders import OrderId
from shop.kernel.formulas import escaped, unescaped

UTF_8_MARK: Final = "\ufeff"
"""Without it Excel takes a CSV for the country's old code page, and saves what it made of the umlauts."""
COLUMNS: Final = (
    "date",
    "time",
    "operation",
    "description",
    "order",
    "transaction",
    "amount",
    "balance",
    "currency",
)
OPENING: Final = "opening_balance"
CLOSING: Final = "closing_balance"


class Line(NamedTuple):
    """One line as its cells hold it. Neither of the balances has a time, an amount or a transaction."""

    date: str
    time: str
    operation: str
    description: str
    order: str
    transaction: str
    amount: str
    balance: str
    currency: str


class Notation:
    """How amounts of a currency and moments are written."""

    def __init__(self, currency: str, digits: int, zone: ZoneInfo) -> None:
        self.currency, self._digits, self._zone = currency, digits, zone
        self._scale = 10**digits

    def amount(self, minor: int) -> str:
        """-12.34"""
        if not self._digits:
            return str(minor)
        whole, part = divmod(abs(minor), self._scale)
        return f"{'-' if minor < 0 else ''}{whole}.{part:0{self._digits}d}"

    def line(self, row: Any, numbers: Mapping[OrderId, str]) -> Line:
        """Of a row as `repository.statements.entries_after` gives it."""
        moment = row.created_at.astimezone(self._zone).isoformat(" ", "seconds")
        return Line(
            moment[:10],
            moment[11:19],
            row.operation,
            escaped(" ".join(row.reason.split())),
            numbers.get(row.order_id, str(row.order_id)) if row.order_id else "",
            str(row.transaction_id),
            self.amount(row.amount),
            self.amount(row.balance_after),
            self.currency,
        )

    def balance(self, kind: str, day: date, minor: int) -> Line:
        """`kind` is OPENING or CLOSING."""
        return Line(day.isoformat(), "", kind, "", "", "", "", self.amount(minor), self.currency)


class CsvLines:
    """Writes lines to a file that was opened with newline=""."""

    def __init__(self, file: TextIO) -> None:
        file.write(UTF_8_MARK)
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow(COLUMNS)

    def write(self, lines: Iterable[Line]) -> None:
        self._writer.writerows(lines)


def read_lines(file: TextIO) -> Iterator[Line]:
    """What `CsvLines` wrote, descriptions as they were meant."""
    rows = csv.reader(file)
    next(rows)
    for row in rows:
        line = Line(*row)
        yield line._replace(description=unescaped(line.description)) if line.description else line
