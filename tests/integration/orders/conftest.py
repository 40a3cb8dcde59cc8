"""A shop that is open: delivery and taxes; the goods, stock, carts and payments are the real ones."""

import pytest

from tests.factories.orders import open_shop


@pytest.fixture
async def shop(db: None) -> None:
    """Delivery and taxes: what an order needs besides goods."""
    await open_shop()
