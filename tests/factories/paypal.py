"""Payments for PayPal's provider, driven as the shop drives one: prepared, approved by the buyer, captured."""

from typing import Any
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import ProviderIntent
from shop.contracts.payments import PaymentId
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.fakes.paypal_api.process import PayPalFake

RETURN = "http://testserver/payments/return"


def make_intent(amount: int = 1999, currency: str = "EUR", **fields: Any) -> ProviderIntent:
    facts: dict[str, Any] = {
        "payment_id": PaymentId(new_id()),
        "order_id": new_id(),
        "amount": Money(amount, currency),
        "token": None,
        "method_id": None,
        "return_url": RETURN,
    }
    return ProviderIntent(**{**facts, **fields})


async def prepared(provider: PayPalWhenSet, intent: ProviderIntent) -> ProviderIntent:
    """As the shop does: the reference is stored before the charge."""
    return msgspec.structs.replace(intent, provider_ref=await provider.prepare(intent))


async def approved(provider: PayPalWhenSet, paypal: PayPalFake, intent: ProviderIntent) -> ProviderIntent:
    intent = await prepared(provider, intent)
    assert (await provider.charge(intent)).status == "requires_action"
    await paypal.approve(intent.provider_ref)
    return intent


async def captured(provider: PayPalWhenSet, paypal: PayPalFake, intent: ProviderIntent) -> ProviderIntent:
    intent = await approved(provider, paypal, intent)
    answer = await provider.capture(intent, intent.amount)
    assert answer.status == "captured"
    return msgspec.structs.replace(intent, capture_ref=answer.capture_ref)


async def kept_method(provider: PayPalWhenSet, paypal: PayPalFake) -> tuple[UUID, str]:
    """An account, and PayPal's name of the method that it stored with a purchase."""
    account = new_id()
    intent = await captured(provider, paypal, make_intent(save=True, account_id=account))
    return account, (await provider.look_up(intent)).vaulted.provider_ref
