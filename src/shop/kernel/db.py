"""PostgreSQL behind the unit of work: the one place that opens, commits and retries transactions.

    order = await write(place_order, cart_token, form)      # one transaction, committed before this returns
    cards = await read(list_cards, query)                   # AUTOCOMMIT: no BEGIN, no COMMIT, no round trips for them

`use_case(uow, *args)` runs again from the start when PostgreSQL asks for it (serialization failure, deadlock) or the
connection broke before COMMIT was sent; so a use case talks to nothing but the database, and hands its `uow` on: a second
`read` or `write` inside a transaction is refused. A COMMIT whose answer was lost
raises Unavailable: the caller's idempotency key tells what became of it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import psycopg
import structlog
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shop.kernel import audit, bus, outbox_rows
from shop.kernel.config import settings
from shop.kernel.errors import Unavailable
from shop.kernel.events import Event
from shop.kernel.redaction import redact_engine_error
from shop.kernel.statements import Statements
from shop.kernel.uow import UnitOfWork

T = TypeVar("T")
P = ParamSpec("P")

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 6
RETRIED_STATES: Final = {"40001", "40P01"}
SERVER_SETTINGS: Final = (
    "-c statement_timeout=20000 -c lock_timeout=8000 -c idle_in_transaction_session_timeout=30000 -c jit=off"
)

_engines: dict[str, AsyncEngine] = {}
_open: ContextVar[bool] = ContextVar("transaction_open", default=False)
after_commit: list[Callable[[int, int | None, frozenset[str]], None]] = []
"""Each is called with (outbox rows written, cache generation or None, invalidated tags) once a transaction has committed."""


class DbUnitOfWork:
    """One transaction. See `kernel.uow.UnitOfWork` for what a use case may do with it."""

    def __init__(self, statements: Statements) -> None:
        self.statements = statements
        self._events: list[Event] = []
        self._tags: set[str] = set()
        self.writing = False

    def emit(self, event: Event) -> None:
        if not self.writing:
            raise RuntimeError(f"{type(event).__name__} emitted while only reading: use write()")
        self._events.append(event)

    def invalidate(self, *tags: str) -> None:
        if not self.writing:
            raise RuntimeError("invalidate() while only reading: use write()")
        self._tags.update(tags)

    async def settle(self) -> tuple[int, int | None]:
        """What belongs in the transaction before COMMIT: same-transaction subscribers, the audit log's entry, outbox rows,
        cache generation."""
        rows: list[dict[str, Any]] = []
        while self._events:
            events, self._events = self._events, []
            for event in events:
                await bus.publish_in_transaction(self, event)
                rows += outbox_rows.rows_of(event)
        await audit.leave_entry(self)
        if rows:
            await self.statements.execute(outbox_rows.INSERT, {"rows": outbox_rows.encoded(rows)})
        generation = None
        if self._tags:
            generation = (
                await self.statements.execute(
                    text(
                        "update kernel.cache_generation set value = value + 1 where id = 1"
                        # A number that was told must not come again with other tags.
                        " returning value, set_config('synchronous_commit', 'on', true)"
                    )
                )
            ).scalar_one()
        return len(rows), generation

    def told(self, rows: int, generation: int | None) -> None:
        for hook in after_commit:
            hook(rows, generation, frozenset(self._tags))


def sql(uow: UnitOfWork) -> Statements:
    """The statements of `uow`, for a module's `repository.py` (and nothing else)."""
    if not isinstance(uow, DbUnitOfWork):
        raise TypeError(f"{uow!r} is not backed by the database")
    return uow.statements


def sqlalchemy_url(url: str) -> str:
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def engine(kind: str) -> AsyncEngine:
    """The process's engine for "write" (READ COMMITTED) or "read" (AUTOCOMMIT), made on first use: never before a fork.
    Both take from one pool, because each connection costs the server megabytes."""
    if not _engines:
        _engines["read"] = create_async_engine(
            sqlalchemy_url(settings().database_url),
            isolation_level="AUTOCOMMIT",  # to switch a connection over takes as long as half a statement: reads are many
            pool_size=8,
            max_overflow=8,
            pool_timeout=10,
            hide_parameters=True,  # an error's words end up in logs
            pool_use_lifo=True,  # few connections do most of the work: their statements are prepared, the others stay small
            connect_args={"options": SERVER_SETTINGS, "prepare_threshold": 1, "application_name": "shop"},
        )
        sqlalchemy_event.listen(_engines["read"].sync_engine, "handle_error", redact_engine_error)
        _engines["write"] = _engines["read"].execution_options(isolation_level="READ COMMITTED")
    return _engines[kind]


async def dispose_engines() -> None:
    if _engines:
        await _engines["read"].dispose()
    _engines.clear()


def refuse_open_transaction(what: str) -> None:
    """Raises RuntimeError when `what` happens while this task has a transaction open. A call over the network would hold its
    locks for as long as a stranger likes; and who holds one connection while waiting for a second may wait for others who do
    the same, until the pool gives up on all of them."""
    if _open.get():
        raise RuntimeError(f"{what} inside an open transaction")


async def write(use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `use_case(uow, ...)` as one transaction and commit it. Raises what it raises (nothing is kept then), or
    Unavailable when the database can't be reached; RuntimeError inside another transaction."""
    refuse_open_transaction("write()")
    for attempt in range(1, ATTEMPTS + 1):
        committing = False
        try:
            async with _connection("write") as connection:
                statements = Statements(connection)
                uow = DbUnitOfWork(statements)
                uow.writing = True
                outer = _open.set(True)
                try:
                    with audit.collecting():
                        result = await use_case(uow, *args, **kwargs)
                        rows, generation = await uow.settle()
                    committing = True
                    await _commit(statements)
                finally:
                    _open.reset(outer)
            uow.told(rows, generation)
            return result
        except DBAPIError as error:
            if attempt == ATTEMPTS or not _may_run_again(error, committing=committing):
                raise _told_plainly(error) from error
            log.info("transaction_retried", attempt=attempt, reason=str(error.orig)[:120])
            await asyncio.sleep(_pause(error, attempt))
    raise AssertionError("unreachable")


async def read(use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `use_case(uow, ...)`, which only reads; every statement sees what is committed by then. Raises RuntimeError for a
    change by staff, of which no entry would tell, and inside a transaction, whose `uow` reads as well."""
    refuse_open_transaction("read()")
    for attempt in (1, 2, 3):
        try:
            async with _connection("read") as connection:
                statements = Statements(connection, only_reads=audit.who_acts() is not None)
                return await use_case(DbUnitOfWork(statements), *args, **kwargs)
        except DBAPIError as error:
            if attempt == 3 or not _disconnected(error):
                raise _told_plainly(error) from error
            await asyncio.sleep(0.05 * attempt)
    raise AssertionError("unreachable")


async def snapshot(
    use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run `use_case(uow, ...)`, which only reads: all its statements see what was committed when the first one began."""

    async def at_one_moment(uow: UnitOfWork) -> T:
        await sql(uow).execute(text("set transaction isolation level repeatable read read only"))
        return await use_case(uow, *args, **kwargs)

    with audit.unaudited():  # PostgreSQL itself refuses changes in it
        return await write(at_one_moment)


async def _commit(statements: Statements) -> None:
    """SQLAlchemy commits nothing unless it has run a statement itself; psycopg knows of both its own and SQLAlchemy's."""
    if statements.connection.in_transaction():
        await statements.connection.commit()
        return
    try:
        await statements.driver.commit()
    except psycopg.Error as error:
        raise await statements.told(error, "COMMIT", {}) from error


@asynccontextmanager
async def _connection(kind: str) -> AsyncIterator[AsyncConnection]:
    async with engine(kind).connect() as connection:
        try:
            yield connection
        except asyncio.CancelledError:
            # A statement may still be under way on it; given back to the pool it would sit idle in a transaction.
            await connection.invalidate()
            raise


def _disconnected(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in {"57P01", "57P02", "57P03"} or (state or "").startswith("08")


def _may_run_again(error: DBAPIError, *, committing: bool) -> bool:
    if getattr(error.orig, "sqlstate", None) in RETRIED_STATES:
        return True
    return not committing and _unreachable(error)


def _pause(error: DBAPIError, attempt: int) -> float:
    """Seconds. A deadlock is over at once; a database that restarts is back within a few seconds, which a caller rather
    waits than be told 503 and find its Idempotency-Key taken until the lease runs out."""
    base = 0.1 if _unreachable(error) else 0.01
    return random.uniform(0.5, 1) * base * (1 << attempt)  # noqa: S311  # spreads retries, guards nothing


def _unreachable(error: DBAPIError) -> bool:
    return _disconnected(error) or (type(error.orig).__name__ == "OperationalError" and not _sqlstate(error))


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _told_plainly(error: DBAPIError) -> Exception:
    if _unreachable(error) or _sqlstate(error) in RETRIED_STATES | {"55P03", "57014", "53300"}:
        return Unavailable("The shop is busy or restarting; please try again in a moment")
    return error
