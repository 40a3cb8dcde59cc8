"""Messages as they are stored, and a mail server where a test wants one."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import read, sql, write
from shop.kernel.uow import UnitOfWork
from tests.factories.orders import open_shop
from tests.fakes.mail_server import MailServer, mail_server


@pytest.fixture
async def shop(db: None) -> None:
    await open_shop()


@pytest.fixture
def messages(db: None) -> Callable[..., Any]:
    """`await messages("order_confirmation")`: rows, oldest first."""

    async def find(template: str | None = None) -> list[Any]:
        async def select(uow: UnitOfWork) -> list[Any]:
            rows = await sql(uow).execute(text("select * from notifications.message order by id"))
            return [row for row in rows if template in {None, row.template}]

        return await read(select)

    return find


@pytest.fixture
def due_now(db: None) -> Callable[[], Any]:
    """As if the time until the next attempt had passed."""

    async def make() -> None:
        await write(lambda uow: sql(uow).execute(text("update kernel.outbox set due_at = now(), leased_until = null")))

    return make


@pytest.fixture
async def smtp(db: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailServer]:
    """From now on mail goes to this server."""
    with mail_server() as (server, url):
        monkeypatch.setenv("SHOP_SMTP_URL", url)
        settings.cache_clear()
        yield server
    monkeypatch.undo()
    settings.cache_clear()
