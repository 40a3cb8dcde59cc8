"""PayPal's gateway, talking to the PayPal of our own: nobody pays there without having said yes on its page."""

import msgspec

from shop.contracts.payment_providers import MethodSetup, ProviderAnswer, ProviderIntent, RefundAnswer
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.contracts.desks import EVERYTHING, Desk, charged, known
from tests.fakes.paypal_api.process import PayPalFake


class PayPalDesk(Desk):
    """It takes no tokens, so that there are no cards here, good or bad; its answers are lost one by one in tests of its
    own, as its charge only looks."""

    can = EVERYTHING - {
        "charge at once",
        "decline",
        "ask the buyer",
        "find unnamed",
        "lose answers",
        "refuse outright",
        "know the customer",
    }
    good = None  # type: ignore[assignment]  # no token: the buyer approves
    impossible = "tok_visa"

    def __init__(self, fake: PayPalFake) -> None:
        self.provider = self.vault = self.records = self.paypal = PayPalWhenSet()
        self._fake = fake

    async def pay(self, intent: ProviderIntent) -> tuple[ProviderIntent, ProviderAnswer]:
        intent, answer = await charged(self, intent)
        if answer.status == "requires_action":
            assert answer.provider_ref is not None
            await self._fake.approve(answer.provider_ref)
            answer = await self._after_approval(intent)
        return known(intent, answer), answer

    async def _after_approval(self, intent: ProviderIntent) -> ProviderAnswer:
        """As the shop goes on: what is approved is held where that was wanted, else taken."""
        if intent.manual_capture:
            return await self.provider.charge(intent)
        return await self.provider.capture(intent, intent.amount)

    async def charges(self, intent: ProviderIntent) -> int:
        return len((await self._fake.state(intent.payment_id))["orders"])

    async def taken(self, intent: ProviderIntent) -> int:
        return int(await self._fake.taken(intent.payment_id) * 100)

    async def refunded(self, intent: ProviderIntent) -> int:
        return int(await self._fake.given_back(intent.payment_id) * 100)

    async def card_with_slow_refunds(self) -> str:
        await self._fake.control(refund_outcomes=["PENDING"])
        return self.good

    async def end_refund(self, refund: RefundAnswer, *, well: bool) -> None:
        status = "COMPLETED" if well else "FAILED"
        await self._fake.do("settle_refund", refund_id=refund.provider_ref, status=status)

    async def enter_method(self, setup: MethodSetup) -> None:
        await self._fake.do("approve_setup", setup_id=setup.provider_ref)

    async def dispute(self, answer: ProviderAnswer) -> str:
        await self._fake.approve(answer.provider_ref)
        intent = msgspec.structs.replace(self._of(answer), provider_ref=answer.provider_ref)
        taken = await self.provider.capture(intent, answer.amount)
        return str(await self._fake.do("dispute", capture_id=taken.capture_ref))

    def _of(self, answer: ProviderAnswer) -> ProviderIntent:
        assert answer.payment_id is not None
        return ProviderIntent(answer.payment_id, answer.order_id, answer.amount, None, None, "http://testserver/back")
