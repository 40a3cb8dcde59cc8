"""Payments, refunds and disputes as JSON for staff, and for programs in their place."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from shop.contracts.payments import PaymentStatus
from shop.kernel.db import read, write
from shop.kernel.errors import Forbidden
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.idempotency import NEEDS_A_KEY, idempotently
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.kernel.http.sessions import signed_in
from shop.modules.payments.back_office_schemas import (
    AdminPaymentView,
    AdminRefundView,
    CaptureInput,
    DisputeView,
    PaymentDetails,
    Queue,
    RefundDecision,
)
from shop.modules.payments.repository.back_office import Wanted
from shop.modules.payments.service import back_office, staff_deeds

ShopRequest = Request[Any, Any, Any]
PAYMENT: Final = "/api/v1/admin/payments/{payment_id:uuid}"
REFUND: Final = "/api/v1/admin/refunds/{refund_id:uuid}"
TAGS: Final = ["payments"]
REFUND_TAGS: Final = ["refunds"]
MOST_DISPUTES: Final = 100
DONE: Final = {200: ResponseSpec(PaymentDetails, generate_examples=False, description="The payment as it is now")}
DECIDED: Final = {200: ResponseSpec(AdminRefundView, generate_examples=False, description="The refund as it is now")}
Named = Annotated[str | None, QueryParameter(max_length=80, pattern=PRINTABLE)]
Sought = Annotated[
    str | None,
    QueryParameter(
        max_length=200,
        pattern=PRINTABLE,
        description="A payment's or order's id, what the provider calls it, or the reference of a transfer",
    ),
]


@get("/api/v1/admin/payments", guards=[staff("payments.view")], tags=TAGS, operation_id="listPayments")
async def list_payments(
    *,
    status: FromQuery[PaymentStatus | None] = None,
    provider: Named = None,
    q: Sought = None,
    attention: FromQuery[bool] = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[AdminPaymentView]:
    """Newest first; with `attention=true` those that a person has to look at."""
    before = decode_cursor(cursor, UUID)
    wanted = Wanted(status, provider, q or "", attention=attention)
    found = await read(back_office.list_payments, wanted, before[0] if before else None, limit + 1)
    return Page(found[:limit], encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@get(PAYMENT, guards=[staff("payments.view")], tags=TAGS, operation_id="getPayment")
async def show_payment(payment_id: FromPath[UUID]) -> PaymentDetails:
    """With its refunds and disputes."""
    return await read(back_office.find_details, payment_id)


@post(
    f"{PAYMENT}/capture",
    guards=[staff("payments.capture")],
    tags=TAGS,
    operation_id="capturePayment",
    opt=NEEDS_A_KEY,
    status_code=200,
    responses=DONE,
)
async def capture(request: ShopRequest, payment_id: FromPath[UUID], data: JSONBody[CaptureInput]) -> Response[bytes]:
    """Take what is held, all or an `amount` of it; the rest is released, and the order no longer asks for it. Needs an
    `Idempotency-Key`. 409 `not_capturable`."""

    async def work() -> tuple[int, PaymentDetails]:
        await staff_deeds.capture(payment_id, data.amount.money() if data.amount else None)
        return 200, await read(back_office.find_details, payment_id)

    return await _once(request, f"capture:{payment_id}", work)


@post(
    f"{PAYMENT}/release",
    guards=[staff("payments.capture")],
    tags=TAGS,
    operation_id="releasePayment",
    opt=NEEDS_A_KEY,
    status_code=200,
    responses=DONE,
)
async def release(request: ShopRequest, payment_id: FromPath[UUID]) -> Response[bytes]:
    """Don't take what is held: the buyer may pay in another way while the goods are held. Needs an `Idempotency-Key`.
    409 `not_releasable`."""

    async def work() -> tuple[int, PaymentDetails]:
        await staff_deeds.release(payment_id)
        return 200, await read(back_office.find_details, payment_id)

    return await _once(request, f"release:{payment_id}", work)


@post(
    f"{PAYMENT}/receipt",
    guards=[staff("payments.capture")],
    tags=TAGS,
    operation_id="recordReceipt",
    opt=NEEDS_A_KEY,
    status_code=200,
    responses=DONE,
)
async def record_receipt(request: ShopRequest, payment_id: FromPath[UUID]) -> Response[bytes]:
    """A transfer has arrived, or the money was handed over at the door. Needs an `Idempotency-Key`. 409 `not_capturable`."""
    by = (await signed_in(request)).account_id

    async def work() -> tuple[int, PaymentDetails]:
        await staff_deeds.record_receipt(payment_id, by)
        return 200, await read(back_office.find_details, payment_id)

    return await _once(request, f"receipt:{payment_id}", work)


@post(
    f"{PAYMENT}/looked-into",
    guards=[staff("payments.capture")],
    tags=TAGS,
    operation_id="clearPaymentNote",
    status_code=200,
)
async def looked_into(payment_id: FromPath[UUID]) -> PaymentDetails:
    """Somebody has put right what `staff_note` told of. 409 `nothing_noted`."""
    await write(back_office.clear_note, payment_id)
    return await read(back_office.find_details, payment_id)


@get("/api/v1/admin/refunds", guards=[staff("payments.view")], tags=REFUND_TAGS, operation_id="listRefunds")
async def list_refunds(
    queue: FromQuery[Queue] = "awaiting_approval", limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[AdminRefundView]:
    """By what they wait for, newest first: `to_pay_out` are those that staff transfer themselves."""
    found = await read(back_office.list_queue, queue, decode_cursor(cursor, datetime, UUID), limit + 1)
    return Page(
        found[:limit], encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    )


@post(
    f"{REFUND}/decision",
    guards=[staff("refunds.approve")],
    tags=REFUND_TAGS,
    operation_id="decideRefund",
    opt=NEEDS_A_KEY,
    status_code=200,
    responses=DECIDED,
)
async def decide(request: ShopRequest, refund_id: FromPath[UUID], data: JSONBody[RefundDecision]) -> Response[bytes]:
    """Approve or reject what another person asked for, with all parts of the same wish; needs an `Idempotency-Key`.
    409 `same_person`, `refund_decided`; `refund_too_large` when the buyer's bank took the money meanwhile. A program can't
    do it for itself."""
    who = await signed_in(request)
    if who.program:
        raise Forbidden("A person has to approve refunds")

    async def work() -> tuple[int, AdminRefundView]:
        await staff_deeds.decide(refund_id, approve=data.approve, by=who.account_id)
        return 200, await read(back_office.find_refund, refund_id)

    return await _once(request, f"decide-refund:{refund_id}", work)


@post(
    f"{REFUND}/paid-out",
    guards=[staff("payments.capture")],
    tags=REFUND_TAGS,
    operation_id="recordPayout",
    opt=NEEDS_A_KEY,
    status_code=200,
    responses=DECIDED,
)
async def paid_out(request: ShopRequest, refund_id: FromPath[UUID]) -> Response[bytes]:
    """Staff have transferred the money of a refund by hand. Needs an `Idempotency-Key`. 409 `not_payable`."""
    by = (await signed_in(request)).account_id

    async def work() -> tuple[int, AdminRefundView]:
        await staff_deeds.pay_out(refund_id, by)
        return 200, await read(back_office.find_refund, refund_id)

    return await _once(request, f"pay-out:{refund_id}", work)


@get("/api/v1/admin/disputes", guards=[staff("payments.view")], tags=TAGS, operation_id="listDisputes")
async def list_disputes() -> list[DisputeView]:
    """The newest hundred, as their providers tell them."""
    return await read(back_office.list_disputes, MOST_DISPUTES)


async def _once(request: ShopRequest, scope: str, work: Any) -> Response[bytes]:
    by = (await signed_in(request)).account_id
    return await idempotently(request, f"{scope}:{by}", work, required=True)


ROUTES: Final = (
    list_payments,
    show_payment,
    capture,
    release,
    record_receipt,
    looked_into,
    list_refunds,
    decide,
    paid_out,
    list_disputes,
)
