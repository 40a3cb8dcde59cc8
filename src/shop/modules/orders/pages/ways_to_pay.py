"""The ways to pay as part of a form: what a buyer chooses among, and what a balance leaves to pay. The balance that the page
told is what was agreed to: with another one nothing is charged."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.payments import MethodShown, PaymentMethod, PaymentRequest, Payments, StoredMethod
from shop.kernel.db import read
from shop.kernel.errors import Invalid
from shop.kernel.http.sessions import Session
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.pages.forms import BALANCE, NEVER_AGREED, WALLET, money_in

EXPECTED: Final = "expected_balance"


class StoredChoice(msgspec.Struct, frozen=True):
    value: str
    """As the form sends it: the provider and the method."""
    provider: str
    title: str
    text: str


class Split(msgspec.Struct, frozen=True):
    """Of one total: what the balance pays, and the rest."""

    share: Money
    left: Money


class Ways(msgspec.Struct, frozen=True):
    """`balance` is nothing where there is none to use."""

    methods: list[PaymentMethod]
    stored: list[StoredChoice]
    balance: Money
    chosen: str | None
    uses_balance: bool
    may_keep: bool

    @property
    def chosen_provider(self) -> str | None:
        return self.chosen.partition("/")[0] if self.chosen else None

    def splits(self, totals: Sequence[Money]) -> list[Split]:
        return [_split(self.balance, total) for total in totals] if self.balance.amount else []


async def ways_to_pay(
    owner: UUID | None, form: Mapping[str, str], currency: str, used: str | None = None, held: int = 0
) -> Ways:
    """For the account `owner`, if any. `used`: a provider to suggest on a fresh form. `held`: minor units of the balance that
    this very order holds, and gives back when it is paid in another way."""
    methods = await port(Payments).offered()
    labels = {method.provider: method.label for method in methods}
    balance, kept = await read(_purse, owner, currency) if owner else (Money.zero(currency), [])
    stored = [
        StoredChoice(f"{each.provider}/{each.id}", each.provider, *stored_words(each, labels))
        for each in kept
        if each.provider in labels
    ]
    values = [*(each.value for each in stored), *labels]
    wanted = form.get("payment.provider", used)
    return Ways(
        methods=methods,
        stored=stored,
        balance=Money(balance.amount + held, currency),
        chosen=wanted if wanted in values else next(iter(values), None),
        uses_balance=bool(form.get(BALANCE)),
        may_keep=owner is not None,
    )


async def _purse(uow: UnitOfWork, account_id: UUID, currency: str) -> tuple[Money, list[StoredMethod]]:
    payments = port(Payments)
    return await payments.spendable(uow, account_id, currency), await payments.stored_methods(uow, account_id)


async def as_agreed(
    session: Session, form: Mapping[str, str], request: PaymentRequest, total: Money, held: int = 0
) -> tuple[PaymentRequest, bool]:
    """What to ask payments for, and whether the wallet comes first. Raises Invalid when the balance pays another part of
    `total` than the page told."""
    if not form.get(BALANCE):
        return request, False
    if session.principal is None:
        raise Invalid.field(BALANCE, "Sign in to pay from your balance")
    now = await read(port(Payments).spendable, session.principal.account_id, total.currency)
    now = Money(now.amount + held, total.currency)
    share = _split(now, total).share
    told = money_in(form.get(EXPECTED, ""))
    if told == NEVER_AGREED or told.currency != total.currency or _split(told, total).share != share:
        raise Invalid.field(BALANCE, f"It has changed to {format_money(now)}. Please look again before you pay")
    return (PaymentRequest(WALLET), False) if share == total else (request, bool(share.amount))


def _split(balance: Money, total: Money) -> Split:
    share = Money(min(balance.amount, total.amount), total.currency)
    return Split(share, total - share)


def stored_words(stored: StoredMethod, labels: Mapping[str, str]) -> tuple[str, str]:
    """What it is called, and what else tells it from others."""
    method = stored.method
    if method.last4:
        return method_words(
            method, labels.get(stored.provider, "")
        ), f"Expires {method.expires}" if method.expires else ""
    return labels.get(stored.provider, method.kind), method.label


def method_words(method: MethodShown, provider_label: str) -> str:
    """Visa •••• 4242; of what has no number, the provider's name and its own."""
    return (
        f"{method.label} ••••\N{NO-BREAK SPACE}{method.last4}" if method.last4 else f"{provider_label} ({method.label})"
    )


def context_of(ways: Ways, totals: Sequence[Money]) -> dict[str, Any]:
    """For the macros of `orders/_payment.html`."""
    return {"ways": ways, "splits": ways.splits(totals)}
