"""A shop that pays out what is in wallets, which most don't; and staff before the pages of wallets."""

from collections.abc import Iterator

import pytest

from shop.kernel.config import settings
from tests.factories.forms import Form, words
from tests.factories.identity import make_account, sign_in_browser


@pytest.fixture
def withdrawals_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SHOP_WALLET_WITHDRAWALS", "on")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def boss(client):
    """The browser of staff who may move money."""
    account_id = await make_account("boss@shop.example", name="Boss", permissions=("wallet.view", "wallet.adjust"))
    await sign_in_browser(client, account_id)
    return account_id


@pytest.fixture
async def onlooker(client):
    """Of staff who may only look."""
    account_id = await make_account("eyes@shop.example", name="Eyes", permissions=("wallet.view", "customers.view"))
    await sign_in_browser(client, account_id)
    return account_id


@pytest.fixture
def form(client):
    """`await form(page, action)`: a form as that page has it."""

    async def found(page, action):
        answer = await client.get(page)
        assert answer.status_code == 200, answer.text
        return Form(answer.text, action)

    return found


@pytest.fixture
def look(client):
    """`await look(page)`: what a reader sees there."""

    async def seen(path):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return words(answer.text)

    return seen
