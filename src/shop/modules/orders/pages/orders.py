"""The pages of an order: what was bought, how far it is, and another try to pay; and a customer's list of orders."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.identity import Account, AccountId
from shop.contracts.orders import Order, OrderId, OrderNotFound, OrderNotPayable
from shop.contracts.payments import PaymentInProgress, Payments
from shop.kernel import clock
from shop.kernel.db import read
from shop.kernel.errors import FieldError, Invalid, NotSignedIn
from shop.kernel.http import fields
from shop.kernel.http.access import customer, public
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.ratelimit import CHECKOUT
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Session, session_of
from shop.kernel.http.templating import account_page, page, render_text
from shop.kernel.ids import new_token
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.pages.forms import (
    ShopRequest,
    attempt_in,
    errors_by_field,
    known_orders,
    own_url,
    payment_in,
    payment_parts,
    policy_for,
    remember_order,
    summary_of,
    way_on,
)
from shop.modules.orders.rules import (
    action_wanted,
    may_be_paid,
    may_see,
    named_country,
    newest_failure,
    progress_of,
    taxes_of,
)
from shop.modules.orders.schemas import PaymentInput
from shop.modules.orders.service import show_orders
from shop.modules.orders.service.check_out import pay_again

FRESH: Final = timedelta(minutes=30)
"""So long after an order was placed its page still says thank you."""
PAGE_SIZE: Final = 20
LATEST: Final = 3


@get("/orders/{order_id:uuid}", guards=[public], include_in_schema=False)
async def order_page(
    request: ShopRequest,
    order_id: FromPath[UUID],
    token: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> Response[Any]:
    """For its owner, the browser that placed it, and whoever follows the link in the mail."""
    session = await session_of(request)
    if token is not None:
        await read(show_orders.get_visible_order, OrderId(order_id), None, token)
        remember_order(session, OrderId(order_id))
        return Redirect(f"/orders/{order_id}", status_code=303)
    return await _render(request, await _own_order(session, order_id))


@post("/orders/{order_id:uuid}/pay", guards=[public], opt=CHECKOUT, include_in_schema=False, status_code=200)
async def pay_from_form(request: ShopRequest, order_id: FromPath[UUID]) -> Response[Any]:
    form = await form_fields(request)
    session = await session_of(request)
    order = await _own_order(session, order_id)
    try:
        choice = fields.check(PaymentInput, payment_in(form))
        order = await pay_again(order.id, attempt_in(form) or new_token(), choice.request(), token=order.access_token)
    except Invalid as refusal:
        errors = [msgspec.structs.replace(each, field=_form_field(each.field)) for each in refusal.errors]
        return await _render(request, order, form, errors or [FieldError("", refusal.detail)], 422)
    except (OrderNotPayable, PaymentInProgress) as refusal:
        # The form was sent twice, or the payment was settled meanwhile: the order's page tells what is so.
        if order.amount_due.amount:
            session.flash("warning", refusal.detail)
        return Redirect(f"/orders/{order_id}", status_code=303)
    return Redirect(way_on(order), status_code=303)


def _form_field(name: str) -> str:
    return name if not name or name.startswith("payment.") else f"payment.{name}"


@get("/account/orders", guards=[customer], include_in_schema=False)
async def account_orders(request: ShopRequest, cursor: Cursor = None) -> Response[Any]:
    principal = (await session_of(request)).principal
    if principal is None:
        raise NotSignedIn
    before = decode_cursor(cursor, UUID)
    orders = await read(
        show_orders.list_orders_of, AccountId(principal.account_id), before[0] if before else None, PAGE_SIZE + 1
    )
    next_cursor = encode_cursor(orders[PAGE_SIZE - 1].id) if len(orders) > PAGE_SIZE else None
    context = {"orders": orders[:PAGE_SIZE], "cursor": cursor, "next_cursor": next_cursor}
    return await account_page(request, "orders/account_orders.html", context)


async def render_latest_orders(uow: UnitOfWork, context: dict[str, Any]) -> str:
    """Fills `account.main`: the latest orders of the account shown."""
    account: Account = context["account"]
    orders = await show_orders.list_orders_of(uow, account.id, None, LATEST + 1)
    return render_text("orders/_latest_orders.html", {"orders": orders[:LATEST], "more": len(orders) > LATEST})


async def _own_order(session: Session, order_id: UUID) -> Order:
    """Raises OrderNotFound for an order that is not this visitor's."""
    order = await read(show_orders.get_order, OrderId(order_id))
    account_id = AccountId(session.principal.account_id) if session.principal else None
    if str(order.id) not in known_orders(session) and not may_see(order, account_id, None):
        raise OrderNotFound
    return order


async def _render(
    request: ShopRequest,
    order: Order,
    form: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
    status: int = 200,
) -> Response[Any]:
    waiting = action_wanted(order.payments)
    in_progress = waiting is not None or any(payment.status in {"pending", "authorized"} for payment in order.payments)
    can_pay = not in_progress and may_be_paid(order.status, order.reserved_until, clock.now())
    used = order.payments[-1].provider if order.payments else None
    payment = await payment_parts((form or {}).get("payment.provider") or used) if can_pay or waiting else {}
    context = {
        "order": order,
        "refreshes": in_progress and waiting is None and order.status == "pending_payment",
        "progress": progress_of(order),
        "taxes": taxes_of(order),
        "provider_labels": {method.provider: method.label for method in await port(Payments).offered()},
        "fresh": clock.now() - order.created_at < FRESH,
        "shipping_address": named_country(order.addresses.shipping),
        "billing_address": named_country(order.addresses.billing),
        "same_address": order.addresses.shipping == order.addresses.billing,
        "waiting": waiting,
        "confirm_url": (own_url(waiting) or waiting.redirect_url) if waiting else None,
        "in_progress": in_progress,
        "can_pay": can_pay,
        "failure": newest_failure(order.payments) if order.status == "payment_failed" else None,
        "attempt": attempt_in(form or {}) or new_token(),
        "errors": summary_of(errors or [], payment.get("chosen_provider")),
        "errors_by_field": errors_by_field(errors or []),
        **payment,
    }
    csp = policy_for(payment.get("payment_methods", ()))
    return await page(request, "orders/order.html", context, status=status, csp=csp)


ROUTES: Final = (order_page, pay_from_form, account_orders)
