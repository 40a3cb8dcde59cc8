"""A shop that pays out what is in wallets; most don't."""

from collections.abc import Iterator

import pytest

from shop.kernel.config import settings


@pytest.fixture
def withdrawals_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SHOP_WALLET_WITHDRAWALS", "on")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
