"""A statement on paper, as a bank prints it: A4, figures in columns, the balance carried from each page to the next.

Pages are laid out from the lines of the CSV, one at a time; how many there will be is known from the number of lines. Places
are in points from the lower left corner.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import BinaryIO, Final
from uuid import UUID

import msgspec

from shop.modules.wallet.statement_files.helvetica import (
    BOLD,
    REGULAR,
    Widths,
    encoded,
    is_readable,
    shortened,
    width,
)
from shop.modules.wallet.statement_files.lines import Line
from shop.modules.wallet.statement_files.pdf_objects import PdfFile, literal
from shop.modules.wallet.statement_rules import TITLES, Period

A4: Final = (595.28, 841.89)
LEFT: Final = 48.0
RIGHT: Final = A4[0] - LEFT
LINES_FIRST: Final = 32
"""On the first page, below its head."""
LINES: Final = 50
"""On each page after it."""
TABLE_FIRST, TABLE = 537.0, 780.0
"""Where the head of the table stands."""
ROW: Final = 13.5
BELOW_HEAD: Final = 18.0
FOOT: Final = 38.0
TIME: Final = LEFT + 52
DETAILS: Final = LEFT + 80
BALANCE: Final = RIGHT
MONEY_IN: Final = RIGHT - 82
MONEY_OUT: Final = RIGHT - 160
AMOUNT: Final = 76.0
"""The width of a column of amounts."""
SIZE: Final = 8.0
SOFT, INK, HAIR = b"0.38 g", b"0.08 g", b"0.85 G"
_FONTS: Final[dict[bytes, Widths]] = {b"R": REGULAR, b"B": BOLD}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the first page tells. Sums of money as in lines; `made_at` and `zone` in words."""

    statement_id: UUID
    shop: str
    name: str
    email: str
    period: Period
    currency: str
    made_at: str
    zone: str
    entries: int
    opening: str
    closing: str
    money_in: str
    money_out: str
    longest: int
    """Characters of the longest amount or balance among the lines."""

    @property
    def title(self) -> str:
        return f"Wallet statement, {spelt(self.period.first)} to {spelt(self.period.last)}"


def page_count(entries: int) -> int:
    return 1 + max(0, -(-(entries - LINES_FIRST) // LINES))


def print_pages(file: BinaryIO, facts: Facts, lines: Iterator[Line]) -> Iterator[int]:
    """How many lines are printed, after each page. `lines` are those of the entries, as many as `facts` tells."""
    pdf = PdfFile(file, A4, {"R": "Helvetica", "B": "Helvetica-Bold"})
    pages = page_count(facts.entries)
    figures = _figure_size(facts.longest)
    done, carried = 0, grouped(facts.opening)
    for number in range(1, pages + 1):
        page = _Page(figures)
        if number == 1:
            _head(page, facts)
        else:
            _running_head(page, facts)
        rows = list(islice(lines, LINES_FIRST if number == 1 else LINES))
        page.table(TABLE_FIRST if number == 1 else TABLE)
        page.sum_up("Opening balance" if number == 1 else "Brought forward", carried)
        for line in rows:
            page.line(line)
        if not facts.entries:
            page.say("Nothing happened in this wallet on these days.")
        carried = grouped(rows[-1].balance) if rows else carried
        done += len(rows)
        page.sum_up("Closing balance" if number == pages else "Carried forward", carried)
        _foot(page, facts, number, pages)
        pdf.add_page(page.content())
        yield done
    pdf.close(title=facts.title, author=facts.shop, language="en", identity=facts.statement_id.bytes)


class _Page:
    """The marks on one page, in the language of PDF's content streams."""

    def __init__(self, figures: float) -> None:
        self._texts: list[bytes] = []
        self._lines: list[bytes] = []
        self._figures = figures
        self._y = 0.0
        self._font: tuple[bytes, float, bytes] | None = None

    def text(
        self, x: float, y: float, text: bytes, *, font: bytes = b"R", size: float = SIZE, ink: bytes = INK
    ) -> None:
        if (font, size, ink) != self._font:
            self._font = (font, size, ink)
            self._texts.append(b"/%b %g Tf %b" % (font, size, ink))
        self._texts.append(b"1 0 0 1 %.2f %.2f Tm %b Tj" % (x, y, literal(text)))

    def right(
        self, x: float, y: float, text: bytes, *, font: bytes = b"R", size: float = SIZE, ink: bytes = INK
    ) -> None:
        """Ending at `x`."""
        self.text(x - width(text, _FONTS[font]) * size / 1000, y, text, font=font, size=size, ink=ink)

    def rule(self, y: float, thickness: float = 0.4, shade: bytes = HAIR) -> None:
        self._lines.append(b"%b %g w %.2f %.2f m %.2f %.2f l S" % (shade, thickness, LEFT, y, RIGHT, y))

    def ground(self, y: float, height: float) -> None:
        self._lines.append(b"0.95 g %.2f %.2f %.2f %.2f re f" % (LEFT, y, RIGHT - LEFT, height))

    def table(self, y: float) -> None:
        for x, title in ((LEFT, b"Date"), (TIME, b"Time"), (DETAILS, b"Details")):
            self.text(x, y, title, font=b"B", size=7.5, ink=SOFT)
        for x, title in ((MONEY_OUT, b"Money out"), (MONEY_IN, b"Money in"), (BALANCE, b"Balance")):
            self.right(x, y, title, font=b"B", size=7.5, ink=SOFT)
        self.rule(y - 5.5, 0.8, b"0.3 G")
        self._y = y - BELOW_HEAD

    def line(self, line: Line) -> None:
        y, figures = self._y, self._figures
        self.text(LEFT, y, short(line.date).encode())
        self.text(TIME, y, line.time[:5].encode())
        self.text(DETAILS, y, shortened(_details(line), REGULAR, (MONEY_OUT - AMOUNT - DETAILS) / SIZE * 1000))
        out = line.amount.startswith("-")
        self.right(MONEY_OUT if out else MONEY_IN, y, grouped(line.amount.removeprefix("-")).encode(), size=figures)
        self.right(BALANCE, y, grouped(line.balance).encode(), size=figures)
        self._next()

    def sum_up(self, title: str, balance: str) -> None:
        self.text(DETAILS, self._y, title.encode(), font=b"B")
        self.right(BALANCE, self._y, balance.encode(), font=b"B", size=self._figures)
        self._next()

    def say(self, words: str) -> None:
        self.text(DETAILS, self._y, words.encode(), ink=SOFT)
        self._next()

    def _next(self) -> None:
        self.rule(self._y - 4.2)
        self._y -= ROW

    def content(self) -> bytes:
        return b"\n".join((*self._lines, b"BT", *self._texts, b"ET"))


def _head(page: _Page, facts: Facts) -> None:
    page.text(LEFT, 786, _fitting(facts.shop, 15), font=b"B", size=15)
    page.rule(770, 1.2, b"0.08 G")
    page.text(LEFT, 733, b"Wallet statement", font=b"B", size=22)
    page.text(LEFT, 714, f"{spelt(facts.period.first)} to {spelt(facts.period.last)}".encode(), size=11, ink=SOFT)
    for number, words in enumerate(_whose(facts)):
        page.text(LEFT, 680 - 14 * number, words, font=b"R" if number else b"B", size=10)
    told = (
        ("Currency", facts.currency),
        ("Transactions", f"{facts.entries:,}"),
        ("Made on", facts.made_at),
        ("Times in", facts.zone),
        ("Statement", str(facts.statement_id)),
    )
    for number, (term, value) in enumerate(told):
        page.text(330, 680 - 12 * number, term.encode(), ink=SOFT)
        page.text(385, 680 - 12 * number, encoded(value))
    page.ground(569, 42)
    sums = (
        ("Opening balance", facts.opening),
        ("Money in", facts.money_in),
        ("Money out", facts.money_out),
        ("Closing balance", facts.closing),
    )
    column = (RIGHT - LEFT) / len(sums)
    for number, (term, value) in enumerate(sums):
        x = LEFT + 10 + number * column
        size = min(11.5, (column - 16) / (len(value) + len(value) // 3) / 0.556)
        page.text(x, 596, term.encode(), size=7.5, ink=SOFT)
        page.text(x, 580, grouped(value).encode(), font=b"B", size=size)


def _whose(facts: Facts) -> Sequence[bytes]:
    """A name in letters that these fonts lack altogether is left to the address, which tells it as surely."""
    name = _fitting(facts.name, 10) if facts.name and is_readable(facts.name) else b""
    return [words for words in (name, _fitting(facts.email, 10)) if words]


def _fitting(text: str, size: float) -> bytes:
    return shortened(encoded(text), BOLD, 270 / size * 1000)


def _running_head(page: _Page, facts: Facts) -> None:
    page.text(LEFT, 804, _fitting(facts.shop, 9), font=b"B", size=9)
    page.right(RIGHT, 804, facts.title.encode(), size=SIZE, ink=SOFT)


def _foot(page: _Page, facts: Facts, number: int, pages: int) -> None:
    page.text(LEFT, FOOT, f"Amounts in {facts.currency}".encode(), ink=SOFT)
    page.right(RIGHT, FOOT, b"Page %d of %d" % (number, pages), ink=SOFT)


def _details(line: Line) -> bytes:
    parts = (TITLES.get(line.operation, line.operation), line.order, line.description)
    return encoded(" \u00b7 ".join(part for part in parts if part))


def _figure_size(longest: int) -> float:
    """Of the font, so that the longest amount fits its column; a comma, half as wide, goes between each three digits."""
    return min(SIZE, AMOUNT / (0.556 * longest + 0.278 * (longest // 3)))


@lru_cache(maxsize=512)
def short(day: str) -> str:
    """21 Nov 2026"""
    return f"{date.fromisoformat(day):%-d %b %Y}"


def spelt(day: date) -> str:
    """21 November 2026"""
    return f"{day:%-d %B %Y}"


def grouped(amount: str) -> str:
    """-1,234.50 of -1234.50"""
    whole, point, part = amount.removeprefix("-").partition(".")
    return f"{'-' if amount.startswith('-') else ''}{int(whole):,}{point}{part}"
