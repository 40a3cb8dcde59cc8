"""What is in a column, from a sample of its cells: what a guess about its meaning goes by. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from shop.modules.catalog.importing.reader import Row
from shop.modules.catalog.importing.vocabulary import folded

_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|\d{1,3}(?:\.\d{3})+,\d+)")
_SIGN: Final = re.compile(r"^(?:[€$£¥]|[A-Z]{3}\b)\s*|\s*(?:[€$£¥]|\b[A-Z]{3})$")
"""Of a currency."""
_WHOLE: Final = re.compile(r"\d+(?:\.0+)?")
_COMMA: Final = re.compile(r"\d{1,3}(?:\.\d{3})*,\d{1,2}|\d+,\d{1,2}")
_POINT: Final = re.compile(r"\d+\.\d{1,2}")
_HTML: Final = re.compile(r"<(?:p|br|ul|ol|li|div|span|b|strong|em|h\d|table)\b[^>]*>", re.IGNORECASE)
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#].*)?$", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_YES_NO: Final = {"true", "false", "yes", "no"}
MOSTLY: Final = 0.9


class Profile(msgspec.Struct, frozen=True):
    """Shares are of the filled cells. `name` is the column, `key` how it is compared."""

    name: str
    key: str
    filled: int
    distinct: int
    most: tuple[str, ...]
    """The most frequent values."""
    length: float
    """Mean, in characters."""
    number: float
    money: float
    """Numbers, a currency's sign beside them or not; so are those with a comma and a point counted."""
    whole: float
    comma: float
    point: float
    picture: float
    date: float
    yes_no: float
    html: bool
    listed: bool
    """Some cells are lists of the file's own."""

    @property
    def unique(self) -> bool:
        return self.filled > 0 and self.distinct == self.filled


def profiles(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Profile]:
    """By column."""
    cells: dict[str, list[str]] = {column: [] for column in columns}
    listed: set[str] = set()
    for row in rows:
        for column, value in row.values.items():
            if cell := row[column]:
                cells[column].append(cell)
            if isinstance(value, list):
                listed.add(column)
    return {column: _profile(column, found, listed=column in listed) for column, found in cells.items()}


def _profile(column: str, cells: Sequence[str], *, listed: bool) -> Profile:
    counts = Counter(cells)
    total = len(cells) or 1

    bare = Counter(_SIGN.sub("", cell) for cell in cells)

    def share(pattern: re.Pattern[str], among: Counter[str] = counts) -> float:
        return sum(count for cell, count in among.items() if pattern.fullmatch(cell)) / total

    return Profile(
        name=column,
        key=folded(column),
        filled=len(cells),
        distinct=len(counts),
        most=tuple(cell for cell, _ in counts.most_common(12)),
        length=sum(map(len, cells)) / total,
        number=share(_NUMBER),
        money=share(_NUMBER, bare),
        whole=share(_WHOLE),
        comma=share(_COMMA, bare),
        point=share(_POINT, bare),
        picture=sum(count for cell, count in counts.items() if _PICTURE.search(cell)) / total,
        date=share(_DATE),
        yes_no=sum(count for cell, count in counts.items() if cell.lower() in _YES_NO) / total,
        html=any(_HTML.search(cell) for cell in counts),
        listed=listed,
    )
