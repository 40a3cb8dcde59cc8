"""Carts as JSON. The cart's id is its secret, so that every route is public and an unknown id is simply not found."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from shop.contracts.identity import AccountId
from shop.contracts.pricing import Destination
from shop.kernel.db import read, write
from shop.kernel.http.access import public
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.idempotency import TAKES_A_KEY, idempotently, keep_answer
from shop.kernel.http.paging import Page
from shop.kernel.http.sessions import caller_or_guest
from shop.kernel.uow import UnitOfWork
from shop.modules.cart.rules import checked_token
from shop.modules.cart.schemas import CartView, LineChange, NewCart, NewLine, ShippingOption
from shop.modules.cart.service.change_cart import add_line, change_line, create_cart, remove_line
from shop.modules.cart.service.shipping_options import list_shipping_options
from shop.modules.cart.service.show_cart import show_cart

ShopRequest = Request[Any, Any, Any]
Country = Annotated[str, QueryParameter(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2")]
PostalCode = Annotated[str | None, QueryParameter(min_length=1, max_length=20, pattern=PRINTABLE)]
Region = Annotated[str | None, QueryParameter(min_length=1, max_length=80, pattern=PRINTABLE)]

GUEST_KEY_LENGTH: Final = 16
"""A guest without a cart has nothing but the Idempotency-Key to be told from other guests by. A shorter one might be
somebody else's too, and would hand out their cart; so it is not remembered."""
THE_CART: Final = {201: ResponseSpec(CartView, generate_examples=False, description="The cart as it is now")}


@post(
    "/api/v1/carts",
    guards=[public],
    tags=["cart"],
    operation_id="createCart",
    opt=TAKES_A_KEY,
    status_code=201,
    responses={201: ResponseSpec(CartView, generate_examples=False, description="The new, empty cart")},
)
async def create(request: ShopRequest, data: JSONBody[NewCart | None] = None) -> Response[bytes]:
    """Open a cart. With a bearer token it belongs to that account, else to whoever holds its id."""
    account_id = await _account_id(request)
    currency = data.currency if data else None

    async def work() -> tuple[int, CartView]:
        return 201, await write(create_cart, account_id, currency)

    if account_id is None:
        if len(request.headers.get("idempotency-key", "")) < GUEST_KEY_LENGTH:
            return Response((await work())[1], status_code=201)  # type: ignore[arg-type]  # encoded alike
        client = request.client.host if request.client else ""
        return await idempotently(request, f"POST /carts guest {client}", work)
    return await idempotently(request, f"POST /carts {account_id}", work)


@get("/api/v1/carts/{token:str}", guards=[public], tags=["cart"], operation_id="getCart")
async def show(token: FromPath[str]) -> CartView:
    """The cart at today's prices and availability."""
    return await read(show_cart, checked_token(token))


@post(
    "/api/v1/carts/{token:str}/lines",
    guards=[public],
    tags=["cart"],
    operation_id="addCartLine",
    opt=TAKES_A_KEY,
    status_code=201,
    responses=THE_CART,
)
async def add(request: ShopRequest, token: FromPath[str], data: JSONBody[NewLine]) -> Response[bytes]:
    """Put an article in; more of one that is in adds up. 409 `out_of_stock` tells how many there are."""
    cart = checked_token(token)
    scope = f"POST /carts/lines {cart}"

    async def add_and_keep(uow: UnitOfWork) -> CartView:
        view = await add_line(uow, cart, data.variant_id, data.quantity)
        await keep_answer(uow, request, scope, 201, view)
        return view

    async def work() -> tuple[int, CartView]:
        return 201, await write(add_and_keep)

    return await idempotently(request, scope, work)


@patch("/api/v1/carts/{token:str}/lines/{line_id:uuid}", guards=[public], tags=["cart"], operation_id="changeCartLine")
async def change(token: FromPath[str], line_id: FromPath[UUID], data: JSONBody[LineChange]) -> CartView:
    """Set how many. 409 `out_of_stock` when there are fewer."""
    return await write(change_line, checked_token(token), line_id, data.quantity)


@delete(
    "/api/v1/carts/{token:str}/lines/{line_id:uuid}",
    guards=[public],
    tags=["cart"],
    operation_id="removeCartLine",
    status_code=200,
)
async def remove(token: FromPath[str], line_id: FromPath[UUID]) -> CartView:
    """Take an article out."""
    return await write(remove_line, checked_token(token), line_id)


@get(
    "/api/v1/carts/{token:str}/shipping-methods",
    guards=[public],
    tags=["cart"],
    operation_id="listCartShippingMethods",
)
async def shipping_methods(
    token: FromPath[str], country: Country, postal_code: PostalCode = None, region: Region = None
) -> Page[ShippingOption]:
    """Ways to send this cart there, cheapest first, each with the totals that checkout will ask; none where the shop
    doesn't deliver."""
    destination = Destination(country, region, postal_code)
    return Page(await read(list_shipping_options, checked_token(token), destination))


async def _account_id(request: ShopRequest) -> AccountId | None:
    """None for a guest. Raises NotSignedIn."""
    caller = await caller_or_guest(request, "cart.use")
    return AccountId(caller.account_id) if caller else None


ROUTES: Final = (create, show, add, change, remove, shipping_methods)
