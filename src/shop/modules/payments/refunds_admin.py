"""Refunds and disputes in the back office: what waits for a second person, for staff's own transfer, or for evidence."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import Conflict, Forbidden
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.kernel.money import format_money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.back_office_schemas import Queue
from shop.modules.payments.service import back_office, staff_deeds

ShopRequest = Request[Any, Any, Any]
PAGE: Final = "/admin/refunds"
ONE: Final = f"{PAGE}/{{refund_id:uuid}}"
PAGE_SIZE: Final = 50
MOST_DISPUTES: Final = 200
QUEUES: Final[tuple[Queue, ...]] = get_args(Queue)
LINKS: Final = (
    AdminLink("Refunds", PAGE, "return", "payments.view", order=12),
    AdminLink("Disputes", "/admin/disputes", "shield", "payments.view", order=13),
)


@get(PAGE, guards=[staff("payments.view")], include_in_schema=False)
async def refunds_page(
    request: ShopRequest,
    queue: Annotated[str | None, QueryParameter(max_length=40, pattern=PRINTABLE)] = None,
    cursor: Cursor = None,
) -> HTMLPage:
    wanted = next((each for each in QUEUES if each == queue), QUEUES[0])
    context = await read(_queue, wanted, decode_cursor(cursor, datetime, UUID))
    return await admin_page(request, "payments/admin_refunds.html", {**context, "cursor": cursor})


async def _queue(uow: UnitOfWork, queue: Queue, before: tuple[Any, ...] | None) -> dict[str, Any]:
    found = await back_office.list_queue(uow, queue, (before[0], before[1]) if before else None, PAGE_SIZE + 1)
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return {
        "refunds": found[:PAGE_SIZE],
        "queue": queue,
        "limit": settings().refund_approval_above,
        "people": await back_office.name_staff(uow, found),
        "attention": await back_office.count_attention(uow),
        "next_cursor": encode_cursor(last.created_at, last.id) if last else None,
    }


@post(f"{ONE}/approve", guards=[staff("refunds.approve")], include_in_schema=False)
async def approve_from_form(request: ShopRequest, refund_id: FromPath[UUID]) -> Redirect:
    return await _decide(request, refund_id, approve=True)


@post(f"{ONE}/reject", guards=[staff("refunds.approve")], include_in_schema=False)
async def reject_from_form(request: ShopRequest, refund_id: FromPath[UUID]) -> Redirect:
    return await _decide(request, refund_id, approve=False)


async def _decide(request: ShopRequest, refund_id: UUID, *, approve: bool) -> Redirect:
    who = await signed_in(request)
    if who.program:
        raise Forbidden("A person has to approve refunds")
    words = "The refund is approved" if approve else "The refund is rejected: nothing is given back"
    return await _do(request, staff_deeds.decide(refund_id, approve=approve, by=who.account_id), words)


@post(f"{ONE}/paid-out", guards=[staff("payments.capture")], include_in_schema=False)
async def pay_out_from_form(request: ShopRequest, refund_id: FromPath[UUID]) -> Redirect:
    by = (await signed_in(request)).account_id
    refund = await read(back_office.find_refund, refund_id)
    words = f"{format_money(refund.amount)} paid out"
    return await _do(request, staff_deeds.pay_out(refund_id, by), words, "to_pay_out")


async def _do(request: ShopRequest, deed: Awaitable[None], words: str, queue: Queue = "awaiting_approval") -> Redirect:
    """A refusal is told on the page that they come back to. Raises RefundNotFound."""
    session = await session_of(request)
    try:
        await deed
    except Conflict as refusal:
        session.flash("warning", refusal.detail)
    else:
        session.flash("success", words)
    return Redirect(f"{PAGE}?queue={queue}", status_code=303)


@get("/admin/disputes", guards=[staff("payments.view")], include_in_schema=False)
async def disputes_page(request: ShopRequest) -> HTMLPage:
    context = {"disputes": await read(back_office.list_disputes, MOST_DISPUTES), "now": clock.now()}
    return await admin_page(request, "payments/admin_disputes.html", context)


ROUTES: Final = (
    refunds_page,
    approve_from_form,
    reject_from_form,
    pay_out_from_form,
    disputes_page,
)
