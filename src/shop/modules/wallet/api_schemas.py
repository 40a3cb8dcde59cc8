"""What goes in and out over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shop.contracts.payments import MethodShown, Payment, PaymentRequest, PaymentStatus
from shop.contracts.wallet import Operation, Transaction, TransactionStatus, Wallet
from shop.kernel import clock
from shop.kernel.http.fields import Line, OptionalLine, PositiveMoney, ShortLine
from shop.kernel.money import Money
from shop.modules.wallet.schemas import GiftCard, Withdrawal

PaymentToken = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[\x21-\x7e]*$(?!\n)")]


class WalletView(msgspec.Struct, frozen=True):
    """`available` can be spent; `balance` counts what is held for orders not yet paid in full and for withdrawals too."""

    balance: Money
    available: Money
    currency: str


class DepositPayment(msgspec.Struct, frozen=True):
    """`token` stands for a card that the provider holds, `method_id` for a stored means of one's own; `save` asks to store
    this one for the next time."""

    provider: ShortLine
    token: PaymentToken | None = None
    method_id: PaymentToken | None = None
    save: bool = False

    def request(self) -> PaymentRequest:
        return PaymentRequest(self.provider, self.token or None, self.method_id or None, self.save)


class NewTransaction(msgspec.Struct, frozen=True):
    """`deposit` with `amount` and `payment`, `withdraw` with `amount`, `purchase` with `order_id`."""

    operation: Operation
    amount: PositiveMoney | None = None
    payment: DepositPayment | None = None
    order_id: UUID | None = None


class NewAdjustment(msgspec.Struct, frozen=True):
    """By staff. `parent_id` of a reversal or cancellation; a reversal without an amount means the rest of its parent.
    `counterparty_id`: whose wallet a transfer goes to. `id` names the transaction; left out, the Idempotency-Key does."""

    operation: Operation
    reason: Line
    amount: PositiveMoney | None = None
    parent_id: UUID | None = None
    order_id: UUID | None = None
    counterparty_id: UUID | None = None
    id: UUID | None = None


class DepositPaymentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`client_secret`, `redirect_url` and `instructions` say what the customer still has to do; `failure` why it failed."""

    id: UUID
    provider: str
    status: PaymentStatus
    amount: Money
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None
    method: MethodShown | None = None
    instructions: Mapping[str, str] | None = None


class TransactionView(msgspec.Struct, frozen=True):
    """`balance_after` is what could be spent right after it; null while it has moved nothing. `reversed` is what reversals
    have given back of it."""

    id: UUID
    operation: Operation
    amount: Money
    incoming: bool
    status: TransactionStatus
    balance_after: Money | None
    order_id: UUID | None
    payment_id: UUID | None
    parent_id: UUID | None
    reversed: Money
    reason: str
    failure: str | None
    created_at: datetime
    settled_at: datetime | None
    payment: DepositPaymentView | msgspec.UnsetType | None = msgspec.UNSET
    """Of a deposit, where it is told."""


class GiftCardCode(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9 \-]+$(?!\n)")]


class NewGiftCard(msgspec.Struct, frozen=True):
    amount: PositiveMoney
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class GiftCardView(msgspec.Struct, frozen=True):
    """`hint` is the end of the code; `balance` what is left of `amount`."""

    id: UUID
    hint: str
    amount: Money
    balance: Money
    status: Literal["valid", "used", "disabled", "expired"]
    expires_at: datetime | None
    created_at: datetime


class IssuedGiftCard(msgspec.Struct, frozen=True):
    """`code` is told this once; null when the card was issued by an earlier call with the same Idempotency-Key."""

    id: UUID
    code: str | None
    hint: str
    amount: Money
    expires_at: datetime | None
    created_at: datetime


class WithdrawalDecision(msgspec.Struct, frozen=True):
    """`paid_by_hand`: staff have paid it out. `refund`: it goes back to the means that filled the wallet. `refuse`: it is
    back in the wallet, and its owner reads the reason."""

    decision: Literal["paid_by_hand", "refund", "refuse"]
    reason: OptionalLine = ""


class WithdrawalView(msgspec.Struct, frozen=True):
    """`rest` is still to be decided, `on_its_way` is being refunded."""

    id: UUID
    customer_id: UUID | None
    status: TransactionStatus
    amount: Money
    paid_out: Money
    on_its_way: Money
    rest: Money
    created_at: datetime
    settled_at: datetime | None


def wallet_view(wallet: Wallet) -> WalletView:
    return WalletView(wallet.balance, wallet.available, wallet.balance.currency)


def transaction_view(transaction: Transaction, *, with_payment: bool = False) -> TransactionView:
    payment = transaction.payment
    shown = None if payment is None else payment_view(payment)
    return TransactionView(
        id=transaction.id,
        operation=transaction.operation,
        amount=transaction.amount,
        incoming=transaction.incoming,
        status=transaction.status,
        balance_after=transaction.balance_after,
        order_id=transaction.order_id,
        payment_id=transaction.payment_id,
        parent_id=transaction.parent_id,
        reversed=transaction.reversed,
        reason=transaction.reason,
        failure=transaction.failure,
        created_at=transaction.created_at,
        settled_at=transaction.settled_at,
        payment=shown if with_payment else msgspec.UNSET,
    )


def payment_view(payment: Payment) -> DepositPaymentView:
    return DepositPaymentView(
        id=payment.id,
        provider=payment.provider,
        status=payment.status,
        amount=payment.amount,
        client_secret=payment.client_secret,
        redirect_url=payment.redirect_url,
        failure=payment.failure,
        method=payment.method,
        instructions=payment.instructions,
    )


def card_view(card: GiftCard) -> GiftCardView:
    return GiftCardView(
        id=card.id,
        hint=card.hint,
        amount=Money(card.amount, card.currency),
        balance=Money(card.balance, card.currency),
        status=card.status(clock.now()),
        expires_at=card.expires_at,
        created_at=card.created_at,
    )


def issued_view(card: GiftCard, code: str | None) -> IssuedGiftCard:
    return IssuedGiftCard(
        id=card.id,
        code=code,
        hint=card.hint,
        amount=Money(card.amount, card.currency),
        expires_at=card.expires_at,
        created_at=card.created_at,
    )


def withdrawal_view(withdrawal: Withdrawal) -> WithdrawalView:
    stored = withdrawal.transaction
    pending = stored.status == "pending"
    paid = withdrawal.done if pending or stored.status == "failed" else stored.money.amount
    return WithdrawalView(
        id=stored.id,
        customer_id=stored.owner_id,
        status=stored.status,
        amount=stored.asked,
        paid_out=Money(paid, stored.currency),
        on_its_way=Money(withdrawal.pending, stored.currency),
        rest=Money(withdrawal.rest if pending else 0, stored.currency),
        created_at=stored.created_at,
        settled_at=stored.settled_at,
    )
