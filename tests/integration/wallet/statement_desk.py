"""What tests of long statements have at hand: their owner, who asks, what is shown, and the worker's job."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, sql, write
from shop.modules.wallet.statement_files import begin, folder
from tests.factories.identity import bearer, make_account

URL = "/api/v1/wallet/statement"
YEAR = {"from": "2026-01-01", "to": "2026-06-30"}


def today() -> str:
    """Where the shop is: at night another day than in UTC."""
    return str(clock.now().astimezone(ZoneInfo(settings().time_zone)).date())


@pytest.fixture
def files(media_dir):
    """A data folder of the test's own."""
    return folder.folder()


@pytest.fixture
async def ada():
    return await make_account()


@pytest.fixture
async def headers(ada):
    return await bearer(ada)


@pytest.fixture
async def ask(client, headers):
    async def asked(**days):
        answer = await client.get(URL, params=days or YEAR, headers=headers)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == answer.json()["status_url"]
        return answer.json()["status_url"]

    return asked


@pytest.fixture
async def shown(client, headers):
    async def show(url):
        answer = await client.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return show


async def work():
    """What a worker's job does, to its end."""
    begun = await begin.begin_waiting_statement()
    await begin.STATEMENTS.ended()
    return begun


async def set_row(assignments, **values):
    await write(lambda uow: sql(uow).execute(text(f"update wallet.statement set {assignments}"), values))


async def count():
    return await read(lambda uow: sql(uow).scalar(text("select count(*) from wallet.statement")))


def rows_of(answer):
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
