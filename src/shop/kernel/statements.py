"""How repositories run SQL: what is written out as `text()` goes to psycopg directly, all else through SQLAlchemy.

A statement through SQLAlchemy's asyncio layer costs twice what psycopg needs for it (a greenlet and a result with typed
columns each), and requests spend most of their time on statements. The connection, its pool, its transaction and the
errors are SQLAlchemy's either way, and the two ways mix within one transaction.
"""

import re
from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol, cast

import psycopg
from psycopg.rows import RowMaker, no_result
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction
from sqlalchemy.sql import Executable

from shop.kernel.redaction import redact_error

CHANGES: Final = re.compile(
    r"(?:^|[(;])\s*(?:insert\s+into|update|delete\s+from|merge\s+into|truncate)\b", re.IGNORECASE
)
DIALECT: Final = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]  # of SQLAlchemy's making


class Rows(Protocol):
    """The answer to one statement, all of it in memory. Rows are tuples whose columns are attributes too."""

    @property
    def rowcount(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def all(self) -> Sequence[Any]: ...
    def first(self) -> Any: ...
    def one(self) -> Any: ...
    def scalar(self) -> Any: ...
    def scalar_one(self) -> Any: ...
    def scalars(self) -> Iterable[Any]: ...
    def mappings(self) -> Iterable[Mapping[str, Any]]: ...


class PlainRows:
    """What psycopg fetched. Raises InvalidRequestError where one row is wanted and there are others."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        return self._rows

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        if len(self._rows) != 1:
            raise InvalidRequestError(f"{len(self._rows)} rows instead of one")
        return self._rows[0]

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> Iterable[Any]:
        return [row[0] for row in self._rows]

    def mappings(self) -> Iterable[Mapping[str, Any]]:
        return [row._asdict() for row in self._rows]


class Statements:
    """The connection of one unit of work, as `kernel.db.sql(uow)` gives it."""

    def __init__(self, connection: AsyncConnection, *, only_reads: bool = False) -> None:
        self.connection = connection
        self._only_reads = only_reads
        sync = connection.sync_connection
        if sync is None:
            raise InvalidRequestError("this connection is not open")
        self._listened = sync.dispatch.before_cursor_execute
        self.driver: psycopg.AsyncConnection[Any] = cast("Any", sync.connection.driver_connection)

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Rows:
        """Raises SQLAlchemy's DBAPIError and its kinds, such as IntegrityError; RuntimeError for a change while only reading."""
        if self._only_reads and _changes(statement):
            raise RuntimeError("staff change something while only reading: use write()")
        if type(statement) is TextClause and not isinstance(parameters, list):
            return await self._execute_plainly(statement, cast("Mapping[str, Any]", parameters or {}))
        return cast("Rows", await self.connection.execute(statement, parameters))

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, None when there is none."""
        return (await self.execute(statement, parameters)).scalar()

    def begin_nested(self) -> AsyncTransaction:
        return self.connection.begin_nested()

    async def _execute_plainly(self, statement: TextClause, parameters: Mapping[str, Any]) -> Rows:
        sent = _as_psycopg_writes_it(statement.text)
        for listener in self._listened:
            listener(self.connection.sync_connection, None, sent, parameters, None, False)  # noqa: FBT003  # the listener's own signature
        cursor = self.driver.cursor(row_factory=_named)
        try:
            await cursor.execute(sent, parameters)
            rows = await cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []
        except psycopg.Error as error:
            raise await self.told(error, sent, parameters) from error
        return PlainRows(rows, cursor.rowcount)

    async def told(self, error: psycopg.Error, statement: str, parameters: Mapping[str, Any]) -> BaseException:
        """`error` as SQLAlchemy tells it. A connection that broke is taken out, and with it those that are as old: the
        server they led to is gone."""
        broken = self.driver.closed or self.driver.broken
        if broken:
            await self.connection.invalidate()
            await self.connection.engine.dispose()
        redact_error(error)
        return DBAPIError.instance(
            statement,
            dict(parameters),
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=broken,
            dialect=DIALECT,
        )


def _changes(statement: Executable) -> bool:
    """Also of a statement that changes something in a `with` of it."""
    if isinstance(statement, TextClause):
        return CHANGES.search(statement.text) is not None
    return bool(getattr(statement, "is_dml", False))


def _named(cursor: psycopg.AsyncCursor[Any] | psycopg.Cursor[Any]) -> RowMaker[Any]:
    """psycopg's own named tuples refuse two columns of one name; here only the first can be asked for by name."""
    result = cursor.pgresult
    if result is None or not result.nfields:
        return no_result
    return _row_maker(tuple(result.fname(column) for column in range(result.nfields)))


@lru_cache(maxsize=2048)
def _row_maker(names: tuple[bytes | None, ...]) -> RowMaker[Any]:
    kind = namedtuple("Row", [(name or b"").decode() for name in names], rename=True)  # type: ignore[misc]  # noqa: PYI024  # known at run time only
    return kind._make


@lru_cache(maxsize=2048)
def _as_psycopg_writes_it(statement: str) -> str:
    """Named parameters as `%(name)s`. Types of parameters are not told: where they matter the SQL casts."""
    return str(text(statement).compile(dialect=DIALECT))
