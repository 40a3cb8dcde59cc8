"""What tests of identity look at: the facts it tells, whoever listens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import DbUnitOfWork, read, sql
from shop.kernel.events import Event
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.gateways.identity_providers import provider_client
from tests.fakes.oidc_process import OidcProcess, run_oidc_provider


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Every event emitted from now on, also in a transaction that fails later."""
    told: list[Event] = []
    emit = DbUnitOfWork.emit

    def noting(self: DbUnitOfWork, event: Event) -> None:
        told.append(event)
        emit(self, event)

    monkeypatch.setattr(DbUnitOfWork, "emit", noting)
    return told


@pytest.fixture
def rows(db: None) -> Callable[..., Any]:
    """`await rows("account")`: the table as it is."""

    async def find(table: str) -> list[Any]:
        async def select(uow: UnitOfWork) -> list[Any]:
            return list((await sql(uow).execute(text(f"select * from identity.{table}"))).all())

        return await read(select)

    return find


@pytest.fixture(scope="session")
def oidc_process() -> Iterator[OidcProcess]:
    with run_oidc_provider() as process:
        yield process


@pytest.fixture
def club(oidc_process, monkeypatch) -> Iterator[OidcProcess]:
    """Well behaved, and what this shop's settings name."""
    for name, value in oidc_process.settings().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    provider_client.cache_clear()
    oidc_process.behave()
    yield oidc_process
    monkeypatch.undo()
    settings.cache_clear()
