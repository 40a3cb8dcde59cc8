"""The wallet as a means of payment: a charge holds money as a pending purchase, a capture settles it.

Its books are the ledger's, so every answer is at hand; each call is a transaction of its own all the same, as with any other
provider, and the payment's row follows what is answered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from shop.contracts.payment_providers import ProviderAnswer, ProviderAway, ProviderIntent, ProviderRefused, RefundAnswer
from shop.contracts.payments import PaymentMethod, PaymentRequest, PaymentStatus
from shop.contracts.wallet import InsufficientBalance, TransactionStatus
from shop.kernel.db import read, refuse_open_transaction, write
from shop.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from shop.kernel.money import Money
from shop.modules.wallet.schemas import Stored
from shop.modules.wallet.service import pay_from_wallet

STATUS: Final[dict[TransactionStatus, PaymentStatus]] = {
    "pending": "authorized",
    "settled": "captured",
    "failed": "cancelled",
}
NOT_ENOUGH: Final = "There is not enough in your wallet."
NO_WALLET: Final = "Only customers who are signed in have a wallet."


class WalletProvider:
    """`contracts.payment_providers.PaymentProvider`. A purchase has the id of its payment, a reversal that of its refund."""

    name = "wallet"

    def offer(self) -> PaymentMethod | None:
        """It comes first or not at all: no choice among others."""
        return None

    def check(self, request: PaymentRequest) -> None:
        if request.token is not None:
            raise Invalid.field("payment.token", "The wallet needs none")
        if request.method_id is not None:
            raise Invalid.field("payment.method_id", "The wallet needs none")

    async def prepare(self, intent: ProviderIntent) -> str | None:  # noqa: ARG002  # the ledger finds a charge by its payment
        return None

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        with _conversation():
            if intent.account_id is None or intent.order_id is None:
                raise ProviderRefused(NO_WALLET)
            return _answer(
                await write(pay_from_wallet.hold, intent.payment_id, intent.account_id, intent.order_id, intent.amount)
            )

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        with _conversation():
            purchase = await read(pay_from_wallet.find_purchase, intent.payment_id)
            return None if purchase is None else _answer(purchase)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        with _conversation():
            return _answer(await write(pay_from_wallet.take, intent.payment_id, amount))

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        with _conversation():
            if intent.account_id is None:
                raise ProviderRefused(NO_WALLET)
            return _answer(
                await write(
                    pay_from_wallet.let_go, intent.payment_id, intent.account_id, intent.order_id, intent.amount
                )
            )

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        with _conversation():
            return _refunded(await write(pay_from_wallet.give_back, intent.payment_id, refund_id, amount))

    async def look_up_refund(
        self,
        intent: ProviderIntent,
        refund_id: UUID,
        provider_ref: str | None,  # noqa: ARG002  # it is the refund's id
    ) -> RefundAnswer | None:
        with _conversation():
            reversal = await read(pay_from_wallet.find_reversal, intent.payment_id, refund_id)
            return None if reversal is None else _refunded(reversal)


@contextmanager
def _conversation() -> Iterator[None]:
    """Refusals in the words of a provider; whatever leaves open what became of it is ProviderAway."""
    refuse_open_transaction("talking to the wallet")
    try:
        yield
    except InsufficientBalance as refusal:
        raise ProviderRefused(NOT_ENOUGH) from refusal
    except (Conflict, Forbidden, Invalid, NotFound) as refusal:
        raise ProviderRefused(refusal.detail) from refusal
    except Unavailable as error:
        raise ProviderAway(error.detail) from error


def _answer(purchase: Stored) -> ProviderAnswer:
    settled = purchase.status == "settled"
    return ProviderAnswer(
        provider_ref=str(purchase.id),
        status=STATUS[purchase.status],
        amount=purchase.asked,
        payment_id=purchase.payment_id,
        order_id=purchase.order_id,
        captured=purchase.money if settled else None,
        refunded=Money(purchase.reversed_amount, purchase.currency) if purchase.reversed_amount else None,
    )


def _refunded(reversal: Stored) -> RefundAnswer:
    return RefundAnswer(str(reversal.id), "done", reversal.money)
