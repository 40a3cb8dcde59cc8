"""A module that accepts events, which the shop's own need not do for these tests, and a program that may send them."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from shop.kernel import accepted_events, bus
from shop.kernel.db import read, sql
from shop.kernel.events import Event
from shop.kernel.manifest import Manifest, accepted, durable
from shop.kernel.uow import UnitOfWork
from tests.factories.oauth import Program, make_program

PERMISSION = "stock.edit"


class LampRequested(Event, tag="lamps.lamp_requested.v1", frozen=True):
    lamp_id: UUID
    brightness: int | None = None
    colour: str = ""


class LampForgotten(Event, tag="lamps.lamp_forgotten.v1", frozen=True):
    """Only modules may emit it."""

    lamp_id: UUID


heard: list[LampRequested] = []


async def when_lamp_requested_note_it(_uow: UnitOfWork, event: LampRequested) -> None:
    heard.append(event)


async def when_lamp_forgotten_note_it(_uow: UnitOfWork, event: LampForgotten) -> None: ...


LAMPS = Manifest(
    "lamps",
    accepts=(accepted(LampRequested, PERMISSION), accepted(LampForgotten)),
    subscriptions=(
        durable(LampRequested, when_lamp_requested_note_it),
        durable(LampForgotten, when_lamp_forgotten_note_it),
    ),
)


@pytest.fixture(autouse=True)
def lamps(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[LampRequested]]:
    """What the accepting module has heard."""
    monkeypatch.setattr(accepted_events, "_accepted", dict(accepted_events._accepted))
    accepted_events.register_accepted_events(LAMPS)
    for subscription in LAMPS.subscriptions:
        if bus.find_subscription(subscription.name) is None:
            bus.subscribe(subscription)
    heard.clear()
    yield heard
    heard.clear()


@pytest.fixture
async def program(db: None) -> Program:
    return await make_program(PERMISSION, redirect_uris=())


@pytest.fixture
async def api(gateway: Any) -> Any:
    """A program's: no cookies, no origin."""
    transport = httpx.ASGITransport(app=gateway, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


@pytest.fixture
def count(db: None) -> Callable[[str], Any]:
    """`await count("kernel.outbox")`"""

    async def ask(table: str) -> int:
        async def select(uow: UnitOfWork) -> int:
            found: int = (await sql(uow).execute(text(f"select count(*) from {table}"))).scalar_one()
            return found

        return await read(select)

    return ask
