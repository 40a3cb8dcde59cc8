"""Do the books balance? One page that answers for every rule of the ledger with yes or no, and says what to do about a no.

It shows the last check, which the shop makes each day and staff at any time: a check reads every entry.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect

from shop.kernel.db import read
from shop.kernel.http.access import staff
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.money import Money, format_money
from shop.modules.wallet.rules import CLEARING, HELD, LOSSES, PAYOUTS, PROMOTIONS, REFUNDS, SALES, UNRECONCILED
from shop.modules.wallet.schemas import CheckedBooks, Difference, WalletTotals
from shop.modules.wallet.service.check_books import check_and_keep, find_last_check
from shop.modules.wallet.service.overview import list_taken_back

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/admin/ledger"
NAMES: Final = {
    SALES: "Spent in the shop",
    REFUNDS: "Refunds to wallets",
    PROMOTIONS: "Given away by the shop",
    HELD: "Held for what is not decided",
    PAYOUTS: "Paid out by hand",
    LOSSES: "Lost by the shop to disputes",
}
PROVIDERS: Final = {"sandbox": "test card", "stripe": "Stripe", "paypal": "PayPal"}
"""In the middle of a sentence."""


class Check(msgspec.Struct, frozen=True):
    """`prefix` begins the account of the differences that break it; `advice` is what to do then."""

    title: str
    prefix: str
    rule: str
    advice: str


CHECKS: Final = (
    Check(
        "Every currency sums to zero",
        "sum",
        "Whatever one account got, another one gave: all entries of a currency together come to nothing.",
        "Entries were added or changed past the shop. Compare with the latest backup before anything else is done.",
    ),
    Check(
        "So does every transaction",
        "transaction:",
        "The entries of one transaction come to nothing by themselves.",
        "Open the transaction by its id in the database; its missing side tells what was changed past the shop.",
    ),
    Check(
        "Stored balances are what their entries come to",
        "customer:|gift_card:",
        "A wallet's balance is kept beside its entries, so that it is there at once; it must be their sum.",
        "The entries are right. On the shop's machine, shop wallet rebuild sets the balances to their sums; wallets wait "
        "meanwhile.",
    ),
    Check(
        "What is held is what is under way",
        "held",
        "Purchases of orders not yet paid in full, and withdrawals not yet decided.",
        "Look through the pending transactions: one was ended without giving back or taking what it held.",
    ),
    Check(
        "Clearing is what the providers' payments say",
        CLEARING,
        "What was captured to fill wallets, less what went back or was taken back by banks, by each provider.",
        "Run the reconciliation: a payment was captured, given or taken back and its wallet not told, or the other way round.",
    ),
    Check(
        "The providers' own records say the same",
        UNRECONCILED,
        "Reconciliation holds each top-up against its provider's record, every day: none that differs waits for staff.",
        "Look at Reconciliation: each of these top-ups is there with the reason. Once it is cleared or resolved, check again.",
    ),
    Check(
        "Reversals are remembered rightly",
        "reversed:",
        "A purchase remembers how much of it was given back: that is what keeps it from being given back twice.",
        "Don't reverse these transactions any more until somebody has compared them with their reversals.",
    ),
    Check(
        "No account mixes currencies",
        "account:",
        "An account holds one currency, and so do its entries.",
        "Entries were added past the shop. Compare with the latest backup before anything else is done.",
    ),
)


class Found(msgspec.Struct, frozen=True):
    """What a difference is about, what stands there, and what should."""

    what: str
    stored: Money
    rebuilt: Money


class Verdict(msgspec.Struct, frozen=True):
    check: Check
    figures: list[tuple[str, str]]
    differences: list[Found]


class Bar(msgspec.Struct, frozen=True):
    """`share` is how much of its side it is, in hundredths."""

    name: str
    amount: Money
    share: int


class Picture(msgspec.Struct, frozen=True):
    """Where the money of a currency came from, and where it is now; both sides come to the same."""

    currency: str
    sources: list[Bar]
    places: list[Bar]
    came: Money
    here: Money


@get(PAGE, guards=[staff("wallet.view")], include_in_schema=False)
async def ledger_page(request: AnyRequest) -> HTMLPage:
    shown = await read(find_last_check)
    context = {"books": None, "taken_back": await read(list_taken_back)} | (_report(shown) if shown else {})
    return await admin_page(request, "wallet/admin_ledger.html", context)


@post(f"{PAGE}/check", guards=[staff("wallet.view")], include_in_schema=False, status_code=200)
async def check_from_form(request: AnyRequest) -> Redirect:
    books = (await check_and_keep()).books
    session = await session_of(request)
    if books.balanced:
        session.flash("success", "Checked: the books balance.")
    else:
        session.flash("error", "Checked: the books do not balance.")
    return Redirect(PAGE, status_code=303)


def _report(shown: CheckedBooks) -> dict[str, Any]:
    books = shown.books
    return {
        "books": books,
        "verdicts": [_verdict(each, shown) for each in CHECKS],
        "pictures": [_picture(currency, shown) for currency in books.currencies],
        "entries": sum(each.entries for each in books.currencies.values()),
    }


def _verdict(check: Check, shown: CheckedBooks) -> Verdict:
    prefixes = tuple(check.prefix.split("|"))
    found = [each for each in shown.books.differences if each.account.startswith(prefixes)]
    return Verdict(check, _figures(check.prefix, shown), [_found(each) for each in found])


def _found(difference: Difference) -> Found:
    stored, rebuilt = Money(difference.stored, difference.currency), Money(difference.rebuilt, difference.currency)
    return Found(difference.account.replace(":", " "), stored, rebuilt)


def _figures(prefix: str, shown: CheckedBooks) -> list[tuple[str, str]]:
    """What the check has looked at: (what, how much)."""
    books = shown.books
    if prefix == "sum":
        return [
            (f"{currency}, {each.entries:,} entries", format_money(Money(each.sum, currency)))
            for currency, each in books.currencies.items()
        ]
    if prefix.startswith("customer:"):
        return [
            (f"{currency}, owed to customers", format_money(Money(each.owed, currency)))
            for currency, each in books.currencies.items()
        ]
    if prefix == HELD:
        return [
            (f"{currency}, held", format_money(Money(codes.get(HELD, 0), currency)))
            for currency, codes in books.system.items()
        ]
    if prefix == CLEARING:
        return [
            (f"{currency}, {name_of(code)}", format_money(Money(-amount, currency)))
            for currency, codes in books.system.items()
            for code, amount in codes.items()
            if code.startswith(CLEARING)
        ]
    return []


def _picture(currency: str, shown: CheckedBooks) -> Picture:
    """An account below zero is where money came from: it is the other side of what wallets got."""
    amounts = {
        **_of_customers(currency, shown.totals),
        **{name_of(code): amount for code, amount in shown.books.system.get(currency, {}).items()},
    }
    came = sum(-amount for amount in amounts.values() if amount < 0)
    here = sum(amount for amount in amounts.values() if amount > 0)
    return Picture(
        currency,
        sources=_bars({name: -amount for name, amount in amounts.items() if amount < 0}, currency),
        places=_bars({name: amount for name, amount in amounts.items() if amount > 0}, currency),
        came=Money(came, currency),
        here=Money(here, currency),
    )


def _of_customers(currency: str, totals: Sequence[WalletTotals]) -> dict[str, int]:
    for each in totals:
        if each.wallets.currency == currency:
            return {"In wallets, to spend": each.wallets.amount, "On gift cards": each.cards.amount}
    return {}


def _bars(amounts: Mapping[str, int], currency: str) -> list[Bar]:
    """The largest first."""
    largest = max(amounts.values(), default=0)
    ordered = sorted(amounts.items(), key=lambda each: -each[1])
    return [Bar(name, Money(amount, currency), max(1, 100 * amount // largest)) for name, amount in ordered]


def name_of(code: str) -> str:
    """What staff call one of the shop's own accounts."""
    if code.startswith(CLEARING):
        provider = code.removeprefix(CLEARING)
        return f"Paid in by {PROVIDERS.get(provider) or provider.replace('_', ' ')}"
    return NAMES.get(code, code)


ROUTES: Final = (ledger_page, check_from_form)
