"""The pages of an order: what was bought, how far it is, and another try to pay; and a customer's list of orders."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.identity import Account, AccountId
from shop.contracts.orders import Order, OrderId, OrderNotFound, OrderNotPayable
from shop.contracts.payments import Payment, PaymentInProgress, PaymentMethod, Payments
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
    BALANCE,
    ShopRequest,
    attempt_in,
    errors_by_field,
    known_orders,
    leave_for,
    own_url,
    payment_in,
    policy_for,
    remember_order,
    summary_of,
    way_on,
)
from shop.modules.orders.pages.order_money import held_by, money_of, promised_of, situation_of
from shop.modules.orders.pages.ways_to_pay import as_agreed, context_of, ways_to_pay
from shop.modules.orders.rules import (
    action_wanted,
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
        request_, use_wallet = await as_agreed(session, form, choice.request(), order.amount_due, held_by(order))
        order = await pay_again(
            order.id,
            attempt_in(form) or new_token(),
            request_,
            account_id=_account_id(session),
            token=order.access_token,
            use_wallet=use_wallet,
            replace=bool(form.get("replace")),
        )
    except Invalid as refusal:
        errors = [msgspec.structs.replace(each, field=_form_field(each.field)) for each in refusal.errors]
        order = await _own_order(session, order_id)
        return await _render(request, order, form, errors or [FieldError("", refusal.detail)], 422)
    except (OrderNotPayable, PaymentInProgress) as refusal:
        # The form was sent twice, or the payment was settled meanwhile: the order's page tells what is so.
        if order.amount_due.amount:
            session.flash("warning", refusal.detail)
        return Redirect(f"/orders/{order_id}", status_code=303)
    leave_for(session, order)
    return Redirect(way_on(order), status_code=303)


def _form_field(name: str) -> str:
    return name if not name or name == BALANCE or name.startswith("payment.") else f"payment.{name}"


def _account_id(session: Session) -> AccountId | None:
    return AccountId(session.principal.account_id) if session.principal else None


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
    if str(order.id) not in known_orders(session) and not may_see(order, _account_id(session), None):
        raise OrderNotFound
    return order


async def _render(
    request: ShopRequest,
    order: Order,
    form: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
    status: int = 200,
) -> Response[Any]:
    session = await session_of(request)
    leaving = session.pop("leaving")
    posted = form or {}
    situation = situation_of(order, clock.now())
    waiting = action_wanted(order.payments) if situation in {"confirm", "transfer"} else None
    may_pay = situation == "unpaid" or (waiting is not None and order.reserved_until > clock.now())
    methods = await port(Payments).offered()
    context = {
        "order": order,
        "situation": situation,
        "refreshes": situation == "checking" and order.status == "pending_payment",
        "progress": progress_of(order),
        "taxes": taxes_of(order),
        "fresh": clock.now() - order.created_at < FRESH,
        "shipping_address": named_country(order.addresses.shipping),
        "billing_address": named_country(order.addresses.billing),
        "same_address": order.addresses.shipping == order.addresses.billing,
        "waiting": waiting,
        "waiting_method": _method_of(waiting, methods),
        "confirm_url": (own_url(waiting) or waiting.redirect_url) if waiting else None,
        "promised": promised_of(order) if situation == "promised" else None,
        "may_pay": may_pay,
        "failure": newest_failure(order.payments) if order.status == "payment_failed" else None,
        "attempt": attempt_in(posted) or new_token(),
        "errors_by_field": errors_by_field(errors or []),
        **await money_of(order, methods),
    }
    suggested = None
    if may_pay:
        owner = _account_id(session) if _account_id(session) == order.account_id else None
        used = order.payments[-1].provider if order.payments and not waiting else None
        ways = await ways_to_pay(owner, posted, order.amount_due.currency, used, held_by(order) if waiting else 0)
        context |= context_of(ways, [order.amount_due])
        suggested = ways.chosen_provider
    context["errors"] = summary_of(errors or [], suggested)
    answer = await page(
        request, "orders/order.html", context, status=status, csp=policy_for(methods if may_pay or waiting else ())
    )
    if waiting is not None and leaving == str(waiting.id) and waiting.redirect_url:
        answer.headers["Refresh"] = f"0; url={waiting.redirect_url}"
    return answer


def _method_of(payment: Payment | None, methods: Sequence[PaymentMethod]) -> PaymentMethod | None:
    return next((method for method in methods if payment and method.provider == payment.provider), None)


ROUTES: Final = (order_page, pay_from_form, account_orders)
