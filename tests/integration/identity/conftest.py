"""What tests of identity look at: the facts it tells, whoever listens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import DbUnitOfWork, read, sql
from shop.kernel.events import Event
from shop.kernel.uow import UnitOfWork
from shop.modules.identity import credentials
from shop.modules.identity.passwords import Verdict


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


@pytest.fixture
def rate_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a running shop; most tests go without."""
    monkeypatch.setenv("SHOP_RATE_LIMITS", "on")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is right and none takes time, for tests of many requests that prove something else."""

    async def hashed(password: str) -> str:
        password.encode()
        return "hash"

    async def checked(password: str, stored: str | None) -> Verdict:
        password.encode()
        return Verdict(right=False)

    monkeypatch.setattr(credentials, "hash_password", hashed)
    monkeypatch.setattr(credentials, "check_password", checked)
    monkeypatch.setattr(credentials, "RESET_ANSWER_SECONDS", 0)
