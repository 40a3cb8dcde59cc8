"""The one place that reads the wall clock, so that tests can move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _offset


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Tests only: within the block this process believes that it is `by` later."""
    global _offset
    before = _offset
    _offset += by
    try:
        yield
    finally:
        _offset = before
