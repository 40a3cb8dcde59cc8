"""Providers to hold against their contract, each at its desk."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.desks import Desk
from tests.contracts.every_desk import DESKS
from tests.contracts.own_desks import FakeDesk, SandboxDesk
from tests.contracts.paypal_desk import PayPalDesk
from tests.contracts.stripe_desks import LocalstripeDesk, StripeFakeDesk
from tests.fakes.paypal_api.merchant import listener, merchant
from tests.fakes.paypal_api.process import PayPalFake, paypal, paypal_process
from tests.fakes.stripe_api.process import StripeFake, stripe_fake, stripe_fake_process
from tests.fakes.stripe_api.receiver import shop_endpoint
from tests.fakes.stripe_stand_in import StripeStandIn, stripe, stripe_process

__all__ = [
    "listener",
    "merchant",
    "paypal",
    "paypal_process",
    "shop_endpoint",
    "stripe",
    "stripe_fake",
    "stripe_fake_process",
    "stripe_process",
]


@pytest.fixture
def desk(request: pytest.FixtureRequest, environment: None) -> Desk:
    """Of the provider that the test asks for by `desks_that`."""
    found = request.getfixturevalue(f"{request.param}_desk")
    assert isinstance(found, DESKS[request.param])
    return found


@pytest.fixture
def sandbox_desk(db: None) -> SandboxDesk:
    return SandboxDesk()


@pytest.fixture
def fake_desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def localstripe_desk(stripe: StripeStandIn) -> AsyncIterator[LocalstripeDesk]:
    desk = LocalstripeDesk(stripe)
    yield desk
    await desk.stripe.aclose()


@pytest.fixture
async def stripe_fake_desk(stripe_fake: StripeFake) -> AsyncIterator[StripeFakeDesk]:
    desk = StripeFakeDesk(stripe_fake)
    yield desk
    await desk.stripe.aclose()


@pytest.fixture
async def paypal_desk(paypal: PayPalFake) -> AsyncIterator[PayPalDesk]:
    desk = PayPalDesk(paypal)
    yield desk
    await desk.paypal.aclose()
