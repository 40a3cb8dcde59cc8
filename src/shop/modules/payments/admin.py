"""Payments in the back office: the list, one payment, and what staff do with its money."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.payments import PaymentNotFound, PaymentStatus
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, Invalid
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.kernel.money import Money, format_money, parse_decimal
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.back_office_schemas import PaymentDetails
from shop.modules.payments.day_chart import chart_of
from shop.modules.payments.repository import back_office as lists
from shop.modules.payments.repository.back_office import Wanted
from shop.modules.payments.service import back_office, staff_deeds

ShopRequest = Request[Any, Any, Any]
PAGE: Final = "/admin/payments"
ONE: Final = f"{PAGE}/{{payment_id:uuid}}"
PAGE_SIZE: Final = 50
STATUSES: Final[tuple[PaymentStatus, ...]] = get_args(PaymentStatus)
LINKS: Final = (AdminLink("Payments", PAGE, "card", "payments.view", order=11),)
Filter = Annotated[str | None, QueryParameter(max_length=80, pattern=PRINTABLE)]


@get(PAGE, guards=[staff("payments.view")], include_in_schema=False)
async def payments_page(
    request: ShopRequest,
    *,
    status: Filter = None,
    provider: Filter = None,
    attention: Filter = None,
    q: Annotated[str | None, QueryParameter(max_length=200, pattern=PRINTABLE)] = None,
    cursor: Cursor = None,
) -> HTMLPage:
    known = next((each for each in STATUSES if each == status), None)
    wanted = Wanted(known, provider or None, q or "", attention=attention == "1")
    before = decode_cursor(cursor, UUID)
    context = await read(_list, wanted, before[0] if before else None)
    return await admin_page(request, "payments/admin_payments.html", {**context, "cursor": cursor})


async def _list(uow: UnitOfWork, wanted: Wanted, before: UUID | None) -> dict[str, Any]:
    found = await back_office.list_payments(uow, wanted, before, PAGE_SIZE + 1)
    return {
        "payments": found[:PAGE_SIZE],
        "wanted": wanted,
        "statuses": STATUSES,
        "providers": await lists.list_providers(uow),
        "attention": await back_office.count_attention(uow),
        "chart": chart_of(await back_office.sum_days(uow), settings().currency),
        "next_cursor": encode_cursor(found[PAGE_SIZE - 1].id) if len(found) > PAGE_SIZE else None,
    }


@get(ONE, guards=[staff("payments.view")], include_in_schema=False)
async def payment_page(request: ShopRequest, payment_id: FromPath[UUID]) -> HTMLPage:
    context = await read(_one, payment_id)
    return await admin_page(request, "payments/admin_payment.html", context)


async def _one(uow: UnitOfWork, payment_id: UUID) -> dict[str, Any]:
    details = await back_office.find_details(uow, payment_id)
    return {"details": details, "people": await back_office.name_staff(uow, details.refunds)}


@post(f"{ONE}/capture", guards=[staff("payments.capture")], include_in_schema=False)
async def capture_from_form(request: ShopRequest, payment_id: FromPath[UUID]) -> Redirect:
    form = await form_fields(request)
    details = await read(back_office.find_details, payment_id)
    try:
        amount = _amount(form.get("amount", ""), details.payment.amount)
    except Invalid as refusal:
        return await _back(request, details, "danger", refusal.errors[0].message)
    return await _do(request, details, staff_deeds.capture(payment_id, amount), f"{format_money(amount)} taken")


def _amount(typed: str, held: Money) -> Money:
    """All that is held where nothing was typed. Raises Invalid."""
    if not typed:
        return held
    try:
        amount = parse_decimal(typed[:40].replace(",", "."), held.currency)
    except ValueError as error:
        raise Invalid.field("amount", f"{error}"[:200]) from None
    if not 0 < amount.amount <= held.amount:
        raise Invalid.field("amount", f"At most {format_money(held)} can be taken")
    return amount


@post(f"{ONE}/release", guards=[staff("payments.capture")], include_in_schema=False)
async def release_from_form(request: ShopRequest, payment_id: FromPath[UUID]) -> Redirect:
    details = await read(back_office.find_details, payment_id)
    words = "Released: the money is not taken, and the order can be paid in another way while its goods are held"
    return await _do(request, details, staff_deeds.release(payment_id), words)


@post(f"{ONE}/receipt", guards=[staff("payments.capture")], include_in_schema=False)
async def receive_from_form(request: ShopRequest, payment_id: FromPath[UUID]) -> Redirect:
    details = await read(back_office.find_details, payment_id)
    by = (await signed_in(request)).account_id
    words = f"{format_money(details.payment.amount)} received"
    return await _do(request, details, staff_deeds.record_receipt(payment_id, by), words)


@post(f"{ONE}/looked-into", guards=[staff("payments.capture")], include_in_schema=False)
async def look_into_from_form(request: ShopRequest, payment_id: FromPath[UUID]) -> Redirect:
    details = await read(back_office.find_details, payment_id)
    return await _do(request, details, write(back_office.clear_note, payment_id), "Noted: somebody has looked into it")


async def _do(request: ShopRequest, details: PaymentDetails, deed: Awaitable[None], words: str) -> Redirect:
    try:
        await deed
    except (Conflict, PaymentNotFound) as refusal:
        return await _back(request, details, "warning", refusal.detail)
    return await _back(request, details, "success", words)


async def _back(request: ShopRequest, details: PaymentDetails, kind: str, words: str) -> Redirect:
    """To the order that it is for, where staff came from, or to the payment itself."""
    (await session_of(request)).flash(kind, words)
    payment = details.payment
    url = f"/admin/orders/{payment.order_id}" if payment.order_id else f"{PAGE}/{payment.id}"
    return Redirect(url, status_code=303)


ROUTES: Final = (
    payments_page,
    payment_page,
    capture_from_form,
    release_from_form,
    receive_from_form,
    look_into_from_form,
)
