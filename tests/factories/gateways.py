"""Stripe and PayPal as a shop finds them, each behind the same few acts: a buyer who pays, and what happens at the provider
without the shop."""

from typing import Any, Protocol
from uuid import UUID

from shop.contracts.payment_providers import ProviderIntent
from shop.contracts.payments import PaymentId, PaymentRequest, Payments
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from shop.modules.payments.schemas import Intent
from shop.modules.payments.service.process_payment import look_up_payment
from tests.factories.payments import get_intent
from tests.fakes.paypal_api.process import PayPalFake
from tests.fakes.stripe_api.process import StripeFake

TOTAL = Money(1999, "EUR")


class Gateway(Protocol):
    name: str

    async def pay(self) -> Intent:
        """A payment of ours, captured on both sides."""

    async def pay_unheard(self) -> Intent:
        """Captured there; here it still waits for its buyer."""

    async def charge(self, amount: int, payment_id: UUID | None = None) -> str:
        """Money that the shop never asked for; the provider's name of it. It may name a payment all the same."""

    async def refund(self, intent: Intent, amount: int) -> None:
        """In the provider's dashboard."""

    async def say(self, intent: Intent, status: str) -> None:
        """The provider calls what became of a payment of ours by another word."""

    async def given_back(self, intent: Intent) -> int:
        """Minor units, of one of our payments."""

    async def forget(self) -> None:
        """The provider knows nothing any more."""

    async def go(self) -> None:
        """Its books can't be read."""

    async def come(self) -> None: ...


async def _open(provider: str, token: str | None) -> Intent:
    request = PaymentRequest(provider, token)
    (opened,) = await write(port(Payments).open_payments, new_id(), TOTAL, request)
    await port(Payments).process_payment(opened.id)
    return await get_intent(opened.id)


class StripeGateway:
    name = "stripe"

    def __init__(self, fake: StripeFake) -> None:
        self._fake = fake

    async def pay(self) -> Intent:
        return await _open(self.name, "pm_card_visa")

    async def pay_unheard(self) -> Intent:
        intent = await _open(self.name, None)
        await self._fake.control("pay", intent=intent.provider_ref)
        return intent

    async def charge(self, amount: int, payment_id: UUID | None = None) -> str:
        metadata = {"payment_id": str(payment_id)} if payment_id else {}
        made = await self._fake.control("charge", amount=amount, metadata=metadata)
        return str(made["id"])

    async def refund(self, intent: Intent, amount: int) -> None:
        await self._fake.control("refund", intent=intent.provider_ref, amount=amount)

    async def say(self, intent: Intent, status: str) -> None:
        await self._fake.control("say", intent=intent.provider_ref, status=status)

    async def given_back(self, intent: Intent) -> int:
        return sum(each["refunded"] for each in self._fake.intents_of(intent.id))

    async def forget(self) -> None:
        await self._fake.control("reset")

    async def go(self) -> None:
        rule = {"kind": "error", "when": "before", "method": "GET", "path": "payment_intents", "kept": False}
        await self._fake.control("faults", rules=[rule])

    async def come(self) -> None:
        await self._fake.control("behave")


class PayPalGateway:
    name = "paypal"

    def __init__(self, fake: PayPalFake, provider: PayPalWhenSet) -> None:
        self._fake, self._provider = fake, provider

    async def pay(self) -> Intent:
        intent = await self._approved()
        await look_up_payment(intent.id)
        return await get_intent(intent.id)

    async def pay_unheard(self) -> Intent:
        intent = await self._approved()
        await self._provider.capture(_told(intent), TOTAL)
        return intent

    async def charge(self, amount: int, payment_id: UUID | None = None) -> str:
        told = ProviderIntent(
            payment_id=PaymentId(payment_id or new_id()),
            order_id=new_id(),
            amount=Money(amount, "EUR"),
            token=None,
            method_id=None,
            return_url="http://testserver/back",
        )
        # As if by somebody else: PayPal would know our own keys again.
        await self._fake.control(order_key_seconds=0, blocks_duplicate_invoices=False)
        ref = await self._provider.prepare(told)
        await self._fake.approve(ref)
        await self._provider.capture(_with_ref(told, ref), told.amount)
        return ref

    async def refund(self, intent: Intent, amount: int) -> None:
        known = await self._provider.look_up(_told(intent))
        await self._provider.refund(_told(intent, known.capture_ref), Money(amount, "EUR"), new_id())

    async def say(self, intent: Intent, status: str) -> None:
        (capture,) = (await self._fake.state(intent.id))["captures"]
        await self._fake.do("say", capture_id=capture["id"], status=status)

    async def given_back(self, intent: Intent) -> int:
        return int(await self._fake.given_back(intent.id) * 100)

    async def forget(self) -> None:
        await self._fake.reset()

    async def go(self) -> None:
        await self._fake.control(away=True)

    async def come(self) -> None:
        await self._fake.control(away=False)

    async def _approved(self) -> Intent:
        intent = await _open(self.name, None)
        await self._fake.approve(intent.provider_ref or "")
        return intent


def _told(intent: Intent, capture_ref: str | None = None) -> ProviderIntent:
    fields: dict[str, Any] = {
        "payment_id": intent.id,
        "order_id": intent.order_id,
        "amount": intent.money,
        "token": None,
        "method_id": None,
        "return_url": "http://testserver/back",
        "provider_ref": intent.provider_ref,
        "capture_ref": capture_ref,
    }
    return ProviderIntent(**fields)


def _with_ref(told: ProviderIntent, ref: str) -> ProviderIntent:
    return ProviderIntent(
        payment_id=told.payment_id,
        order_id=told.order_id,
        amount=told.amount,
        token=None,
        method_id=None,
        return_url=told.return_url,
        provider_ref=ref,
    )
