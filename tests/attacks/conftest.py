"""What all attacks are made on: the whole application, its routes found from itself."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from shop.app import build_litestar
from tests.attacks.estate import Estate
from tests.attacks.routes import Route, routes_of
from tests.bad_input.conftest import nothing_changes, routes, rules
from tests.factories.moments import Moment

__all__ = ["nothing_changes", "routes", "rules"]


@pytest.fixture(scope="session")
def every_route(booted: None) -> list[Route]:
    found = routes_of(build_litestar())
    assert len(found) > 80
    return found


@pytest.fixture
async def estate(gateway: Any, quick: None, this_moment: Callable[[], Moment]) -> AsyncIterator[Estate]:
    made = Estate(gateway, this_moment)
    await made.open()
    yield made
    await made.close()
