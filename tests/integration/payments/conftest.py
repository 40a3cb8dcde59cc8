"""Who listens: the facts that payments tell within their own transactions, and a provider that misbehaves on demand."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import pytest

from shop.contracts.payment_providers import PaymentProvider, ProviderRecords
from shop.contracts.payments import DepositChargedBack, PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded
from shop.kernel import bus, ports
from shop.kernel.events import Event
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.fakes.payment_provider import FakeProvider
from tests.fakes.payment_records import FakeRecords
from tests.fakes.paypal_api.process import PayPalFake, paypal, paypal_process
from tests.fakes.stripe_api.process import stripe_fake, stripe_fake_process
from tests.fakes.stripe_stand_in import stripe, stripe_process

__all__ = ["paypal", "paypal_process", "stripe", "stripe_fake", "stripe_fake_process", "stripe_process"]


class Told:
    """Ids of payments by what was told of them, in order. Facts of transactions that fail later are in it too."""

    def __init__(self) -> None:
        self.captured: list[UUID] = []
        self.failed: list[UUID] = []
        self.held: list[tuple[UUID, datetime]] = []
        self.refunded: list[tuple[UUID, int]] = []
        self.charged_back: list[DepositChargedBack] = []


@pytest.fixture
def told(booted: None, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Listens where same-transaction subscribers do, without the orders that these payments' orders are not."""
    heard = Told()
    publish = bus.publish_in_transaction

    async def listen(uow: UnitOfWork, event: Event) -> None:
        match event:
            case PaymentCaptured():
                heard.captured.append(event.payment_id)
            case PaymentFailed():
                heard.failed.append(event.payment_id)
            case PaymentHeld():
                heard.held.append((event.payment_id, event.until))
            case PaymentRefunded():
                heard.refunded.append((event.payment_id, event.amount))
            case DepositChargedBack():
                heard.charged_back.append(event)
        await publish(uow, event)

    monkeypatch.setattr(bus, "publish_in_transaction", listen)
    return heard


@pytest.fixture
def fake(booted: None, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """Offered as "fake" beside the real ones."""
    provider = FakeProvider()
    monkeypatch.setitem(ports._many[PaymentProvider], "fake", provider)
    return provider


@pytest.fixture
async def provider(paypal: PayPalFake) -> AsyncIterator[PayPalWhenSet]:
    """PayPal's, as the shop has it, talking to the PayPal of our own."""
    talking = PayPalWhenSet()
    yield talking
    await talking.aclose()


@pytest.fixture
def records(fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> FakeRecords:
    """The books of `fake`, for reconciliation."""
    books = FakeRecords(fake)
    monkeypatch.setitem(ports._many[ProviderRecords], "fake", books)
    return books
