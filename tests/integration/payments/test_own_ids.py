"""The provider's own id of a payment is stored before anything is charged under it: whoever dies afterwards is followed by one who
asks for that very charge, though the provider has forgotten every key and can't be searched yet."""

from collections.abc import AsyncIterator
from typing import Any, Protocol

import pytest

from shop.contracts.payment_providers import ProviderAnswer, ProviderIntent
from shop.contracts.payments import Payment, Payments
from shop.kernel.ports import port
from shop.modules.payments.gateways.when_set import GatewayWhenSet
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.ports import PAYPAL, STRIPE
from shop.modules.payments.service.process_payment import look_up_payment
from tests.factories.payments import fall_due, get_intent, make_payment
from tests.fakes.paypal_api.process import PayPalFake
from tests.fakes.stripe_api.process import StripeFake


class Death(BaseException):
    """Of the process, which catches nothing any more."""


class Side(Protocol):
    """A provider and the shop's gateway to it."""

    gateway: GatewayWhenSet

    async def open(self) -> Payment: ...

    async def names(self, payment: Payment) -> list[str]:
        """The provider's own ids of all that it has for this payment."""

    async def taken(self, payment: Payment) -> int:
        """Minor units, by all charges together."""

    async def forget_keys(self) -> None:
        """As after a day, so that a second charge would be one; and what can be searched lags."""

    async def approve(self, ref: str) -> None:
        """By the buyer, where the provider asks for it."""


class StripesSide:
    gateway = STRIPE

    def __init__(self, fake: StripeFake) -> None:
        self._fake = fake

    async def open(self) -> Payment:
        return await make_payment("pm_card_visa", provider="stripe")

    async def names(self, payment: Payment) -> list[str]:
        return [each["id"] for each in self._fake.intents_of(payment.id)]

    async def taken(self, payment: Payment) -> int:
        return sum(each["captured"] for each in self._fake.intents_of(payment.id))

    async def forget_keys(self) -> None:
        await self._fake.control("forget_keys")
        await self._fake.control("settings", search_lag_seconds=3600)

    async def approve(self, ref: str) -> None:
        """The card was charged at once."""


class PayPalsSide:
    gateway = PAYPAL

    def __init__(self, fake: PayPalFake) -> None:
        self._fake = fake

    async def open(self) -> Payment:
        return await make_payment(None, provider="paypal")

    async def names(self, payment: Payment) -> list[str]:
        return [each["id"] for each in (await self._fake.state(payment.id))["orders"]]

    async def taken(self, payment: Payment) -> int:
        return int(await self._fake.taken(payment.id) * 100)

    async def forget_keys(self) -> None:
        await self._fake.control(order_key_seconds=0)

    async def approve(self, ref: str) -> None:
        await self._fake.approve(ref)


@pytest.fixture(params=["stripe", "paypal"])
def some_side(request: pytest.FixtureRequest, db: None) -> Side:
    if request.param == "stripe":
        return StripesSide(request.getfixturevalue("stripe_fake"))
    return PayPalsSide(request.getfixturevalue("paypal"))


@pytest.fixture
async def side(some_side: Side) -> AsyncIterator[Side]:
    yield some_side
    await some_side.gateway.aclose()


async def test_the_own_id_is_in_the_row_when_the_charge_is_asked_for(side, monkeypatch, told):
    charge: Any = side.gateway.charge
    stored = []

    async def look_first(intent: ProviderIntent) -> ProviderAnswer:
        stored.append((await get_intent(intent.payment_id)).provider_ref)
        return await charge(intent)

    monkeypatch.setattr(side.gateway, "charge", look_first)
    payment = await side.open()
    await port(Payments).process_payment(payment.id)
    assert stored == await side.names(payment) != []
    assert (await get_intent(payment.id)).provider_ref == stored[0]


async def test_who_dies_over_a_charge_is_followed_by_one_who_finds_it(side, monkeypatch, told):
    charge: Any = side.gateway.charge

    async def die_after(intent: ProviderIntent) -> ProviderAnswer:
        await charge(intent)
        raise Death

    payment = await side.open()
    with monkeypatch.context() as killed:
        killed.setattr(side.gateway, "charge", die_after)
        with pytest.raises(Death):
            await port(Payments).process_payment(payment.id)
    await side.forget_keys()
    await fall_due(payment.id)
    await settle_open_payments()
    names = await side.names(payment)
    assert len(names) == 1
    await side.approve(names[0])
    await look_up_payment(payment.id)
    intent = await get_intent(payment.id)
    assert (intent.status, intent.provider_ref) == ("captured", names[0])
    assert told.captured == [payment.id]
    assert await side.taken(payment) == intent.captured_amount == 1999
