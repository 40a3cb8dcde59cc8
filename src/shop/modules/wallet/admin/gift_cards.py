"""Gift cards in the back office: issued, up to fifty at once, with their codes told once to print or copy; listed; disabled."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.wallet import TransactionIdReused
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.ids import new_token
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.api_schemas import GiftCardView, card_view
from shop.modules.wallet.forms import amount_in, attempt_in
from shop.modules.wallet.rules import staffs_id
from shop.modules.wallet.schemas import GiftCard
from shop.modules.wallet.service import gift_cards

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, str]
PAGE: Final = "/admin/gift-cards"
PAGE_SIZE: Final = 50
MOST_AT_ONCE: Final = 50
LONGEST: Final = timedelta(days=20 * 366)
SENT_BEFORE: Final = (
    "This form was sent before, for other cards, which are in the list below. Send it again for these as well"
)


class CardsForm(msgspec.Struct, frozen=True):
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)] = 1


class Wish(msgspec.Struct, frozen=True):
    amount: Money
    count: int
    expires_at: datetime | None


class Issued(msgspec.Struct, frozen=True):
    """`code` is None for a card that was issued by this very form before."""

    view: GiftCardView
    code: str | None


@get(PAGE, guards=[staff("wallet.view")], include_in_schema=False)
async def gift_cards_page(request: AnyRequest, cursor: Cursor = None) -> HTMLPage:
    return await _render(request, cursor=cursor)


@post(PAGE, guards=[staff("wallet.adjust")], include_in_schema=False, status_code=200)
async def issue_from_form(request: AnyRequest) -> HTMLPage:
    """The page that comes back is the only one that ever shows the codes."""
    who = (await signed_in(request)).account_id
    form = await form_fields(request)
    try:
        wish = _wish(form)
        issued = await write(_issue, wish, who, attempt_in(form) or new_token())
    except Invalid as refusal:
        return await _render(request, form, _at_form(refusal))
    except TransactionIdReused:
        return await _render(request, form, [FieldError("", SENT_BEFORE)], 409)
    except Conflict as refusal:
        return await _render(request, form, [FieldError("", refusal.detail)], 409)
    context = {"issued": issued, "amount": wish.amount, "told": all(each.code for each in issued)}
    return await admin_page(request, "wallet/admin_gift_cards_issued.html", context)


async def _issue(uow: UnitOfWork, wish: Wish, who: UUID, attempt: str) -> list[Issued]:
    """All or none. Raises TransactionIdReused when this form was sent for other cards before."""
    issued = []
    for number in range(wish.count):
        card_id = staffs_id(None, who, f"gift-card:{attempt}:{number}")
        card, code = await gift_cards.issue_card(uow, card_id, wish.amount, wish.expires_at, who)
        issued.append(Issued(card_view(card), code))
    if len({each.code is None for each in issued}) > 1:
        raise TransactionIdReused
    return issued


def _wish(form: Form) -> Wish:
    """Raises Invalid that names all that is wrong."""
    wrong: list[FieldError] = []
    amount, count, expires_at = None, 0, None
    try:
        amount = amount_in(form)
    except Invalid as refusal:
        wrong += refusal.errors
    try:
        count = fields.check(CardsForm, {"count": form["count"]} if form.get("count") else {}).count
    except Invalid as refusal:
        wrong += refusal.errors
    try:
        expires_at = _end_of(form["expires"]) if form.get("expires") else None
    except Invalid as refusal:
        wrong += refusal.errors
    if amount is None or wrong:
        raise Invalid(wrong)
    return Wish(amount, count, expires_at)


def _end_of(day: str) -> datetime:
    """Of the last day on which a card is taken, in the shop's time zone. Raises Invalid."""
    try:
        end = datetime.combine(date.fromisoformat(day), time(23, 59, 59), ZoneInfo(settings().time_zone))
    except ValueError:
        raise Invalid.field("expires", "A date such as 2027-12-31") from None
    if not clock.now() < end <= clock.now() + LONGEST:
        raise Invalid.field("expires", "A day from today on, within twenty years")
    return end


def _at_form(refusal: Invalid) -> list[FieldError]:
    names = {"expires_at": "expires"}
    told = [each.field.partition(".")[0] for each in refusal.errors]
    return [
        FieldError(names.get(name, name), each.message) for name, each in zip(told, refusal.errors, strict=True)
    ] or [FieldError("", refusal.detail)]


@post(f"{PAGE}/{{card_id:uuid}}/disable", guards=[staff("wallet.adjust")], include_in_schema=False, status_code=200)
async def disable_from_form(request: AnyRequest, card_id: FromPath[UUID]) -> Redirect:
    who = (await signed_in(request)).account_id
    card = await write(gift_cards.disable_card, card_id, who)
    (await session_of(request)).flash("success", f"The gift card …{card.hint} opens nothing any more.")
    return Redirect(PAGE, status_code=303)


async def _render(
    request: AnyRequest,
    form: Form | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
    *,
    cursor: str | None = None,
) -> HTMLPage:
    key = decode_cursor(cursor, datetime, UUID)
    before = None if key is None else (key[0], key[1])
    found: list[GiftCard] = await read(gift_cards.list_cards, before, PAGE_SIZE + 1)
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    context = {
        "cards": [card_view(each) for each in found[:PAGE_SIZE]],
        "cursor": cursor,
        "next_cursor": None if last is None else encode_cursor(last.created_at, last.id),
        "form": form or {},
        "errors": errors,
        "error_of": {each.field: each.message for each in reversed(errors)},
        "attempt": new_token(),
        "today": clock.now().astimezone(ZoneInfo(settings().time_zone)).date(),
        "most": MOST_AT_ONCE,
        "may_adjust": (await signed_in(request)).may("wallet.adjust"),
    }
    return await admin_page(request, "wallet/admin_gift_cards.html", context, status=status if errors else 200)


ROUTES: Final = (gift_cards_page, issue_from_form, disable_from_form)
