"""The fake provider's books as it lists them, and what somebody does in its dashboard behind the shop's back."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from shop.contracts.payment_providers import ProviderAnswer, ProviderAway, ProviderDispute, ProviderRecord
from shop.kernel import clock
from shop.kernel.money import Money
from tests.fakes.payment_provider import FakeProvider


class FakeRecords:
    """`contracts.payments.ProviderRecords` of a FakeProvider. Its answers tell from now on what was given back."""

    def __init__(self, provider: FakeProvider) -> None:
        self.provider = provider
        self.given_back: dict[UUID, int] = {}
        """In the dashboard, minor units by payment."""
        self.strangers: list[ProviderAnswer] = []
        self.made_at: dict[UUID, datetime] = {}
        """Of charges that were not made just now."""
        self.stale: dict[UUID, ProviderAnswer] = {}
        """What the list still shows of charges that have changed since."""
        self.listed = 0
        provider.forge = self._with_refunds

    async def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord]:
        if self.provider.away:
            raise ProviderAway("the fake provider is away")
        for payment_id, answer in list(self.provider.books.items()):
            made_at = self.made_at.get(payment_id, clock.now() - timedelta(seconds=1))
            if since <= made_at < until:
                self.listed += 1
                yield ProviderRecord(self.stale.get(payment_id) or self._with_refunds(answer), made_at)
        for answer in self.strangers:
            if until > clock.now() - timedelta(minutes=1):
                yield ProviderRecord(answer, clock.now())

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None:
        return None

    def take_strangers_money(self, amount: int, payment_id: UUID | None = None) -> ProviderAnswer:
        """A charge that the shop never asked for."""
        answer = ProviderAnswer(
            provider_ref=f"fake_{uuid4().hex}",
            status="captured",
            amount=Money(amount, "EUR"),
            captured=Money(amount, "EUR"),
            payment_id=payment_id,
            order_id=None,
        )
        self.strangers.append(answer)
        return answer

    def _with_refunds(self, answer: ProviderAnswer) -> ProviderAnswer:
        if answer.payment_id is None or answer.status != "captured":
            return answer
        back = self.provider.refunded(answer.payment_id) + self.given_back.get(answer.payment_id, 0)
        return msgspec.structs.replace(answer, refunded=Money(back, answer.amount.currency))
