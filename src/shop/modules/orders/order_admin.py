"""One order in the back office, with all that is known of it, and the form that gives its money back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.orders import LineNotRefundable, Order, OrderId
from shop.contracts.payments import Refund, RefundTooLarge
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http.access import staff
from shop.kernel.http.csrf import csrf_field
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.money import Money, format_money
from shop.modules.orders.refund_form import refund_wish
from shop.modules.orders.rules import named_country, refundable, refundable_lines
from shop.modules.orders.service import show_orders
from shop.modules.orders.service.refund_order import refund_order

ShopRequest = Request[Any, Any, Any]
ONE: Final = "/admin/orders/{order_id:uuid}"


@get(ONE, guards=[staff("orders.view")], include_in_schema=False)
async def order_page(request: ShopRequest, order_id: FromPath[UUID]) -> HTMLPage:
    return await _show(request, order_id)


@post(f"{ONE}/refunds", guards=[staff("orders.refund")], include_in_schema=False)
async def refund_from_form(request: ShopRequest, order_id: FromPath[UUID]) -> HTMLPage | Redirect:
    """The form's own key makes a second click the same wish."""
    form = await form_fields(request)
    by = (await signed_in(request)).account_id
    order = await read(show_orders.get_order, OrderId(order_id))
    try:
        _, refunds = await refund_order(refund_wish(order, form, by))
    except Invalid as refusal:
        return await _show(request, order_id, form, refusal.errors, 422)
    except RefundTooLarge as refusal:
        words = f"That is more than is left of what was paid: {format_money(refusal.extra['refundable'])}"
        return await _show(request, order_id, form, [FieldError("amount", words)], 409)
    except LineNotRefundable as refusal:
        return await _show(request, order_id, form, [FieldError("what", refusal.detail)], 409)
    (await session_of(request)).flash(*_told(refunds))
    return Redirect(f"/admin/orders/{order_id}", status_code=303)


def _told(refunds: Sequence[Refund]) -> tuple[str, str]:
    """What came of a wish, as a message."""
    states = {refund.status for refund in refunds}
    total = Money(sum(refund.amount.amount for refund in refunds), refunds[0].amount.currency)
    if "failed" in states:
        return "danger", "The provider did not give all of it back: see the refunds below"
    if "awaiting_approval" in states:
        return "info", f"{format_money(total)} wait for a second person to approve them"
    if "pending" in states:
        return "info", f"{format_money(total)} are on their way back"
    return "success", f"{format_money(total)} given back"


async def _show(
    request: ShopRequest,
    order_id: UUID,
    form: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> HTMLPage:
    session = await session_of(request)
    principal = session.principal
    order = await read(show_orders.get_order, OrderId(order_id))
    context = {
        "order": order,
        "addresses": {
            "shipping": named_country(order.addresses.shipping),
            "billing": named_country(order.addresses.billing),
        },
        "refundable": refundable(order, "original"),
        "refund": _form_context(order, form, errors)
        if principal is not None and principal.may("orders.refund")
        else None,
        "errors": errors,
        "principal": principal,
        "csrf_field": lambda: csrf_field(session),
    }
    return await admin_page(
        request, "orders/admin_order.html", context, status=status, slots=("admin.order", "admin.order.money")
    )


def _form_context(order: Order, form: Mapping[str, str] | None, errors: Sequence[FieldError]) -> dict[str, Any]:
    lines = refundable_lines(order)
    given = dict(form or {})
    return {
        "lines": lines,
        "form": {"what": "lines" if lines else "amount", "to": "original", "amount": "", "reason": ""} | given,
        "attempt": given.get("attempt") or str(uuid4()),
        "error_of": {error.field: error.message for error in errors},
        "limit": settings().refund_approval_above,
        "open": bool(errors),
    }


ROUTES: Final = (order_page, refund_from_form)
