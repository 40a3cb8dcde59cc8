"""A shop that is open: delivery and taxes; the goods, stock, carts and payments are the real ones."""

import pytest

from tests.factories.orders import open_shop
from tests.fakes.stripe_api.process import stripe_fake, stripe_fake_process

__all__ = ["stripe_fake", "stripe_fake_process"]


@pytest.fixture
async def shop(db: None) -> None:
    """Delivery and taxes: what an order needs besides goods."""
    await open_shop()
