"""A customer's wallet as a page: what is in it and what has happened there, filling it, gift cards, having it paid out.

Each form carries a hidden key, so that sent twice it works once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from shop.contracts.payments import Payment, PaymentMethod, Payments
from shop.contracts.wallet import InsufficientBalance, OperationNotAllowed, Posting, Transaction, TransactionIdReused
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid, TooMany
from shop.kernel.http import fields
from shop.kernel.http.access import customer
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.ratelimit import AUTH, CHECKOUT
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.kernel.ids import new_token
from shop.kernel.money import Money, format_money, minor_digits
from shop.kernel.ports import port
from shop.modules.wallet.api_schemas import GiftCardCode
from shop.modules.wallet.errors import GiftCardNotValid
from shop.modules.wallet.forms import amount_in, attempt_in
from shop.modules.wallet.guesses import count_guess
from shop.modules.wallet.pages.plot import plot_of
from shop.modules.wallet.pages.ways import own_path, policy_for, request_in, ways_to_fill
from shop.modules.wallet.rules import customers_transaction, max_deposit, whole_steps
from shop.modules.wallet.schemas import Stored
from shop.modules.wallet.service.deposit import fill_wallet
from shop.modules.wallet.service.gift_cards import redeem
from shop.modules.wallet.service.overview import WalletPage, show_wallet
from shop.modules.wallet.service.post import post as post_wish
from shop.modules.wallet.words import lines_of, totals_held

ShopRequest = Request[Any, Any, Any]
Form = Mapping[str, str]
PAGE: Final = "/account/wallet"
PAGE_SIZE: Final = 20
SUGGESTED: Final = (10, 25, 50, 100)
"""Whole units of the shop's currency; a hundred times that where there is no smaller unit."""
LEAVING: Final = "leaving_wallet"
"""The payment whose provider's own site the page leads on to by itself, once."""
SENT_BEFORE: Final = "This form was sent before, with another amount. Look below at what came of it; then send it again"
REDEEMED_BEFORE: Final = "This form was sent before, with another code, which is redeemed. Send it again for this one"
LABELS: Final = {
    "amount": "Amount",
    "payment.provider": "Payment",
    "payment.token": "Payment",
    "payment.method_id": "Payment",
    "code": "Gift card",
    "withdraw": "Amount to pay out",
}
"""As the forms call their fields."""


@get(PAGE, guards=[customer], include_in_schema=False)
async def wallet_page(request: ShopRequest, cursor: Cursor = None, deposit: FromQuery[UUID | None] = None) -> HTMLPage:
    """`deposit`: the one to pay for at this moment, where several wait."""
    return await _render(request, cursor=cursor, deposit=deposit)


@post(f"{PAGE}/deposits", guards=[customer], opt=CHECKOUT, include_in_schema=False, status_code=200)
async def fill_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    """Leads to the provider where the customer has to confirm there, else back to the page, which says what came of it."""
    account_id = (await signed_in(request)).account_id
    form = await form_fields(request)
    try:
        amount = _checked_deposit(form)
        made = await fill_wallet(account_id, _key(form, "deposit"), amount, request_in(form))
    except Invalid as refusal:
        return await _render(request, form, refusal.errors or [FieldError("", refusal.detail)])
    except TransactionIdReused:
        return await _render(request, form, [FieldError("", SENT_BEFORE)], 409)
    return await _after_deposit(request, made)


def _key(form: Form, what: str) -> str:
    """Each form of the page has one of its own."""
    return f"{what}:{attempt_in(form) or new_token()}"


def _checked_deposit(form: Form) -> Money:
    """Raises Invalid."""
    chosen = form.get("suggested", "")
    amount = amount_in({"amount": chosen} if chosen and not form.get("amount") else form)
    most = max_deposit(amount.currency)
    if amount.amount > most:
        raise Invalid.field("amount", f"At most {format_money(Money(most, amount.currency))} at a time")
    return amount


async def _after_deposit(request: ShopRequest, made: Transaction) -> HTMLPage | Redirect:
    session, payment = await session_of(request), made.payment
    if made.status == "failed":
        why = (payment.failure if payment else None) or made.failure or "It was not paid"
        session.flash("error", f"Your wallet was not filled, and nothing was charged. {why}")
    elif made.status == "settled":
        session.flash("success", f"{format_money(made.amount)} are in your wallet.")
    elif payment is not None and payment.status == "requires_action":
        if (path := own_path(payment)) is not None:
            return Redirect(path, status_code=303)
        if payment.redirect_url:
            session[LEAVING] = str(payment.id)
    else:
        session.flash("info", "Your payment is not confirmed yet; that can take a moment.")
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/gift-cards", guards=[customer], opt=AUTH, include_in_schema=False, status_code=200)
async def redeem_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    account_id = (await signed_in(request)).account_id
    form = await form_fields(request)
    transaction_id = customers_transaction(account_id, _key(form, "gift-card"))
    try:
        code = fields.check(GiftCardCode, form).code
        await count_guess(request, account_id)
        made = await write(redeem, transaction_id, account_id, code)
    except Invalid:
        return await _render(request, form, [FieldError("code", "A code is 16 letters and digits, as on the card")])
    except TransactionIdReused:
        return await _render(request, form, [FieldError("code", REDEEMED_BEFORE)], 409)
    except (GiftCardNotValid, TooMany) as refusal:
        status = 429 if isinstance(refusal, TooMany) else 409
        return await _render(request, form, [FieldError("code", refusal.detail)], status)
    (await session_of(request)).flash("success", f"{format_money(made.amount)} from your gift card are in your wallet.")
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/withdrawals", guards=[customer], opt=CHECKOUT, include_in_schema=False, status_code=200)
async def withdraw_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    account_id = (await signed_in(request)).account_id
    form = await form_fields(request)
    try:
        posting = Posting(
            id=customers_transaction(account_id, _key(form, "withdraw")),
            operation="withdraw",
            account_id=account_id,
            amount=amount_in(form, "withdraw"),
            by="customer",
        )
        made = await write(post_wish, posting)
    except Invalid as refusal:
        return await _render(request, form, [FieldError("withdraw", each.message) for each in refusal.errors])
    except InsufficientBalance as refusal:
        left = format_money(refusal.extra["available"])
        return await _render(request, form, [FieldError("withdraw", f"At most {left} can be paid out")], 409)
    except OperationNotAllowed as refusal:
        return await _render(request, form, [FieldError("", refusal.detail)], 403)
    except TransactionIdReused:
        return await _render(request, form, [FieldError("", SENT_BEFORE)], 409)
    (await session_of(request)).flash(
        "success", f"We have your request to pay out {format_money(made.amount)}, and write to you when it is decided."
    )
    return Redirect(PAGE, status_code=303)


async def _render(
    request: ShopRequest,
    form: Form | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
    *,
    cursor: str | None = None,
    deposit: UUID | None = None,
) -> HTMLPage:
    session, account_id = await session_of(request), (await signed_in(request)).account_id
    currency = settings().currency
    key = decode_cursor(cursor, datetime, UUID)
    before = None if key is None else (key[0], key[1])
    shown = await read(show_wallet, account_id, currency, before, PAGE_SIZE + 1)
    offered = await port(Payments).offered()
    ways = ways_to_fill(offered, shown.methods, form or {})
    waiting = _waiting(shown, offered, deposit)
    context = {
        "wallet": shown.wallet,
        **totals_held(shown.pending, currency),
        "plot": plot_of(shown.history, currency),
        "waiting": waiting,
        "lines": lines_of(shown.transactions[:PAGE_SIZE], shown.numbers),
        "cursor": cursor,
        "next_cursor": _cursor_after(shown.transactions),
        "form": form or {},
        "attempt": new_token(),
        "errors": [_in_summary(each, ways.chosen_provider) for each in errors],
        "errors_by_field": {each.field: each.message for each in reversed(errors)},
        "ways": ways,
        "suggested": _suggested(currency),
        "withdrawals": settings().wallet_withdrawals,
        "chosen": _chosen_way(form, fresh=not shown.transactions),
    }
    csp = policy_for([*ways.methods, *(each.method for each in waiting if each.method)])
    answer = await account_page(request, "wallet/wallet.html", context, status=status if errors else 200, csp=csp)
    leaving = session.pop(LEAVING)
    url = next((each.url for each in waiting if each.payment and str(each.payment.id) == leaving), None)
    if url is not None:
        answer.headers["Refresh"] = f"0; url={url}"
    return answer


def _chosen_way(form: Form | None, *, fresh: bool) -> str | None:
    """Which of the page's forms stands open: the one that was sent, or in a new wallet the first."""
    if not form:
        return "top-up" if fresh else None
    return "gift-card" if "code" in form else "withdraw" if "withdraw" in form else "top-up"


def _suggested(currency: str) -> list[dict[str, str]]:
    """What the form takes, and how it looks: no decimals, as there are none."""
    scale = whole_steps(currency)
    sums = [Money(each * scale * 10 ** minor_digits(currency), currency) for each in SUGGESTED]
    return [
        {"value": str(whole * scale), "label": format_money(each).removesuffix(".00")}
        for whole, each in zip(SUGGESTED, sums, strict=True)
    ]


class Waiting(msgspec.Struct, frozen=True):
    """A deposit that is not settled yet. `url` is where its owner confirms it; `open` says that the provider's own form is
    shown for it: there is room for one."""

    id: UUID
    amount: Money
    at: datetime
    payment: Payment | None
    method: PaymentMethod | None
    url: str | None
    open: bool


def _waiting(shown: WalletPage, offered: Sequence[PaymentMethod], wanted: UUID | None) -> list[Waiting]:
    methods = {method.provider: method for method in offered}
    deposits = [each for each in shown.pending if each.operation == "deposit"]
    forms = [each.id for each in deposits if (payment := shown.payments.get(each.id)) and payment.client_secret]
    opened = wanted if wanted in forms else next(iter(forms), None)
    return [_waits(each, shown.payments.get(each.id), methods, opened) for each in deposits]


def _waits(told: Stored, payment: Payment | None, methods: Mapping[str, PaymentMethod], opened: UUID | None) -> Waiting:
    url = None
    if payment is not None and payment.status == "requires_action":
        url = own_path(payment) or payment.redirect_url
    method = methods.get(payment.provider) if payment else None
    return Waiting(told.id, told.asked, told.created_at, payment, method, url, told.id == opened)


def _cursor_after(found: Sequence[Stored]) -> str | None:
    return encode_cursor(found[PAGE_SIZE - 1].created_at, found[PAGE_SIZE - 1].id) if len(found) > PAGE_SIZE else None


def _in_summary(error: FieldError, provider: str) -> FieldError:
    """Above the form: what it is about, and the field that it leads to."""
    label = LABELS.get(error.field)
    text = f"{label}: {error.message[:1].lower()}{error.message[1:]}" if label else error.message
    name = f"payment.{provider}.token" if error.field == "payment.token" else error.field
    return FieldError("payment.provider" if name == "payment.method_id" else name, text)


ROUTES: Final = (wallet_page, fill_from_form, redeem_from_form, withdraw_from_form)
