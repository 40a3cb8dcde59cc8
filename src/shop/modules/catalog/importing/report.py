"""What became of an import: counts, and what was wrong where."""

from collections import Counter
from typing import Final, Literal

import msgspec

Outcome = Literal["created", "updated", "unchanged", "refused"]

MAX_ISSUES: Final = 1000
"""Kept word for word; further ones are only counted, so that a file of another kind can't fill the memory."""


class Issue(msgspec.Struct, frozen=True):
    """`column` is empty where the row as a whole is meant. A warning lets its row pass."""

    row: int
    column: str
    message: str
    warning: bool = False


class ImportReport:
    """Counts products, and beside them the SKUs and prices that stand in the shop after it as the file says."""

    def __init__(self) -> None:
        self.products: Counter[Outcome] = Counter()
        self.skus = 0
        self.prices = 0
        self.pictures = 0
        self.refused_rows: set[int] = set()
        self.warnings = 0
        self.issues: list[Issue] = []
        self.unlisted_issues = 0
        self.stopped = False
        """Before its end, after a whole batch."""

    def note(self, issue: Issue) -> None:
        if issue.warning:
            self.warnings += 1
        else:
            self.refused_rows.add(issue.row)
        if len(self.issues) < MAX_ISSUES:
            self.issues.append(issue)
        else:
            self.unlisted_issues += 1

    @property
    def clean(self) -> bool:
        """Whether no row was refused; warnings don't count."""
        return not self.refused_rows
