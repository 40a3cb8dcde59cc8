"""The provider of demo shops: it keeps books like a real one, takes no money, and fails on demand.

Its tokens stand for cards with a fate. It exists only with SHOP_DEMO=1; without, it knows nothing and refuses everything,
so that nobody is handed goods for free.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import (
    MethodOwner,
    MethodSetup,
    ProviderAnswer,
    ProviderAway,
    ProviderDispute,
    ProviderIntent,
    ProviderRecord,
    ProviderRefused,
    RefundAnswer,
    VaultedMethod,
)
from shop.contracts.payments import MethodShown, PaymentMethod, PaymentRequest
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, refuse_open_transaction, write
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.schemas import Outcome, SandboxCharge, SandboxStatus

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
AUTHORIZED_FOR: Final = timedelta(days=7)
TEST_CARD: Final = MethodShown("card", "Test card", last4="4242", expires="12/2030")
SETUP_PREFIX: Final = "sandbox_setup_"
PAGE: Final = 500


class Books(Protocol):
    """Where the provider writes; `repository.sandbox` says what each does."""

    async def enter_charge(self, uow: UnitOfWork, charge: SandboxCharge) -> SandboxCharge: ...

    async def find_charge(self, uow: UnitOfWork, payment_id: UUID) -> SandboxCharge | None: ...

    async def move_charge(
        self,
        uow: UnitOfWork,
        payment_id: UUID,
        came_from: Sequence[SandboxStatus],
        outcome: Outcome,
    ) -> None: ...

    async def enter_refund(self, uow: UnitOfWork, payment_id: UUID, refund_id: UUID, amount: int) -> bool: ...

    async def find_refund(self, uow: UnitOfWork, refund_id: UUID) -> int | None: ...

    async def list_charges(
        self, uow: UnitOfWork, since: datetime, until: datetime, after: UUID | None, limit: int
    ) -> list[tuple[datetime, SandboxCharge]]: ...


class SandboxProvider:
    """`contracts.payment_providers.PaymentProvider`, `MethodVault` and `ProviderRecords`, and the bank that its cards ask
    (`find_challenge`, `answer_challenge`)."""

    name = "sandbox"

    def __init__(self, books: Books) -> None:
        self._books = books

    def offer(self) -> PaymentMethod | None:
        if not settings().demo:
            return None
        return PaymentMethod(self.name, "Test card", "payments/sandbox_form.html", {})

    def check(self, request: PaymentRequest) -> None:
        if request.method_id is None and request.token not in FATES:
            raise Invalid.field("payment.token", f"Choose a test card: {', '.join(FATES)}")

    async def prepare(self, intent: ProviderIntent) -> str | None:
        return None

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        refuse_open_transaction("charging a card")
        token = "ok" if intent.method_id is not None else intent.token
        if not settings().demo or token not in FATES:
            raise ProviderRefused("Test cards are not accepted here.")
        status, failure = FATES[token]
        if status == "captured" and intent.manual_capture:
            status = "authorized"
        charge = SandboxCharge(
            payment_id=intent.payment_id,
            order_id=intent.order_id,
            deposit_id=intent.deposit_id,
            account_id=intent.account_id,
            amount=intent.amount.amount,
            captured=intent.amount.amount if status == "captured" else 0,
            currency=intent.amount.currency,
            token=token,
            status=status,
            failure=failure,
        )
        if token == "slow":  # noqa: S105  # names a test card
            await asyncio.sleep(SLOW_SECONDS)
        charge = await write(self._books.enter_charge, charge)
        if token == "lost_answer":  # noqa: S105  # names a test card
            raise ProviderAway("this test card's answers get lost")
        answer = _answer(charge)
        if intent.save and charge.status in {"captured", "authorized"}:
            answer = msgspec.structs.replace(answer, vaulted=_kept(intent.payment_id))
        return answer

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        refuse_open_transaction("looking a charge up")
        charge = await self._find(intent.payment_id)
        return None if charge is None else _answer(charge)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        refuse_open_transaction("capturing a charge")
        charge = await self._known(intent.payment_id)
        if charge.status == "authorized" and amount.amount <= charge.amount:
            taken = Outcome("captured", captured=amount.amount)
            await write(self._books.move_charge, intent.payment_id, ("authorized",), taken)
            charge = await self._known(intent.payment_id)
        if charge.status != "captured":
            raise ProviderRefused("There is nothing to capture.")
        return _answer(charge)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        refuse_open_transaction("cancelling a charge")
        open_ones: Sequence[SandboxStatus] = ("requires_action", "authorized")
        await write(self._books.move_charge, intent.payment_id, open_ones, Outcome("cancelled"))
        return _answer(await self._known(intent.payment_id))

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        refuse_open_transaction("refunding a charge")
        charge = await self._find(intent.payment_id)
        if charge is None or charge.status != "captured" or charge.currency != amount.currency:
            raise ProviderRefused("There is nothing to give back.")
        if not await write(self._books.enter_refund, intent.payment_id, refund_id, amount.amount):
            raise ProviderRefused("That is more than was charged.")
        return _refunded(refund_id, amount)

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        refuse_open_transaction("looking a refund up")
        known = await read(self._books.find_refund, refund_id) if settings().demo else None
        return None if known is None else _refunded(refund_id, Money(known, intent.amount.currency))

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
        outcome = Outcome("captured", captured=charge.amount) if confirmed else Outcome("failed", NOT_CONFIRMED)
        await write(self._books.move_charge, payment_id, ("requires_action",), outcome)

    async def begin(self, owner: MethodOwner, setup_id: UUID, return_url: str) -> MethodSetup:
        """A test card needs no numbers: it is there as soon as its owner is back."""
        return MethodSetup(f"{SETUP_PREFIX}{setup_id.hex}", None, redirect_url=return_url)

    async def finish(self, owner: MethodOwner, provider_ref: str) -> VaultedMethod | None:
        if not provider_ref.startswith(SETUP_PREFIX):
            raise ProviderRefused("This is no test card.")
        return _kept(UUID(provider_ref.removeprefix(SETUP_PREFIX)))

    async def forget(self, method_ref: str) -> None:
        """The shop forgets it; there is nothing else."""

    async def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord]:
        after: UUID | None = None
        while page := await read(self._books.list_charges, since, until, after, PAGE):
            for created_at, charge in page:
                yield ProviderRecord(_answer(charge), created_at)
            after = page[-1][1].payment_id

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None:
        return None

    async def _find(self, payment_id: UUID) -> SandboxCharge | None:
        return await read(self._books.find_charge, payment_id) if settings().demo else None

    async def _known(self, payment_id: UUID) -> SandboxCharge:
        """Raises ProviderAway."""
        charge = await self._find(payment_id)
        if charge is None:
            raise ProviderAway("nothing is known of this charge")
        return charge


def _answer(charge: SandboxCharge) -> ProviderAnswer:
    waits = charge.status == "requires_action"
    return ProviderAnswer(
        provider_ref=f"sandbox_{charge.payment_id.hex}",
        status=charge.status,
        amount=Money(charge.amount, charge.currency),
        captured=Money(charge.captured, charge.currency) if charge.captured else None,
        refunded=Money(charge.refunded, charge.currency) if charge.refunded else None,
        payment_id=charge.payment_id,
        order_id=charge.order_id,
        deposit_id=charge.deposit_id,
        redirect_url=f"{settings().public_url}/sandbox/3ds/{charge.payment_id}" if waits else None,
        failure=charge.failure,
        method=TEST_CARD if charge.status in {"captured", "authorized"} else None,
        holds_until=clock.now() + AUTHORIZED_FOR if charge.status == "authorized" else None,
    )


def _refunded(refund_id: UUID, amount: Money) -> RefundAnswer:
    return RefundAnswer(f"sandbox_refund_{refund_id.hex}", "done", amount)


def _kept(name: UUID) -> VaultedMethod:
    return VaultedMethod(f"sandbox_method_{name.hex}", None, TEST_CARD)
