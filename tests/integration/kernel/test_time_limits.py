"""A request ends in time, whoever is slow: refused in words, cut off cleanly, its connection to the database given up."""

import asyncio
import time
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.response import Stream
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import engine, read, sql, write
from shop.kernel.http.access import public
from shop.kernel.http.errors import EXCEPTION_HANDLERS
from shop.kernel.http.gateway import Gateway
from shop.kernel.http.requests import ShopRequest
from shop.kernel.uow import UnitOfWork
from tests.conftest import new_client

HEADERS = [(b"host", b"testserver"), (b"content-type", b"application/json")]


@get("/api/asleep", guards=[public])
async def asleep() -> str:
    await asyncio.sleep(30)
    return "late"


@post("/api/writes", guards=[public])
async def writes() -> str:
    async def insert_and_wait(uow: UnitOfWork) -> None:
        await sql(uow).execute(text("insert into kernel.heartbeat (process, seen_at) values ('slow', now())"))
        await sql(uow).execute(text("select pg_sleep(30)"))

    await write(insert_and_wait)
    return "late"


@post("/api/reads-body", guards=[public])
async def reads_body(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@post("/api/uploads", guards=[public], opt={"seconds": 60}, request_max_body_size=None)
async def uploads(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@get("/page-asleep", guards=[public], media_type="text/html")
async def page_asleep() -> str:
    await asyncio.sleep(30)
    return "late"


@get("/api/streams", guards=[public])
async def streams() -> Stream:
    async def pieces():
        for _ in range(4):
            yield b"x"
            await asyncio.sleep(0.4)

    return Stream(pieces())


@pytest.fixture
def app(booted, monkeypatch):
    monkeypatch.setenv("SHOP_REQUEST_SECONDS", "1")
    settings.cache_clear()
    routes = [asleep, writes, reads_body, uploads, page_asleep, streams]
    yield Gateway(
        Litestar(
            routes,
            request_class=ShopRequest,
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            logging_config=None,
            request_max_body_size=10_000,
        )
    )
    monkeypatch.undo()
    settings.cache_clear()


async def drip(app: Gateway, path: str, *, pieces: int, every: float) -> tuple[int, dict[bytes, bytes], float]:
    """The answer to a client that sends a byte, waits, and sends another; and how long it took."""
    sent = 0
    messages: list[Any] = []

    async def receive() -> Any:
        nonlocal sent
        await asyncio.sleep(every)
        sent += 1
        return {"type": "http.request", "body": b"x", "more_body": sent < pieces}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "headers": HEADERS,
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    started = time.monotonic()
    await app(scope, receive, send)
    start = messages[0]
    return start["status"], dict(start["headers"]), time.monotonic() - started


async def test_work_that_takes_too_long_is_cut_off_in_words(app):
    async with new_client(app) as client:
        started = time.monotonic()
        answer = await client.get("/api/asleep")
        took = time.monotonic() - started
        page = await client.get("/page-asleep")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert 0.9 < took < 10
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "took too long" in page.text


async def test_its_transaction_is_rolled_back_and_the_next_one_works(app, db):
    async with new_client(app) as client:
        answers = await asyncio.gather(*(client.post("/api/writes") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {503}

    async def state(uow: UnitOfWork) -> tuple[int, int]:
        rows = await sql(uow).scalar(text("select count(*) from kernel.heartbeat where process = 'slow'"))
        waiting = await sql(uow).scalar(
            text("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'")
        )
        return rows, waiting

    assert await read(state) == (0, 0)
    assert engine("write").pool.checkedout() == 0
    assert await asyncio.gather(*(read(state) for _ in range(16))) == [(0, 0)] * 16


async def test_a_body_that_comes_a_byte_at_a_time_ends_in_time(app):
    status, headers, took = await drip(app, "/api/reads-body", pieces=1000, every=0.1)
    assert status == 408
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"connection"] == b"close"
    assert 0.9 < took < 10


async def test_an_upload_has_longer_as_a_whole_but_not_for_each_piece(app):
    assert (await drip(app, "/api/uploads", pieces=20, every=0.1))[0] == 201
    status, _, took = await drip(app, "/api/uploads", pieces=20, every=5)
    assert status == 408
    assert took < 4


async def test_an_answer_that_has_begun_takes_as_long_as_its_reader(app):
    async with new_client(app) as client:
        answer = await client.get("/api/streams")
    assert (answer.status_code, answer.content) == (200, b"xxxx")


async def test_a_body_without_a_length_is_counted_as_it_comes(app):
    async with new_client(app) as client:

        async def pieces():
            for _ in range(20):
                yield b"x" * 1000

        answer = await client.post("/api/reads-body", content=pieces(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_length_that_is_too_much_is_refused_before_a_byte_is_read(app):
    read_of_it = False

    async def receive() -> Any:
        nonlocal read_of_it
        read_of_it = True
        return {"type": "http.request", "body": b"", "more_body": False}

    messages = []

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/reads-body",
        "query_string": b"",
        "headers": [*HEADERS, (b"content-length", b"10001")],
        "client": ("127.0.0.1", 1),
    }
    await app(scope, receive, send)
    assert messages[0]["status"] == 413
    assert not read_of_it
