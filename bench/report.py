"""The table of figures, for a terminal and for docs/performance.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.figures import Figure

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by `python -m bench --write` -->", "<!-- end of figures -->"
HEADINGS = ("what", "shop", "bare", "ratio", "asked", "held?")


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


def write_document(figures: Sequence[Figure], rounds: int) -> None:
    """Puts the figures into docs/performance.md, between their two marks. Raises ValueError when the marks are gone."""
    text = DOCUMENT.read_text()
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT} has lost the marks that the figures stand between")
    table = [HEADINGS, ("---", "---:", "---:", "---:", "---:", "---"), *rows(figures)]
    lines = "\n".join("| " + " | ".join(row) + " |" for row in table)
    said = f"{datetime.now(UTC):%Y-%m-%d}; {machine()}; medians of {rounds} rounds in turn."
    DOCUMENT.write_text(f"{head}{begin}\n{said}\n\n{lines}\n{end}{tail}")
