"""The ground every test stands on: real PostgreSQL and Valkey, a database per test worker made by the migrations.

`SHOP_TEST_DATABASE_URL` (a superuser's) and `SHOP_TEST_REDIS_URL` name running services to use; else the embedded ones are
started once for the whole run. The shop under test connects with a role of its own, as a real one does, so that a missing
grant is found. Sockets to anything but this machine are refused.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import event as sqlalchemy_event

from tests.factories.moments import Moment

ROOT = Path(__file__).parents[1]
SHOP = "shop_app"
_cleanup = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the services in the first process; test workers find their addresses in the environment."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each call would bury what a failure says
    if hasattr(config, "workerinput") or os.environ.get("SHOP_TEST_DATABASE_URL"):
        return
    from shop.kernel import embedded

    folder = Path(_cleanup.enter_context(tempfile.TemporaryDirectory(prefix="shop-tests-", ignore_cleanup_errors=True)))
    services = _cleanup.enter_context(embedded.start(folder, test_mode=True))
    os.environ["SHOP_TEST_DATABASE_URL"] = services.urls.database_owner_url
    os.environ["SHOP_TEST_REDIS_URL"] = services.urls.redis_url


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _cleanup.close()


def database_url(name: str) -> str:
    """The test server's URL with another database, as the owner of its tables."""
    return re.sub(r"(://[^/]*)/[^?]*", rf"\1/{name}", os.environ["SHOP_TEST_DATABASE_URL"], count=1)


def shop_url(name: str) -> str:
    """The same database as the shop itself signs in to it."""
    return re.sub(r"://[^:@/]*", f"://{SHOP}", database_url(name), count=1)


def _template_database() -> str:
    """A database at the newest migration, made once per state of the migrations and copied for each worker."""
    from shop.kernel import migrate

    digest = hashlib.sha256()
    roles = ROOT / "src" / "shop" / "kernel" / "database_roles.py"
    for path in (*sorted((ROOT / "migrations" / "versions").glob("*.py")), roles):
        digest.update(path.read_bytes())
    name = f"shop_template_{digest.hexdigest()[:12]}"
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(7304002)")
        if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
            connection.execute(f'create database "{name}_new"')
            migrate.upgrade(database_url(f"{name}_new"), shop_url(f"{name}_new"))
            connection.execute(f'alter database "{name}_new" rename to "{name}"')
    return name


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """This worker's own database, Valkey database, data folder and settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    name = f"shop_test_{os.getpid()}_{worker}"
    redis_url = re.sub(r"[?&]db=\d+", "", os.environ["SHOP_TEST_REDIS_URL"])  # of two numbers the first would count
    number = int(worker.removeprefix("gw")) % 16
    os.environ.update(
        SHOP_DATABASE_URL=shop_url(name),
        SHOP_REDIS_URL=f"{redis_url}{'&' if '?' in redis_url else '?'}db={number}",
        SHOP_SECRET_KEY="test-secret-key-of-more-than-32-characters",
        SHOP_DATA_DIR=str(tmp_path_factory.mktemp("data")),
        SHOP_BASE_URL="http://testserver",
        SHOP_DEMO="1",
        SHOP_RATE_LIMITS="off",
        SHOP_LOG_LEVEL="error",
    )
    template = _template_database()
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}"')
    from shop.kernel.config import settings

    settings.cache_clear()
    yield
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture(autouse=True)
def _no_outside_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the internet fails here, by name."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
async def booted(environment: None) -> AsyncIterator[None]:
    """All modules wired, as in a running process."""
    from shop import wiring
    from shop.kernel.db import dispose_engines
    from shop.kernel.redis_client import close_clients

    wiring.boot()
    yield
    await close_clients()
    await dispose_engines()


def owner_connection() -> psycopg.Connection[Any]:
    """To this worker's database, as the owner of its tables: for what the shop's own role may not do."""
    from shop.kernel.config import settings

    name = conninfo_to_dict(settings().database_url)["dbname"]
    return psycopg.connect(database_url(str(name)), autocommit=True)


def as_owner(statement: str) -> None:
    with owner_connection() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # the tests' own words


@pytest.fixture(scope="session")
def owner(booted: None) -> Iterator[psycopg.Connection[Any]]:
    """One connection of `owner_connection` for the whole run."""
    with owner_connection() as connection:
        yield connection


@pytest.fixture(scope="session")
def tables(owner: psycopg.Connection[Any]) -> list[str]:
    """All that hold what a test may leave, as schema.table."""
    found = owner.execute(
        "select schemaname || '.' || tablename from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema', 'public') and tablename <> 'cache_generation'"
    ).fetchall()
    assert len(found) > 40
    return [row[0] for row in found]


@pytest.fixture(scope="session")
def emptying(tables: list[str]) -> str:
    """What empties every table: rows are deleted under a lock, as `truncate` would make hundreds of files anew each time."""
    return ";".join(
        (
            f"lock table {', '.join(tables)} in access exclusive mode",  # waits for what the last test has left running
            "set local session_replication_role = replica",  # as triggers refuse to empty the audit log
            *(f"delete from {table}" for table in tables),
        )
    )


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Passwords are hashed as ever, in a hundredth of the time. Returns what `real_hashes` puts back."""
    from argon2 import PasswordHasher

    from shop.modules.identity import passwords

    real = {"HASHER": passwords.HASHER, "NOBODYS": passwords.NOBODYS}
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr(passwords, "NOBODYS", passwords._hash_of_nothing())
    return real


@pytest.fixture
def real_hashes(db: None, cheap_hashes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what a hash costs."""
    from shop.modules.identity import passwords

    for name, real in cheap_hashes.items():
        monkeypatch.setattr(passwords, name, real)


@pytest.fixture
async def db(booted: None, cheap_hashes: dict[str, Any], owner: psycopg.Connection[Any], emptying: str) -> None:
    """An empty, migrated database. What the migrations put in stays away too: tests say what they need."""

    def empty() -> None:
        with owner.transaction():
            owner.execute(emptying)  # type: ignore[call-overload]  # the tests' own words

    await asyncio.to_thread(empty)  # what holds the lock may be a task of this very loop that is just coming to its end


@pytest.fixture
def this_moment(db: None, owner: psycopg.Connection[Any], tables: list[str], emptying: str) -> Callable[[], Moment]:
    """`moment = this_moment(); ...; await moment.bring_back()`."""
    return lambda: Moment(owner, tables, emptying)


@pytest.fixture(scope="session")
def gateway(booted: None) -> Any:
    """The whole web application, in process."""
    from shop.app import build_litestar
    from shop.kernel.http.gateway import Gateway

    return Gateway(build_litestar())


@pytest.fixture
async def client(db: None, gateway: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser-like client: keeps cookies, names its origin, follows no redirects."""
    async with new_client(gateway) as made:
        yield made


def new_client(gateway: Any) -> httpx.AsyncClient:
    """Another visitor."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=gateway, raise_app_exceptions=False),
        base_url="http://testserver",
        headers={"origin": "http://testserver"},
    )


class Statements(list[str]):
    """The SQL sent while recording; BEGIN and COMMIT are not statements here."""


@pytest.fixture
def record_statements(booted: None) -> Callable[[], contextlib.AbstractContextManager[Statements]]:
    """`with record_statements() as sent: ...; assert len(sent) <= 4`."""
    from sqlalchemy.engine import Engine

    @contextlib.contextmanager
    def recording() -> Iterator[Statements]:
        sent = Statements()

        def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            sent.append(" ".join(statement.split()))

        sqlalchemy_event.listen(Engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            sqlalchemy_event.remove(Engine, "before_cursor_execute", note)

    return recording


@pytest.fixture
def media_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for pictures of the test's own."""
    from shop.kernel.config import settings

    monkeypatch.setenv("SHOP_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield settings().media_dir
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def rate_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a running shop; most tests go without."""
    from shop.kernel.config import settings

    monkeypatch.setenv("SHOP_RATE_LIMITS", "on")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is right and none takes time, for tests of many requests that prove something else."""
    from shop.modules.identity import credentials
    from shop.modules.identity.passwords import Verdict

    async def hashed(password: str) -> str:
        return f"hash of {len(password.encode())} bytes"

    async def checked(password: str, stored: str | None) -> Verdict:
        password.encode()
        return Verdict(right=False)

    monkeypatch.setattr(credentials, "hash_password", hashed)
    monkeypatch.setattr(credentials, "check_password", checked)
    monkeypatch.setattr(credentials, "RESET_ANSWER_SECONDS", 0)


@pytest.fixture
def drain_outbox(db: None) -> Callable[[], Any]:
    """`await drain_outbox()` delivers what waits in the outbox, as relay and worker would, until nothing is due."""
    from shop.kernel import outbox
    from shop.kernel.db import write

    async def drain() -> int:
        delivered = 0
        while ids := await write(outbox.claim_due, 100):
            for row_id in ids:
                await outbox.deliver(row_id)
                delivered += 1
        return delivered

    return drain


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """`real_data("catalog-spree")` is the folder of that real input; the test is told apart clearly where it is absent."""
    folder = Path(os.environ.get("SHOP_REALDATA") or ROOT.parent / "shared" / "data")

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"real input {name} is absent: looked in {folder}; set SHOP_REALDATA")
        return path

    return find
