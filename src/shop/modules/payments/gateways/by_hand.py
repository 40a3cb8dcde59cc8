"""Bank transfer and cash on delivery: no provider tells of their money, so the word of staff stands for its answers.

A transfer waits for its buyer, with the account to pay to; cash at the door is a promise that the goods may leave on.
Both are `captured` once staff have recorded the receipt, and a refund is `done` once they have recorded that it was paid.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from shop.contracts.payment_providers import ProviderAnswer, ProviderIntent, ProviderRefused, RefundAnswer
from shop.contracts.payments import PaymentMethod, PaymentRequest, PaymentStatus
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, refuse_open_transaction
from shop.kernel.errors import Invalid
from shop.kernel.money import Money, format_money
from shop.kernel.uow import UnitOfWork

TRANSFER: Final = "bank_transfer"
ON_DELIVERY: Final = "cash_on_delivery"
BY_HAND: Final = frozenset({TRANSFER, ON_DELIVERY})
ON_DELIVERY_DAYS: Final = 60


class Word(Protocol):
    """What staff have recorded; `repository.by_hand`."""

    async def is_received(self, uow: UnitOfWork, payment_id: UUID) -> bool: ...

    async def is_paid_out(self, uow: UnitOfWork, refund_id: UUID) -> bool: ...

    async def find_first_promise(self, uow: UnitOfWork, order_id: UUID, provider: str) -> datetime | None: ...


class ByHand:
    """`contracts.payment_providers.PaymentProvider` for both."""

    def __init__(self, name: str, word: Word) -> None:
        self.name = name
        self._word = word

    def offer(self) -> PaymentMethod | None:
        if self.name == TRANSFER:
            return PaymentMethod(TRANSFER, "Bank transfer", "payments/by_hand_form.html", {}) if _account() else None
        if settings().cash_on_delivery:
            return PaymentMethod(ON_DELIVERY, "Cash on delivery", "payments/by_hand_form.html", {})
        return None

    def check(self, request: PaymentRequest) -> None:
        if request.token is not None or request.method_id is not None:
            raise Invalid.field("payment.token", "Nothing is to be sent for this way of payment")

    async def prepare(self, intent: ProviderIntent) -> str | None:
        return None

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        refuse_open_transaction("asking for money by hand")
        return await self._answer(intent)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        refuse_open_transaction("looking a receipt up")
        if intent.provider_ref is None:
            return None
        return await self._answer(intent)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        """Cash is taken at the door, not here: what it is now is the answer."""
        refuse_open_transaction("taking money by hand")
        return await self._answer(intent)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        refuse_open_transaction("cancelling a wait for money")
        return await self._answer(intent, otherwise="cancelled")

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        refuse_open_transaction("giving money back by hand")
        if not await read(self._word.is_received, intent.payment_id):
            raise ProviderRefused("There is nothing to give back.")
        return await self._refund_answer(amount, refund_id)

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        """None too while nobody has paid it out: asking for it again changes nothing."""
        refuse_open_transaction("looking a payout up")
        return None

    async def _refund_answer(self, amount: Money, refund_id: UUID) -> RefundAnswer:
        paid = await read(self._word.is_paid_out, refund_id)
        return RefundAnswer(f"by_hand_{refund_id.hex}", "done" if paid else "pending", amount)

    async def _answer(self, intent: ProviderIntent, otherwise: PaymentStatus | None = None) -> ProviderAnswer:
        received = await read(self._word.is_received, intent.payment_id)
        waiting: PaymentStatus = "requires_action" if self.name == TRANSFER else "authorized"
        status: PaymentStatus = "captured" if received else otherwise or waiting
        return ProviderAnswer(
            provider_ref=f"by_hand_{intent.payment_id.hex}",
            status=status,
            amount=intent.amount,
            captured=intent.amount if received else None,
            payment_id=intent.payment_id,
            order_id=intent.order_id,
            deposit_id=intent.deposit_id,
            holds_until=await self._holds_until(intent) if status == waiting else None,
            instructions=_instructions(intent) if status == "requires_action" else None,
        )

    async def _holds_until(self, intent: ProviderIntent) -> datetime | None:
        """A promise costs nothing: one that is made again keeps the goods no longer than the first one did."""
        if intent.provider_ref is not None:
            return None  # told before, and not put off by every look
        days = settings().bank_transfer_days if self.name == TRANSFER else ON_DELIVERY_DAYS
        until = clock.now() + timedelta(days=days)
        if intent.order_id is None:
            return until
        first = await read(self._word.find_first_promise, intent.order_id, self.name)
        return until if first is None else min(until, first)


def _account() -> str:
    return settings().bank_transfer_to


def _instructions(intent: ProviderIntent) -> dict[str, str]:
    return {
        "Transfer to": _account(),
        "Amount": format_money(intent.amount),
        "Reference": reference_of(intent.payment_id),
    }


def reference_of(payment_id: UUID) -> str:
    """What staff find the payment by on an account statement: short, and without letters that look alike."""
    return f"PAY-{payment_id.hex[-10:].upper()}"
