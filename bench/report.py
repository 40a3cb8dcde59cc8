"""The table of figures, for a terminal and for docs/performance.md, and the few of them that the README shows."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.servers import ROOT

DOCUMENT, README = ROOT / "docs" / "performance.md", ROOT / "README.md"
BEGIN, END = "<!-- figures: written by `python -m bench --write` -->", "<!-- end of figures -->"
HEADINGS = ("what", "shop", "bare", "ratio", "asked", "held?")
IN_README = {
    "product page, cached": "product page, cached",
    "category page, uncached": "category page of 24, not cached",
    "guest checkouts until the order is answered": "guest checkouts until the order is answered",
    "wallet postings, 1,000 wallets": "wallet postings, 16 at once",
    "memory of everything after that (PSS)": "memory of all of it, PostgreSQL included",
}
"""Rows by their names in the whole table, and what a first reader is told instead."""


def rows(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    return [
        (
            f"{each.what} ({each.note})" if each.note else each.what,
            _number(each.shop, each.unit),
            "" if each.bare is None else _number(each.bare, each.unit),
            "" if each.ratio is None else f"{each.ratio:.2f}",
            _asked(each),
            {True: "yes", False: "NO", None: "?"}[each.held],
        )
        for each in figures
    ]


def in_a_line(figure: Figure) -> str:
    what, shop, bare, ratio, *_ = rows([figure])[0]
    return f"{what}: {shop}" + (f" beside {bare}, ratio {ratio}" if bare else "")


def _asked(figure: Figure) -> str:
    if figure.unit == "MB":
        return f"under {figure.asked:.0f} MB"
    return f"under {figure.asked:.2f}" if figure.unit == "ms" else f"{figure.asked:.2f}"


def _number(value: float, unit: str) -> str:
    if unit == "ms":
        return f"{value:,.2f} ms"
    return f"{value:,.0f} MB" if unit == "MB" else f"{value:,.0f}{unit}"


def print_table(figures: Sequence[Figure]) -> None:
    table = Table(*HEADINGS, title="Medians of rounds in turn")
    for row in rows(figures):
        table.add_row(*row, style="red" if row[-1] == "NO" else "")
    Console().print(table)


def machine() -> str:
    """What kind of machine this is; not which."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def write_documents(figures: Sequence[Figure], rounds: int) -> None:
    """Puts the figures into docs/performance.md and the README, between their two marks. Raises ValueError when the marks are
    gone, KeyError when there is no longer a figure that the README shows."""
    said = f"{datetime.now(UTC):%Y-%m-%d}; {machine()}; medians of {rounds} rounds in turn."
    whole = [HEADINGS, ("---", "---:", "---:", "---:", "---:", "---"), *rows(figures)]
    by_name = {each.what: each for each in figures}
    few = [("", "shop", "of the bare framework"), ("---", "---:", "---:")]
    few += [_row_of_readme(words, by_name[what]) for what, words in IN_README.items()]
    _put(DOCUMENT, f"{said}\n\n{_markdown(whole)}")
    _put(README, _markdown(few))


def _row_of_readme(words: str, figure: Figure) -> tuple[str, str, str]:
    return words, _number(figure.shop, figure.unit), "" if figure.ratio is None else f"{figure.ratio * 100:.0f} %"


def _markdown(table: Sequence[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in table)


def _put(document: Path, words: str) -> None:
    head, begin, rest = document.read_text().partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has lost the marks that the figures stand between")
    document.write_text(f"{head}{begin}\n{words}\n{end}{tail}")
