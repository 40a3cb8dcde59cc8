"""Who may do what with a wallet, and between which accounts each operation moves money. Pure functions."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from uuid import UUID, uuid5

from shop.contracts.wallet import (
    Authority,
    NotReversible,
    Operation,
    OperationNotAllowed,
    Posting,
    TransactionId,
)
from shop.kernel.errors import Invalid
from shop.kernel.money import MAX_AMOUNT, Money, is_currency, minor_digits
from shop.modules.wallet.errors import OwnWallet
from shop.modules.wallet.schemas import Draft, KeptLeg, Stored, SummedLeg

SALES: Final = "sales"
REFUNDS: Final = "refunds"
PROMOTIONS: Final = "promotions"
"""What the shop gives away: credit by staff, gift cards."""
HELD: Final = "held"
"""Taken from wallets for what is not decided yet: purchases of unpaid orders, withdrawals under way."""
PAYOUTS: Final = "payouts"
"""Paid out by hand."""
LOSSES: Final = "losses"
"""What banks took back of deposits that had been spent by then."""
CLEARING: Final = "clearing:"
UNRECONCILED: Final = "unreconciled:"
"""No account: deposits of which their provider's own record says something else."""

ALLOWED: Final[Mapping[Authority, frozenset[Operation]]] = {
    "customer": frozenset({"deposit", "withdraw"}),
    "staff": frozenset({"deposit", "withdraw", "purchase", "reversal", "cancellation", "transfer"}),
    "program": frozenset({"deposit", "withdraw", "purchase", "reversal", "cancellation"}),
    "orders": frozenset({"reversal", "cancellation"}),
    "payments": frozenset({"deposit", "purchase", "reversal", "cancellation"}),
}
"""A customer's purchase is the payment of an order: orders and payments bring it here."""
NEVER_FILLS: Final = frozenset({"wallet", "cash_on_delivery"})
"""Ways of payment that can't fill a wallet: itself, and one that is paid when goods come."""
GIVES_BACK: Final[frozenset[Operation]] = frozenset({"reversal", "cancellation"})
OTHER_SIDE: Final[Mapping[tuple[Operation, Authority], str]] = {
    ("deposit", "staff"): PROMOTIONS,
    ("deposit", "program"): PROMOTIONS,
    ("deposit", "payments"): REFUNDS,
    ("withdraw", "customer"): HELD,
    ("withdraw", "staff"): PAYOUTS,
    ("withdraw", "program"): PAYOUTS,
    ("purchase", "payments"): HELD,
    ("purchase", "staff"): SALES,
    ("purchase", "program"): SALES,
}
"""Where the money comes from or goes to. A customer's deposit is missing: its money is not there yet."""
REVERSED_FROM: Final[Mapping[Operation, str]] = {"purchase": REFUNDS, "withdraw": PAYOUTS}

NAMESPACE: Final = UUID("6b0ac9e3-6b53-4dc3-9c42-2c7b9a0f0f2d")


def clearing(provider: str) -> str:
    """What a provider has taken in for wallets, and owes the shop."""
    return f"{CLEARING}{provider}"


def customer_account(owner_id: UUID, currency: str) -> UUID:
    """The ledger's account of a customer. Its id follows from the owner's, so that no posting has to ask for it."""
    return uuid5(NAMESPACE, f"customer:{owner_id}:{currency}")


@lru_cache(maxsize=1024)
def system_account(code: str, currency: str) -> UUID:
    """The same of the shop's own."""
    return uuid5(NAMESPACE, f"system:{code}:{currency}")


def customers_transaction(owner_id: UUID, key: str) -> TransactionId:
    """The id of what a customer asks for under an Idempotency-Key: the same wish again is the same transaction."""
    return TransactionId(uuid5(NAMESPACE, f"transaction:{owner_id}:{key}"))


def staffs_id(wished: UUID | None, actor_id: UUID, key: str) -> TransactionId:
    """The id of what staff ask for: as they wish, or by their Idempotency-Key."""
    return TransactionId(wished or uuid5(NAMESPACE, f"staff:{actor_id}:{key}"))


def cancellation_of(purchase_id: UUID) -> TransactionId:
    """The id of the cancellation that a payment asks for; there can be only one."""
    return TransactionId(uuid5(NAMESPACE, f"cancellation:{purchase_id}"))


def taking_back(provider: str, dispute_ref: str) -> TransactionId:
    """The id of what a lost dispute takes from a wallet: told again, it takes nothing more."""
    return TransactionId(uuid5(NAMESPACE, f"dispute:{provider}:{dispute_ref}"))


TAKEN_BACK: Final = "Taken back by your bank"
WHY_TAKEN_BACK: Final = "the payment that filled your wallet was disputed"


def max_deposit(currency: str) -> int:
    """10,000.00 at a time, or 1,000,000 of what has no smaller coin: a slip of a digit more is caught, and what the shop
    holds for somebody stays an amount to spend there. Minor units."""
    return 10_000 * whole_steps(currency) * int(10 ** minor_digits(currency))


def whole_steps(currency: str) -> int:
    """What one of the larger currencies comes to, roughly, in whole units of this one: 1, or 100 where there are no cents."""
    return 1 if minor_digits(currency) else 100


def check_allowed(by: Authority, operation: Operation, *, withdrawals: bool) -> None:
    """Raises OperationNotAllowed."""
    if operation not in ALLOWED[by]:
        raise OperationNotAllowed(f"{_named(operation)} is not for {NAMES[by]} to make")
    if operation == "withdraw" and by == "customer" and not withdrawals:
        raise OperationNotAllowed("This shop doesn't pay out what is in a wallet; it can be spent here")


NAMES: Final[Mapping[Authority, str]] = {
    "customer": "customers",
    "staff": "staff",
    "program": "programs",
    "orders": "orders",
    "payments": "payments",
}


def check_not_own(actor_id: UUID | None, *owners: UUID | None) -> None:
    """Raises OwnWallet where staff act on a wallet of their own."""
    if actor_id is not None and actor_id in owners:
        raise OwnWallet


def _named(operation: Operation) -> str:
    return f"A {operation.replace('_', ' ')}"


def check_amount(amount: Money, operation: Operation, by: Authority, shop_currency: str) -> None:
    """Raises Invalid that names the field."""
    if not is_currency(amount.currency):
        raise Invalid.field("amount.currency", "A currency code such as EUR")
    if operation == "deposit" and by != "payments" and amount.currency != shop_currency:
        raise Invalid.field("amount.currency", f"Wallets of this shop are filled in {shop_currency}")
    most = max_deposit(amount.currency) if operation == "deposit" and by == "customer" else MAX_AMOUNT
    if amount.amount <= 0:
        raise Invalid.field("amount.amount", "At least 1")
    if amount.amount > most:
        raise Invalid.field("amount.amount", f"At most {most}")


def draft_of(posting: Posting, amount: Money) -> Draft:
    """Of what gives nothing back. Raises Invalid."""
    owner, currency = posting.account_id, amount.currency
    own = customer_account(owner, currency)
    if posting.operation == "transfer":
        return _transfer(posting, amount, own)
    other = OTHER_SIDE.get((posting.operation, posting.by))
    incoming = posting.operation == "deposit"
    moved = 0 if other is None else amount.amount if incoming else -amount.amount
    return _draft(
        posting,
        amount,
        incoming=incoming,
        settled=other not in {HELD, None},
        kept=(KeptLeg(own, moved, owner),),
        summed=() if other is None else (SummedLeg(other, -moved),),
    )


def _transfer(posting: Posting, amount: Money, own: UUID) -> Draft:
    to = posting.counterparty_id
    if to is None:
        raise Invalid.field("counterparty_id", "This is needed")
    if to == posting.account_id:
        raise Invalid.field("counterparty_id", "A transfer goes to another wallet")
    theirs = customer_account(to, amount.currency)
    legs = (KeptLeg(own, -amount.amount, posting.account_id), KeptLeg(theirs, amount.amount, to))
    return _draft(posting, amount, incoming=False, settled=True, kept=legs, counterparty_id=theirs)


def giving_back(posting: Posting, parent: Stored) -> Draft:
    """The draft of a reversal or cancellation of `parent`, which is the owner's own. Raises NotReversible, Invalid."""
    if posting.operation == "reversal":
        return _reversal(posting, parent)
    if parent.operation != "purchase" or parent.status != "pending":
        raise NotReversible("Only a purchase that is not settled yet can be cancelled")
    if posting.amount is not None and posting.amount != parent.asked:
        raise NotReversible("A purchase is cancelled as a whole")
    return _back(posting, parent, parent.asked, HELD)


def _reversal(posting: Posting, parent: Stored) -> Draft:
    taken_by = REVERSED_FROM.get(parent.operation)
    if taken_by is None or parent.status != "settled":
        raise NotReversible("Only a settled purchase or withdrawal can be reversed")
    if parent.dispute_ref is not None:
        raise NotReversible("A bank has this money: what the shop gives instead is a credit")
    amount = posting.amount or Money(parent.rest, parent.currency)
    if amount.currency != parent.currency:
        raise Invalid.field("amount.currency", f"What is reversed was {parent.currency}")
    if not 0 < amount.amount <= parent.rest:
        raise NotReversible(
            "All of this transaction has been given back already"
            if not parent.rest
            else "That is more than is left of this transaction"
        )
    return _back(posting, parent, amount, taken_by)


def _back(posting: Posting, parent: Stored, amount: Money, taken_by: str) -> Draft:
    return _draft(
        posting,
        amount,
        incoming=True,
        settled=True,
        kept=(KeptLeg(parent.account_id, amount.amount, posting.account_id),),
        summed=(SummedLeg(taken_by, -amount.amount),),
        order_id=parent.order_id,
    )


def _draft(
    posting: Posting,
    amount: Money,
    *,
    incoming: bool,
    settled: bool,
    kept: tuple[KeptLeg, ...],
    summed: tuple[SummedLeg, ...] = (),
    counterparty_id: UUID | None = None,
    order_id: UUID | None = None,
) -> Draft:
    return Draft(
        id=posting.id,
        account_id=kept[0].account_id,
        operation=posting.operation,
        amount=amount.amount,
        currency=amount.currency,
        incoming=incoming,
        status="settled" if settled else "pending",
        kept=kept,
        summed=summed,
        order_id=posting.order_id or order_id,
        payment_id=posting.payment_id,
        parent_id=posting.parent_id,
        counterparty_id=counterparty_id,
        reason=posting.reason,
        authority=posting.by,
        actor_id=posting.actor_id,
    )


def is_the_same(stored: Stored, posting: Posting) -> bool:
    """Whether `stored` is what `posting` wishes for, made by an earlier wish."""
    counterparty = None
    if posting.counterparty_id is not None:
        counterparty = customer_account(posting.counterparty_id, stored.currency)
    return (
        stored.operation == posting.operation
        and stored.owner_id == posting.account_id
        and posting.amount in {None, stored.asked}
        and posting.order_id in {None, stored.order_id}
        and posting.parent_id == stored.parent_id
        and counterparty == stored.counterparty_id
    )
