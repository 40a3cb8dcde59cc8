"""Statements among the pages of an account: days to choose, up to 15 of them as a table at once, and longer ones that are asked
for, watched while they are made, and downloaded."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.orders import OrderId
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http.access import customer
from shop.kernel.http.paging import Cursor
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service import statements
from shop.modules.wallet.service.statements import StatementNotFound, TooManyStatements, Wish
from shop.modules.wallet.statement_download import StatementFileGone, StatementNotReady, download
from shop.modules.wallet.statement_files.folder import named
from shop.modules.wallet.statement_files.pdf import spelt
from shop.modules.wallet.statement_rules import EARLIEST, TITLES, Period, choices, find_day
from shop.modules.wallet.statement_schemas import Statement, StatementItem, StatementPage, statement_view

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/account/wallet/statement"
MADE: Final = "/account/wallet/statements"
WALLET: Final = "/account/wallet"
ITEMS: Final = 50
LISTED: Final = 12


class Row(msgspec.Struct, frozen=True):
    """A transaction as the table tells it."""

    at: datetime
    time: str
    title: str
    order_id: UUID | None
    order: str | None
    reason: str
    amount: Money
    balance: Money
    held: bool


class Shown(msgspec.Struct, frozen=True):
    """What one look at the page takes from the database."""

    page: StatementPage | None
    numbers: Mapping[OrderId, str]
    currencies: Sequence[str]
    made: Sequence[Statement]


@get(PAGE, guards=[customer], include_in_schema=False)
async def statement_page(
    request: AnyRequest,
    *,
    first: Annotated[str, QueryParameter(name="from", max_length=20)] = "",
    last: Annotated[str, QueryParameter(name="to", max_length=20)] = "",
    currency: Annotated[str, QueryParameter(max_length=3)] = "",
    cursor: Cursor = None,
) -> HTMLPage:
    """Of the last 15 days when no others are asked for."""
    owner = (await signed_in(request)).account_id
    usual = choices(statements.today())[0].period
    days = (first, last) if first or last else (str(usual.first), str(usual.last))
    asked = {"from": days[0], "to": days[1], "currency": currency or settings().currency}
    try:
        wish = statements.read_wish(owner, asked["from"], asked["to"], asked["currency"])
        shown = await read(_look, owner, wish, cursor)
    except Invalid as refusal:
        return await _page(request, asked, None, await read(_look, owner, None, None), errors=refusal.errors)
    return await _page(request, asked, wish, shown, cursor=cursor)


@post(MADE, guards=[customer], include_in_schema=False)
async def ask_for_statement(request: AnyRequest) -> HTMLPage | Redirect:
    """The same days again lead to the same statement."""
    owner = (await signed_in(request)).account_id
    form = await form_fields(request)
    asked = {name: form.get(name, "") for name in ("from", "to", "currency")}
    try:
        wish = statements.read_wish(owner, asked["from"], asked["to"], asked["currency"] or None)
        if wish.period.at_once:
            return Redirect(_url(wish.period, wish.currency), status_code=303)
        statement = await write(statements.request_statement, wish, by_owner=True)
    except Invalid as refusal:
        return await _page(request, asked, None, await read(_look, owner, None, None), errors=refusal.errors)
    except TooManyStatements as refusal:
        (await session_of(request)).flash("warning", f"{refusal.detail}.")
        return Redirect(_url(wish.period, wish.currency), status_code=303)
    return Redirect(f"{MADE}/{statement.id}", status_code=303)


@get(f"{MADE}/{{statement:str}}", guards=[customer], include_in_schema=False)
async def made_statement(request: AnyRequest, statement: FromPath[str]) -> Response[Any]:
    """How far it is; with .csv or .pdf behind its id the file."""
    owner = (await signed_in(request)).account_id
    found = named(statement)
    if found is None:
        raise StatementNotFound
    statement_id, kind = found
    made = await read(statements.get_statement, statement_id, owner)
    if kind is None:
        return await _made_page(request, made)
    try:
        return await download(made, kind)
    except (StatementFileGone, StatementNotReady) as refusal:
        (await session_of(request)).flash("warning", f"{refusal.detail}.")
        return Redirect(f"{MADE}/{made.id}", status_code=303)


async def _look(uow: UnitOfWork, owner: UUID, wish: Wish | None, cursor: str | None) -> Shown:
    page = await statements.show_page(uow, wish, cursor, ITEMS) if wish and wish.period.at_once else None
    return Shown(
        page,
        await statements.find_numbers(uow, [item.order_id for item in page.items] if page else []),
        await statements.list_currencies(uow, owner),
        [] if cursor else await statements.latest_statements(uow, owner, LISTED),
    )


async def _page(
    request: AnyRequest,
    asked: Mapping[str, str],
    wish: Wish | None,
    shown: Shown,
    *,
    cursor: str | None = None,
    errors: Sequence[FieldError] = (),
) -> HTMLPage:
    today = statements.today()
    page = shown.page
    context = {
        "form": {
            "from": find_day(asked["from"]) or "",  # fields for days show nothing else
            "to": find_day(asked["to"]) or "",
            "currency": asked["currency"],
        },
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "earliest": EARLIEST,
        "today": today,
        "currencies": shown.currencies,
        "choices": [
            {
                "label": each.title,
                "value": each.title,
                "url": _url(each.period, wish.currency if wish else settings().currency),
            }
            for each in choices(today)
        ],
        "chosen": next((each.title for each in choices(today) if wish and each.period == wish.period), None),
        "wish": wish,
        "period": _spelt(wish.period) if wish else None,
        "page": page,
        "rows": list(_rows(page.items, shown.numbers)) if page else [],
        "is_first": cursor is None,
        "first_url": _url(wish.period, wish.currency) if wish and cursor else None,
        "next_url": f"{_url(wish.period, wish.currency)}&cursor={page.next_cursor}"
        if wish and page and page.next_cursor
        else None,
        "made": [_line(each) for each in shown.made],
    }
    return await account_page(request, "wallet/statement.html", context, status=422 if errors else 200, part_of=WALLET)


async def _made_page(request: AnyRequest, made: Statement) -> HTMLPage:
    view = statement_view(made, f"{MADE}/{made.id}")
    context = {
        **_line(made),
        "view": view,
        "percent": 100 * made.done // made.entries if made.entries else None,
        "currency": made.currency,
    }
    return await account_page(request, "wallet/statement_made.html", context, part_of=WALLET)


def _rows(items: Sequence[StatementItem], numbers: Mapping[OrderId, str]) -> Iterator[Row]:
    zone = ZoneInfo(settings().time_zone)
    for item in items:
        yield Row(
            at=item.created_at,
            time=f"{item.created_at.astimezone(zone):%H:%M}",
            title=TITLES[item.operation],
            order_id=item.order_id,
            order=numbers.get(OrderId(item.order_id)) if item.order_id else None,
            reason=item.reason,
            amount=item.entry_amount,
            balance=item.balance_after,
            held=item.status == "pending",
        )


def _url(period: Period, currency: str) -> str:
    other = "" if currency == settings().currency else f"&currency={currency}"
    return f"{PAGE}?from={period.first}&to={period.last}{other}"


def _spelt(period: Period) -> str:
    return spelt(period.first) if period.days == 1 else f"{spelt(period.first)} to {spelt(period.last)}"


def _line(made: Statement) -> dict[str, Any]:
    """What a list says of a statement."""
    words, kind = {
        "waiting": ("Waiting", "info"),
        "running": ("Being made", "info"),
        "ready": ("Ready", "success"),
        "failed": ("Failed", "danger"),
    }[made.status]
    if made.status == "ready" and made.outdated_at:
        words, kind = "Out of date", "warning"
    return {
        "statement": made,
        "busy": made.status in {"waiting", "running"},
        "period": _spelt(made.period),
        "words": words,
        "kind": kind,
        "url": f"{MADE}/{made.id}",
    }


ROUTES: Final = (statement_page, ask_for_statement, made_statement)
