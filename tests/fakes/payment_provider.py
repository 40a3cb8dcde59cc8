"""A payment provider in memory that keeps its books like a real one and can be told to misbehave."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import ProviderAnswer, ProviderAway, ProviderIntent, ProviderRefused, RefundAnswer
from shop.contracts.payments import PaymentMethod, PaymentRequest
from shop.kernel import clock
from shop.kernel.db import refuse_open_transaction
from shop.kernel.errors import Invalid
from shop.kernel.money import Money

HOLD = timedelta(days=6)


class FakeProvider:
    """Tokens: "ok", "authorized" (to be captured), "declined", "action" (waits for the buyer), "broken" (refused outright)."""

    name = "fake"

    def __init__(self) -> None:
        self.books: dict[UUID, ProviderAnswer] = {}
        self.refunds: dict[UUID, tuple[UUID, Money]] = {}
        self.charges_begun = 0
        self.times_asked = 0
        """To charge, repeats included."""
        self.away = False
        self.loses_answers = False
        self.refund_status: Literal["pending", "done", "failed"] = "done"
        self.failed_refunds: set[UUID] = set()
        self.forge: Callable[[ProviderAnswer], ProviderAnswer] | None = None
        """Changes what is answered, not what is in the books."""
        self.pause: asyncio.Event | None = None
        """Charges are entered at once and answered when this is set."""

    def offer(self) -> PaymentMethod | None:
        return PaymentMethod(self.name, "Fake", "payments/fake.html", {})

    def check(self, request: PaymentRequest) -> None:
        if request.token not in {"ok", "authorized", "declined", "action", "broken"}:
            raise Invalid.field("payment.token", "Unknown token")

    async def prepare(self, intent: ProviderIntent) -> str | None:
        return None

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        self._reach()
        self.times_asked += 1
        if intent.token == "broken":
            raise ProviderRefused("This card can't be charged.")
        if intent.payment_id not in self.books:
            self.charges_begun += 1
            self.books[intent.payment_id] = self._first_answer(intent)
        if self.pause is not None:
            await self.pause.wait()
        if self.loses_answers:
            raise ProviderAway("the answer was lost")
        return self._told(intent.payment_id)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        self._reach()
        return self._told(intent.payment_id) if intent.payment_id in self.books else None

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        self._reach()
        known = self.books[intent.payment_id]
        if known.status == "authorized" and amount.amount > known.amount.amount:
            raise ProviderRefused("That is more than is held.")
        if known.status == "authorized":
            self.books[intent.payment_id] = msgspec.structs.replace(known, status="captured", captured=amount)
        elif known.status != "captured":
            raise ProviderRefused("There is nothing to capture.")
        if self.loses_answers:
            raise ProviderAway("the answer was lost")
        return self._told(intent.payment_id)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        self._reach()
        if self.books[intent.payment_id].status in {"requires_action", "authorized"}:
            self.decide(intent.payment_id, "cancelled")
        if self.loses_answers:
            raise ProviderAway("the answer was lost")
        return self._told(intent.payment_id)

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        self._reach()
        answer = self.books.get(intent.payment_id)
        if answer is None or answer.status != "captured":
            raise ProviderRefused("There is nothing to give back.")
        left = (answer.captured or answer.amount).amount - self.refunded(intent.payment_id)
        if refund_id not in self.refunds and amount.amount > left:
            raise ProviderRefused("That is more than is left.")
        self.refunds.setdefault(refund_id, (intent.payment_id, amount))
        if self.refund_status == "failed":
            self.failed_refunds.add(refund_id)
        if self.loses_answers:
            raise ProviderAway("the answer was lost")
        return RefundAnswer(f"fake_refund_{refund_id.hex}", self.refund_status, amount)

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        self._reach()
        known = self.refunds.get(refund_id)
        return None if known is None else RefundAnswer(f"fake_refund_{refund_id.hex}", self.refund_status, known[1])

    def decide(self, payment_id: UUID, status: str, failure: str | None = None) -> None:
        """What the buyer or the bank did meanwhile."""
        known = self.books[payment_id]
        captured = known.captured or known.amount if status == "captured" else None
        self.books[payment_id] = msgspec.structs.replace(
            known, status=status, captured=captured, failure=failure, redirect_url=None
        )

    def refunded(self, payment_id: UUID) -> int:
        return sum(
            amount.amount
            for refund_id, (payment, amount) in self.refunds.items()
            if payment == payment_id and refund_id not in self.failed_refunds
        )

    def _reach(self) -> None:
        refuse_open_transaction("asking the fake provider")
        if self.away:
            raise ProviderAway("away")

    def _told(self, payment_id: UUID) -> ProviderAnswer:
        answer = self.books[payment_id]
        if answer.captured is not None:
            refunded = Money(self.refunded(payment_id), answer.amount.currency)
            answer = msgspec.structs.replace(answer, refunded=refunded)
        return self.forge(answer) if self.forge else answer

    def _first_answer(self, intent: ProviderIntent) -> ProviderAnswer:
        status, failure = {
            "ok": ("authorized" if intent.manual_capture else "captured", None),
            "authorized": ("authorized", None),
            "declined": ("failed", "Your card was declined."),
            "action": ("requires_action", None),
        }[intent.token or "ok"]
        return ProviderAnswer(
            provider_ref=f"fake_{intent.payment_id.hex}",
            status=status,
            amount=intent.amount,
            payment_id=intent.payment_id,
            order_id=intent.order_id,
            deposit_id=intent.deposit_id,
            redirect_url="https://bank.example/confirm" if status == "requires_action" else None,
            failure=failure,
            captured=intent.amount if status == "captured" else None,
            holds_until=clock.now() + HOLD if status == "authorized" else None,
        )
