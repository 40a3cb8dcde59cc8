"""Checkout and orders as JSON. A guest shows the order's token in the header `Order-Token`, a customer a bearer token."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from shop.contracts.cart import CartNotFound, CartToken
from shop.contracts.identity import AccountId
from shop.contracts.orders import OrderId, OrderStatus
from shop.kernel.db import read
from shop.kernel.errors import FieldError, Invalid, NotSignedIn
from shop.kernel.http.access import customer_or_program, public, staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.idempotency import NEEDS_A_KEY, idempotently
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.kernel.http.ratelimit import CHECKOUT
from shop.kernel.http.sessions import caller_or_guest
from shop.modules.orders.rules import checked_contact
from shop.modules.orders.schemas import CheckoutInput, FurtherPayment, OrderView, order_view
from shop.modules.orders.service import show_orders
from shop.modules.orders.service.check_out import check_out, pay_again
from shop.modules.orders.service.place_order import Checkout

ShopRequest = Request[Any, Any, Any]
OrderToken = Annotated[str | None, HeaderParameter(name="Order-Token", max_length=200)]
Status = Annotated[OrderStatus | None, QueryParameter(description="Only orders in this state")]
Wanted = Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)]
CART_TOKEN_LENGTH: Final = 100
"""Longer than any cart's token: what else a stranger sends never reaches the database."""


@post(
    "/api/v1/carts/{token:str}/checkout",
    guards=[public],
    tags=["orders"],
    operation_id="checkout",
    opt=NEEDS_A_KEY | CHECKOUT,
    status_code=201,
    responses={
        201: ResponseSpec(OrderView, generate_examples=False, description="The order, whatever its payment says")
    },
)
async def checkout(request: ShopRequest, token: FromPath[str], data: JSONBody[CheckoutInput]) -> Response[bytes]:
    """Turn the cart into an order and pay it; needs an `Idempotency-Key`. 201 also when the payment was declined or waits
    for the buyer: see `status` and `payments`. 409 `total_changed` brings today's `totals`, 409 `out_of_stock` the
    `lines` that are short, 409 `cart_closed` says that another attempt made the order."""
    if not token.isascii() or not token.isprintable() or len(token) > CART_TOKEN_LENGTH:
        raise CartNotFound
    account_id = await _account_id(request, "orders.write")
    email, addresses = checked_contact(data)

    async def work() -> tuple[int, OrderView]:
        order = await check_out(
            Checkout(
                cart=CartToken(token),
                idempotency_key=request.headers["idempotency-key"],
                account_id=account_id,
                email=email,
                addresses=addresses,
                shipping_method=data.shipping_method,
                payment=data.payment.request(),
                expected_total=data.expected_total,
                use_wallet=data.use_wallet,
            )
        )
        return 201, order_view(order, with_token=True)

    return await idempotently(request, f"checkout:{token}", work, required=True)


@post(
    "/api/v1/orders/{order_id:uuid}/payments",
    guards=[public],
    tags=["orders"],
    operation_id="payOrder",
    opt=NEEDS_A_KEY | CHECKOUT,
    status_code=201,
    responses={201: ResponseSpec(OrderView, generate_examples=False, description="The order as it stands now")},
)
async def pay(
    request: ShopRequest, order_id: FromPath[UUID], data: JSONBody[FurtherPayment], order_token: OrderToken = None
) -> Response[bytes]:
    """Try again to pay, or in another way (`replace`), while the goods are held; needs an `Idempotency-Key`. 409
    `order_not_payable` afterwards, and when what was to be replaced has been paid meanwhile; 409 `payment_in_progress` while a
    payment is under way."""
    account_id = await _account_id(request, "orders.write")

    async def work() -> tuple[int, OrderView]:
        try:
            order = await pay_again(
                OrderId(order_id),
                request.headers["idempotency-key"],
                data.request(),
                account_id=account_id,
                token=order_token,
                use_wallet=data.use_wallet,
                replace=data.replace,
            )
        except Invalid as refusal:
            raise _told_of_this_body(refusal) from None
        return 201, order_view(order)

    # The asker is part of the scope: a stranger with the same key must not be shown the buyer's stored answer.
    return await idempotently(request, f"pay:{order_id}:{account_id}:{order_token}", work, required=True)


@get("/api/v1/orders/{order_id:uuid}", guards=[public], tags=["orders"], operation_id="getOrder")
async def show(request: ShopRequest, order_id: FromPath[UUID], order_token: OrderToken = None) -> OrderView:
    """An order of one's own: by bearer token, or by the header `Order-Token`. Another's is not found."""
    account_id = await _account_id(request, "orders.read")
    return order_view(await read(show_orders.get_visible_order, OrderId(order_id), account_id, order_token))


@get("/api/v1/orders", guards=[customer_or_program("orders.read")], tags=["orders"], operation_id="listOrders")
async def mine(request: ShopRequest, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[OrderView]:
    """The customer's orders, newest first."""
    account_id = await _account_id(request, "orders.read")
    if account_id is None:
        raise NotSignedIn
    before = decode_cursor(cursor, UUID)
    orders = await read(show_orders.list_orders_of, account_id, before[0] if before else None, limit + 1)
    return _page([order_view(order) for order in orders], limit)


@get("/api/v1/admin/orders", guards=[staff("orders.view")], tags=["orders"], operation_id="searchOrders")
async def search(
    status: Status = None, q: Wanted = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[OrderView]:
    """All orders, newest first; `q` is a number or how an e-mail address begins."""
    before = decode_cursor(cursor, UUID)
    wanted = (q or "").strip() or None
    orders = await read(show_orders.search_orders, status, wanted, before[0] if before else None, limit + 1)
    return _page([order_view(order) for order in orders], limit)


def _told_of_this_body(refusal: Invalid) -> Invalid:
    """Providers name fields as checkout has them, within `payment`; here the payment is the whole body."""
    refusal.errors = tuple(FieldError(each.field.removeprefix("payment."), each.message) for each in refusal.errors)
    refusal.extra["errors"] = refusal.errors
    refusal.detail = refusal.detail.removeprefix("payment.")
    return refusal


def _page(views: list[OrderView], limit: int) -> Page[OrderView]:
    return Page(views[:limit], encode_cursor(views[limit - 1].id) if len(views) > limit else None)


async def _account_id(request: ShopRequest, scope: str) -> AccountId | None:
    """None for a guest. Raises NotSignedIn, OutOfScope."""
    caller = await caller_or_guest(request, scope)
    return AccountId(caller.account_id) if caller else None


ROUTES: Final = (checkout, pay, show, mine, search)
