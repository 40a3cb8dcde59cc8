"""What all bad input is sent to: the whole application, its endpoints and forms found from itself."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shop.app import build_litestar
from shop.kernel.config import settings
from shop.kernel.db import read, sql
from shop.kernel.http.access import rules_of
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.gateways.identity_providers import provider_client
from tests.bad_input.account_things import PROVIDER
from tests.bad_input.endpoints import Endpoint, endpoints_of
from tests.bad_input.forms import Routes
from tests.bad_input.people import Shop
from tests.fakes.oidc_process import OidcProcess, run_oidc_provider


@pytest.fixture(scope="session")
def rules(booted: None) -> dict[tuple[str, str], str]:
    """The kind of access rule of every route, by (method, path)."""
    return {(method, path): rule.kind for method, path, rule in rules_of(build_litestar()) if rule is not None}


@pytest.fixture(scope="session")
def endpoints(rules: dict[tuple[str, str], str]) -> list[Endpoint]:
    found = endpoints_of(build_litestar().openapi_schema.to_schema(), rules)
    assert len(found) > 25
    return found


@pytest.fixture(scope="session")
def routes(rules: dict[tuple[str, str], str]) -> Routes:
    return Routes(path for _, path in rules)


@pytest.fixture(scope="session")
def strings(real_data: Callable[[str], Path]) -> list[str]:
    """The Big List of Naughty Strings, and a few more."""
    found = json.loads((real_data("bad-input") / "blns" / "blns.json").read_text(encoding="utf-8"))
    assert len(found) > 500
    return [*found, "a\x1bb", "\U0010ffff", "x" * 300, "y" * 20_000]


@pytest.fixture(scope="session")
def oidc_process() -> Iterator[OidcProcess]:
    with run_oidc_provider() as process:
        yield process


@pytest.fixture
def provider(oidc_process: OidcProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One to sign in with; and programs are answered without TLS, as in a test nothing has it. Wallets are paid out, so that
    the form that asks for it is met."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("SHOP_WALLET_WITHDRAWALS", "on")
    for name, value in oidc_process.settings(PROVIDER).items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    provider_client.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def shop(db: None, gateway: Any, quick: None, provider: None) -> AsyncIterator[Shop]:
    made = Shop(gateway)
    await made.open()
    yield made
    await made.close()


PASSING = {"kernel.heartbeat", "kernel.job", "kernel.cache_generation", "identity.session"}
"""Tables that a refused request may touch: a visitor's session keeps the words of refusal for the next page."""


async def _contents(uow: UnitOfWork) -> dict[str, str]:
    """A digest of each table: how many rows, and what is in them."""
    tables = await sql(uow).execute(
        text(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema', 'public') order by 1"
        )
    )
    names = [name for name in tables.scalars() if name not in PASSING]
    query = " union all ".join(
        f"select '{name}', count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '')"
        f" from {name} t"
        for name in names
    )
    return {row[0]: row[1] for row in (await sql(uow).execute(text(query))).all()}


@pytest.fixture
def nothing_changes(db: None) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """`async with nothing_changes("what is done"): ...` compares every row of every table before and after."""

    @asynccontextmanager
    async def watching(what: object) -> AsyncIterator[None]:
        before = await read(_contents)
        yield
        after = await read(_contents)
        changed = {name: f"{before[name]} -> {after[name]}" for name in before if before[name] != after[name]}
        assert not changed, f"{what} changed {changed}"

    return watching
