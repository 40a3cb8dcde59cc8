"""Where the files of statements are: in the data folder, which web and workers share, two for each statement.

Their names tell the attempt: a worker that was taken for dead may still be writing, and its figures are not those of the row.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple
from uuid import UUID

import msgspec

from shop.kernel.config import settings

Kind = Literal["csv", "pdf"]
KINDS: Final[tuple[Kind, ...]] = ("csv", "pdf")
_UNFINISHED: Final = "part"


class Made(NamedTuple):
    """By which attempt a statement was made."""

    statement_id: UUID
    attempt: int


def folder() -> Path:
    return settings().data_dir / "statements"


def file_path(made: Made, kind: Kind) -> Path:
    return folder() / f"{made.statement_id}.{made.attempt}.{kind}"


def named(name: str) -> tuple[UUID, Kind | None] | None:
    """The statement, and which of its files, that the end of an address tells: an id, with .csv or .pdf behind it. None
    where it is neither."""
    stem, dot, ending = name.partition(".")
    kind = next((each for each in KINDS if each == ending), None)
    try:
        statement_id = msgspec.convert(stem, UUID)
    except msgspec.ValidationError:
        return None
    return None if dot and kind is None else (statement_id, kind)


@contextmanager
def files_of(made: Made) -> Iterator[dict[Kind, Path]]:
    """Where to write them; they get their names when the block ends well, and are gone when it doesn't."""
    folder().mkdir(parents=True, exist_ok=True)
    unfinished = {kind: file_path(made, kind).with_suffix(f".{kind}.{_UNFINISHED}") for kind in KINDS}
    try:
        yield unfinished
        for kind, path in unfinished.items():
            with path.open("rb") as written:
                os.fsync(written.fileno())
            path.replace(file_path(made, kind))
    finally:
        for path in unfinished.values():
            path.unlink(missing_ok=True)


def kept() -> dict[Path, Made]:
    """Unfinished ones included."""
    found = {}
    for path in folder().glob("*-*-*-*-*.*.*"):
        statement_id, attempt, _ = path.name.split(".", 2)
        found[path] = Made(UUID(statement_id), int(attempt))
    return found


def forget(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
