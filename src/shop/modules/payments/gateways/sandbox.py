"""The provider of demo shops: it keeps books like a real one, takes no money, and fails on demand.

Its tokens stand for cards with a fate. It exists only with SHOP_DEMO=1; without, it knows nothing and refuses everything,
so that nobody is handed goods for free.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

from shop.contracts.payments import (
    PaymentMethod,
    PaymentRequest,
    ProviderAnswer,
    ProviderAway,
    ProviderIntent,
    ProviderRefused,
)
from shop.kernel.config import settings
from shop.kernel.db import read, refuse_open_transaction, write
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.schemas import SandboxCharge, SandboxStatus

DECLINED: Final = "Your card was declined. Please try another one."
NO_FUNDS: Final = "Your card has insufficient funds. Please try another one."
NOT_CONFIRMED: Final = "The payment was not confirmed with your bank."
FATES: Final[dict[str, tuple[SandboxStatus, str | None]]] = {
    "ok": ("captured", None),
    "declined": ("failed", DECLINED),
    "insufficient_funds": ("failed", NO_FUNDS),
    "3ds_ok": ("requires_action", None),
    "3ds_fail": ("requires_action", None),
    "slow": ("captured", None),
    "lost_answer": ("captured", None),
}
SLOW_SECONDS: Final = 2


class Books(Protocol):
    """Where the provider writes; `repository.sandbox` says what each does."""

    async def enter_charge(self, uow: UnitOfWork, charge: SandboxCharge) -> SandboxCharge: ...

    async def find_charge(self, uow: UnitOfWork, payment_id: UUID) -> SandboxCharge | None: ...

    async def move_charge(
        self,
        uow: UnitOfWork,
        payment_id: UUID,
        came_from: Sequence[SandboxStatus],
        status: SandboxStatus,
        failure: str | None,
    ) -> None: ...

    async def enter_refund(self, uow: UnitOfWork, payment_id: UUID, refund_id: UUID, amount: int) -> None: ...


class SandboxProvider:
    """`contracts.payments.PaymentProvider`, and the bank that its cards ask (`find_challenge`, `answer_challenge`)."""

    name = "sandbox"

    def __init__(self, books: Books) -> None:
        self._books = books

    def offer(self) -> PaymentMethod | None:
        if not settings().demo:
            return None
        return PaymentMethod(self.name, "Test card", "payments/sandbox_form.html", {})

    def check(self, request: PaymentRequest) -> None:
        if request.method_id is not None:
            raise Invalid.field("payment.method_id", "Test cards are not kept; send a token")
        if request.token not in FATES:
            raise Invalid.field("payment.token", f"Choose a test card: {', '.join(FATES)}")

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        refuse_open_transaction("charging a card")
        if not settings().demo or intent.token not in FATES:
            raise ProviderRefused("Test cards are not accepted here.")
        status, failure = FATES[intent.token]
        charge = SandboxCharge(
            payment_id=intent.payment_id,
            order_id=intent.order_id,
            amount=intent.amount.amount,
            currency=intent.amount.currency,
            token=intent.token,
            status=status,
            failure=failure,
        )
        if intent.token == "slow":  # noqa: S105  # names a test card
            await asyncio.sleep(SLOW_SECONDS)
        charge = await write(self._books.enter_charge, charge)
        if intent.token == "lost_answer":  # noqa: S105  # names a test card
            raise ProviderAway("this test card's answers get lost")
        return _answer(charge)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        refuse_open_transaction("looking a charge up")
        charge = await self._find(intent.payment_id)
        return None if charge is None else _answer(charge)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        refuse_open_transaction("cancelling a charge")
        await write(self._books.move_charge, intent.payment_id, ("requires_action",), "cancelled", None)
        charge = await self._find(intent.payment_id)
        if charge is None:
            raise ProviderAway("nothing is known of this charge")
        return _answer(charge)

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> None:
        refuse_open_transaction("refunding a charge")
        charge = await self._find(intent.payment_id)
        if charge is None or charge.status != "captured" or charge.currency != amount.currency:
            raise ProviderRefused("There is nothing to give back.")
        await write(self._books.enter_refund, intent.payment_id, refund_id, amount.amount)

    async def find_challenge(self, payment_id: UUID) -> SandboxCharge | None:
        """The charge that asks its buyer to confirm, if it (still) does."""
        charge = await self._find(payment_id)
        return charge if charge is not None and charge.status == "requires_action" else None

    async def answer_challenge(self, payment_id: UUID, *, approved: bool) -> None:
        """What the buyer told the bank. Once; a later answer changes nothing."""
        charge = await self.find_challenge(payment_id)
        if charge is None:
            return
        confirmed = approved and charge.token == "3ds_ok"  # noqa: S105  # names a test card
        status: SandboxStatus = "captured" if confirmed else "failed"
        failure = None if confirmed else NOT_CONFIRMED
        await write(self._books.move_charge, payment_id, ("requires_action",), status, failure)

    async def _find(self, payment_id: UUID) -> SandboxCharge | None:
        return await read(self._books.find_charge, payment_id) if settings().demo else None


def _answer(charge: SandboxCharge) -> ProviderAnswer:
    waits = charge.status == "requires_action"
    return ProviderAnswer(
        provider_ref=f"sandbox_{charge.payment_id.hex}",
        status=charge.status,
        amount=Money(charge.amount, charge.currency),
        payment_id=charge.payment_id,
        order_id=charge.order_id,
        redirect_url=f"{settings().public_url}/sandbox/3ds/{charge.payment_id}" if waits else None,
        failure=charge.failure,
    )
