"""Wallets as staff see them: the fullest, or those of customers searched for; one with all that happened; one transaction with
its entries, and the forms by which money is moved."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath, QueryParameter

from shop.contracts.identity import AccountId
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import FieldError
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.sessions import signed_in
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.ids import new_token
from shop.modules.wallet.admin.ledger import name_of
from shop.modules.wallet.rules import REVERSED_FROM
from shop.modules.wallet.schemas import EntryLine, Stored
from shop.modules.wallet.service.overview import (
    TransactionPage,
    show_customers_wallet,
    show_transaction,
    show_wallets,
)
from shop.modules.wallet.words import staffs_lines_of

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, str]
PAGE: Final = "/admin/wallets"
ONE: Final = f"{PAGE}/{{customer_id:uuid}}"
TRANSACTION: Final = f"{ONE}/transactions/{{transaction_id:uuid}}"
PAGE_SIZE: Final = 50
BY: Final = {
    "customer": "The customer",
    "staff": "Staff",
    "program": "A program",
    "orders": "The shop, for an order",
    "payments": "The shop, for a payment",
}


@get(PAGE, guards=[staff("wallet.view")], include_in_schema=False)
async def wallets_page(
    request: AnyRequest, q: Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)] = None
) -> HTMLPage:
    return await render_wallets(request, (q or "").strip() or None)


async def render_wallets(
    request: AnyRequest, wanted: str | None = None, problem: str | None = None, status: int = 200
) -> HTMLPage:
    """`problem` is why a withdrawal could not be decided."""
    shown = await read(show_wallets, wanted, settings().currency)
    context = {"shown": shown, "q": wanted or "", "problem": problem, "may_adjust": await _may_adjust(request)}
    return await admin_page(request, "wallet/admin_wallets.html", context, status=status)


@get(ONE, guards=[staff("wallet.view")], include_in_schema=False)
async def wallet_page(request: AnyRequest, customer_id: FromPath[UUID], cursor: Cursor = None) -> HTMLPage:
    return await render_wallet(request, customer_id, cursor=cursor)


async def render_wallet(
    request: AnyRequest,
    customer_id: UUID,
    form: Form | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
    *,
    cursor: str | None = None,
) -> HTMLPage:
    """`form` is what was sent, where it has to be mended."""
    key = decode_cursor(cursor, datetime, UUID)
    before = None if key is None else (key[0], key[1])
    shown = await read(show_customers_wallet, customer_id, settings().currency, before, PAGE_SIZE + 1)
    listed = shown.transactions[:PAGE_SIZE]
    further = len(shown.transactions) > PAGE_SIZE
    context = {
        "owner": shown.owner,
        "wallet": shown.wallet,
        "lines": staffs_lines_of(listed, shown.numbers),
        "cursor": cursor,
        "next_cursor": encode_cursor(listed[-1].created_at, listed[-1].id) if further else None,
        "form": form or {},
        "errors": errors,
        "error_of": {each.field: each.message for each in reversed(errors)},
        "attempt": new_token(),
        "may_adjust": await _may_adjust(request),
    }
    return await admin_page(request, "wallet/admin_wallet.html", context, status=status if errors else 200)


@get(TRANSACTION, guards=[staff("wallet.view")], include_in_schema=False)
async def transaction_page(
    request: AnyRequest, customer_id: FromPath[UUID], transaction_id: FromPath[UUID]
) -> HTMLPage:
    return await render_transaction(request, customer_id, transaction_id)


async def render_transaction(
    request: AnyRequest,
    customer_id: UUID,
    transaction_id: UUID,
    form: Form | None = None,
    errors: Sequence[FieldError] = (),
    *,
    status: int = 422,
) -> HTMLPage:
    """`form` is what was sent, where it has to be mended."""
    shown = await read(show_transaction, customer_id, transaction_id)
    [line] = staffs_lines_of([shown.transaction], shown.numbers)
    may_adjust = await _may_adjust(request)
    context = {
        "shown": shown,
        "line": line,
        "by": BY[shown.transaction.authority],
        "entries": [(_entry_name(each, shown), each) for each in shown.entries],
        "children": staffs_lines_of(shown.children, {}),
        "reversible": may_adjust and _is_reversible(shown.transaction),
        "cancellable": may_adjust and _is_cancellable(shown.transaction),
        "decidable": may_adjust and shown.withdrawal is not None and shown.transaction.status == "pending",
        "form": form or {},
        "errors": errors,
        "error_of": {each.field: each.message for each in reversed(errors)},
        "attempt": new_token(),
    }
    return await admin_page(request, "wallet/admin_transaction.html", context, status=status if errors else 200)


def _is_reversible(told: Stored) -> bool:
    return told.operation in REVERSED_FROM and told.status == "settled" and told.rest > 0 and told.dispute_ref is None


def _is_cancellable(told: Stored) -> bool:
    return told.operation == "purchase" and told.status == "pending"


def _entry_name(entry: EntryLine, shown: TransactionPage) -> str:
    """Whose account it moved."""
    if entry.code is not None:
        return name_of(entry.code)
    if entry.owner_id is None:
        return "Gift card"
    owner = shown.people.get(AccountId(entry.owner_id))
    return f"Wallet of {owner.name}" if owner else "Wallet of a closed account"


async def _may_adjust(request: AnyRequest) -> bool:
    return (await signed_in(request)).may("wallet.adjust")


ROUTES: Final = (wallets_page, wallet_page, transaction_page)
