"""A browser whose owner is signed in, and a shop that takes itself for one behind TLS: Authlib serves no other."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.factories.identity import make_account, sign_in_browser


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
async def ada(db: None) -> UUID:
    return await make_account()


@pytest.fixture
async def browser(client: httpx.AsyncClient, ada: UUID) -> httpx.AsyncClient:
    """Ada's."""
    await sign_in_browser(client, ada)
    return client


@pytest.fixture
async def api(client: httpx.AsyncClient, gateway: Any) -> Any:
    """A program's: no cookies, no origin."""
    transport = httpx.ASGITransport(app=gateway, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made
