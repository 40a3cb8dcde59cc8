"""Stripe's own client, twice: talking to localstripe, and to the stateful fake that knows what localstripe doesn't."""

from shop.contracts.payment_providers import MethodSetup, ProviderAnswer, ProviderIntent, RefundAnswer
from shop.modules.payments.gateways.stripe_when_set import StripeWhenSet
from tests.contracts.desks import EVERYTHING, Desk
from tests.fakes.stripe_api.process import StripeFake
from tests.fakes.stripe_stand_in import StripeStandIn

CARD_3DS = {"number": "4000002500003155", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
LOSE_ALL = [{"kind": "lose", "method": "POST"}]


class LocalstripeDesk(Desk):
    """localstripe has no pending refunds, disputes or lists by time, keeps nothing by the way, and gives back whatever it is
    asked to."""

    can = EVERYTHING - {"refund later", "count refunds", "keep while paying", "list charges", "dispute"}
    good = "pm_card_visa"
    bad = "pm_card_chargeCustomerFail"
    impossible = "4242424242424242"
    refused = "pm_unknown"

    def __init__(self, stand_in: StripeStandIn) -> None:
        self.provider = self.vault = self.records = self.stripe = StripeWhenSet()
        self._stand_in = stand_in

    async def card_to_confirm(self) -> str:
        fields = {"type": "card", **{f"card[{name}]": value for name, value in CARD_3DS.items()}}
        return (await self._stand_in.call("POST", "/v1/payment_methods", data=fields))["id"]

    async def confirm(self, answer: ProviderAnswer) -> None:
        # Asked by the shop's own key: the buyer's browser would show the client's secret, which a redirect leaves out.
        intent = await self._stand_in.call("GET", f"/v1/payment_intents/{answer.provider_ref}")
        await self._stand_in.call(
            "POST",
            f"/v1/payment_intents/{answer.provider_ref}/_authenticate",
            data={"client_secret": intent["client_secret"], "success": "true"},
        )

    async def charges(self, intent: ProviderIntent) -> int:
        return sum(each["latest_charge"] is not None for each in await self._stand_in.intents_of(intent.payment_id))

    async def taken(self, intent: ProviderIntent) -> int:
        found = await self._stand_in.intents_of(intent.payment_id)
        return sum([await self._stand_in.received(each["id"]) for each in found])

    async def refunded(self, intent: ProviderIntent) -> int:
        (charged,) = await self._stand_in.intents_of(intent.payment_id)
        return await self._stand_in.refunded(charged["id"])

    async def lose_answers(self) -> None:
        self._stand_in.loses_answers = True

    async def behave(self) -> None:
        self._stand_in.behave()

    async def enter_method(self, setup: MethodSetup) -> None:
        path = f"/v1/setup_intents/{setup.provider_ref}/confirm"
        await self._stand_in.call("POST", path, data={"payment_method": "pm_card_visa"})


class StripeFakeDesk(Desk):
    good = "pm_card_visa"
    bad = "pm_card_chargeCustomerFail"
    impossible = "4242424242424242"
    refused = "pm_unknown"

    def __init__(self, fake: StripeFake) -> None:
        self.provider = self.vault = self.records = self.stripe = StripeWhenSet()
        self._fake = fake

    async def card_to_confirm(self) -> str:
        return "pm_card_threeDSecure2Required"

    async def confirm(self, answer: ProviderAnswer) -> None:
        await self._fake.control("authenticate", intent=answer.provider_ref, success=True)

    async def charges(self, intent: ProviderIntent) -> int:
        return len(
            [each for each in self._fake.intents_of(intent.payment_id) if each["status"] != "requires_confirmation"]
        )

    async def taken(self, intent: ProviderIntent) -> int:
        return sum(each["captured"] for each in self._fake.intents_of(intent.payment_id))

    async def refunded(self, intent: ProviderIntent) -> int:
        return sum(each["refunded"] for each in self._fake.intents_of(intent.payment_id))

    async def lose_answers(self) -> None:
        await self._fake.control("faults", rules=LOSE_ALL)

    async def behave(self) -> None:
        await self._fake.control("behave")

    async def card_with_slow_refunds(self) -> str:
        await self._fake.control("settings", refund_seconds=3600)
        return "pm_card_pendingRefund"

    async def end_refund(self, refund: RefundAnswer, *, well: bool) -> None:
        if well:
            await self._fake.control("advance")
        else:
            await self._fake.control("fail_refund", refund=refund.provider_ref)

    async def enter_method(self, setup: MethodSetup) -> None:
        await self._fake.call(
            "POST",
            f"/v1/setup_intents/{setup.provider_ref}/confirm",
            data={"payment_method": "pm_card_visa", "return_url": "http://testserver/back"},
        )

    async def dispute(self, answer: ProviderAnswer) -> str:
        return (await self._fake.control("dispute", intent=answer.provider_ref, reason="product_not_received"))["id"]
