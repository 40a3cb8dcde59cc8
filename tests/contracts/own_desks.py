"""The desks of providers that need no network: the sandbox, and the fake that other tests use."""

from shop.contracts.payment_providers import ProviderAnswer, ProviderIntent
from shop.modules.payments.gateways.sandbox import SandboxProvider
from shop.modules.payments.repository.sandbox import SandboxBooks
from tests.contracts.desks import EVERYTHING, Desk
from tests.factories.payments import scalar
from tests.fakes.payment_provider import FakeProvider


class SandboxDesk(Desk):
    can = EVERYTHING - {
        "prepare", "refund later", "lose answers", "refuse outright", "keep methods", "keep while paying", "list charges", "dispute",
    }  # fmt: skip

    def __init__(self) -> None:
        self.provider = self._sandbox = SandboxProvider(SandboxBooks())

    async def card_to_confirm(self) -> str:
        return "3ds_ok"

    async def confirm(self, answer: ProviderAnswer) -> None:
        assert answer.payment_id is not None
        await self._sandbox.answer_challenge(answer.payment_id, approved=True)

    async def charges(self, intent: ProviderIntent) -> int:
        return await scalar("select count(*) from payments.sandbox_charge where payment_id = :id", id=intent.payment_id)

    async def taken(self, intent: ProviderIntent) -> int:
        return await scalar("select captured from payments.sandbox_charge where payment_id = :id", id=intent.payment_id)

    async def refunded(self, intent: ProviderIntent) -> int:
        return await scalar("select refunded from payments.sandbox_charge where payment_id = :id", id=intent.payment_id)


class FakeDesk(Desk):
    can = EVERYTHING - {
        "prepare",
        "refund later",
        "show the method",
        "keep methods",
        "keep while paying",
        "list charges",
        "dispute",
    }

    def __init__(self) -> None:
        self.provider = self._fake = FakeProvider()

    async def card_to_confirm(self) -> str:
        return "action"

    async def confirm(self, answer: ProviderAnswer) -> None:
        assert answer.payment_id is not None
        self._fake.decide(answer.payment_id, "captured")

    async def charges(self, intent: ProviderIntent) -> int:
        return int(intent.payment_id in self._fake.books)

    async def taken(self, intent: ProviderIntent) -> int:
        captured = self._fake.books[intent.payment_id].captured
        return captured.amount if captured else 0

    async def refunded(self, intent: ProviderIntent) -> int:
        return self._fake.refunded(intent.payment_id)

    async def lose_answers(self) -> None:
        self._fake.loses_answers = True

    async def behave(self) -> None:
        self._fake.loses_answers = False
