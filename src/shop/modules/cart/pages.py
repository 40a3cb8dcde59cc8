"""The cart page, and the forms that change it; all of it works without JavaScript."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.cart import CartClosed, CartNotFound, CartToken
from shop.contracts.identity import AccountId
from shop.contracts.inventory import OutOfStock
from shop.contracts.pricing import NotPriced
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import public
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Connection, Session, session_cookie, session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.uow import UnitOfWork
from shop.modules.cart import repository
from shop.modules.cart.errors import CartFull, LineNotFound
from shop.modules.cart.schemas import CartView, LineChange, NewLine
from shop.modules.cart.service.change_cart import add_line, change_line, create_cart, remove_line
from shop.modules.cart.service.merge_carts import SESSION_KEY, cart_in
from shop.modules.cart.service.show_cart import show_cart

ShopRequest = Request[Any, Any, Any]


@get("/cart", guards=[public], include_in_schema=False)
async def cart_page(request: ShopRequest) -> HTMLPage:
    return await _render(request)


@post("/cart/lines", guards=[public], include_in_schema=False)
async def add_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    session = await session_of(request)
    try:
        wanted = fields.check(NewLine, {"quantity": "1", **await form_fields(request)})
        view, token = await _add(session, wanted)
    except Invalid as refusal:
        return await _render(request, errors=refusal.errors, status=422)
    except OutOfStock as refusal:
        return await _render(request, errors=[FieldError("", _words_for(refusal))], status=409)
    except (NotPriced, CartFull) as refusal:
        return await _render(request, errors=[FieldError("", refusal.detail)], status=409)
    session[SESSION_KEY] = token
    line = next(line for line in view.lines if line.variant_id == wanted.variant_id)
    session.flash("success", f"{line.title} is in your cart")
    return Redirect("/cart", status_code=303)


@post("/cart/lines/{line_id:uuid}", guards=[public], include_in_schema=False)
async def change_from_form(request: ShopRequest, line_id: FromPath[UUID]) -> HTMLPage | Redirect:
    session = await session_of(request)
    token = cart_in(session.data)
    form = await form_fields(request)
    if token is None:
        return _no_longer_in_cart(session)
    try:
        if "remove" in form:
            await write(remove_line, token, line_id)
        else:
            await write(change_line, token, line_id, fields.check(LineChange, form).quantity)
    except Invalid as refusal:
        return await _render(request, errors=refusal.errors, status=422, line_id=line_id)
    except OutOfStock as refusal:
        return await _render(request, errors=[FieldError("", _words_for(refusal))], status=409, line_id=line_id)
    except (LineNotFound, CartNotFound, CartClosed):
        return _no_longer_in_cart(session)
    session.flash("success", "Removed from your cart" if "remove" in form else "Your cart is up to date")
    return Redirect("/cart", status_code=303)


def _no_longer_in_cart(session: Session) -> Redirect:
    session.flash("warning", "This article is no longer in your cart")
    return Redirect("/cart", status_code=303)


async def count_in_header(request: Connection) -> dict[str, Any]:
    """Nothing for a visitor without a session, whose pages stay cacheable."""
    if session_cookie(request) is None:
        return {}
    token = cart_in((await session_of(request)).data)
    return {"cart_count": await read(repository.count_pieces, token)} if token else {}


async def _add(session: Session, wanted: NewLine) -> tuple[CartView, CartToken]:
    """Into the visitor's cart; into a new one when there is none, or the old one has become an order."""
    token = cart_in(session.data)
    if token is not None:
        try:
            return await write(add_line, token, wanted.variant_id, wanted.quantity), token
        except (CartClosed, CartNotFound):
            pass
    account_id = AccountId(session.principal.account_id) if session.principal else None
    view = await write(_create_with_line, account_id, wanted)
    return view, CartToken(view.id)


async def _create_with_line(uow: UnitOfWork, account_id: AccountId | None, wanted: NewLine) -> CartView:
    """One transaction: an article that can't be had leaves no empty cart behind."""
    empty = await create_cart(uow, account_id)
    return await add_line(uow, CartToken(empty.id), wanted.variant_id, wanted.quantity)


async def _render(request: ShopRequest, errors: Any = (), status: int = 200, line_id: UUID | None = None) -> HTMLPage:
    session = await session_of(request)
    cart = await _find_view(cart_in(session.data))
    return await page(
        request,
        "cart/cart.html",
        {
            "cart": cart,
            "errors": [_about_line(error, line_id) for error in errors],
            "short": cart is not None and any(line.available < line.quantity for line in cart.lines),
        },
        status=status,
    )


async def _find_view(token: CartToken | None) -> CartView | None:
    if token is None:
        return None
    try:
        return await read(show_cart, token)
    except (CartNotFound, CartClosed):
        return None


def _about_line(error: FieldError, line_id: UUID | None) -> FieldError:
    """The quantity field of a line has an id of its own on the page, to which its message leads."""
    if error.field == "quantity":
        sentence = f"Quantity: {error.message[:1].lower()}{error.message[1:]}"
        return FieldError(f"quantity-{line_id}" if line_id else "", sentence)
    if error.field == "variant_id":
        return FieldError("", "Choose an article first")
    return msgspec.structs.replace(error, field="")


def _words_for(refusal: OutOfStock) -> str:
    available = min((shortage.available for shortage in refusal.shortages), default=0)
    if available == 0:
        return "This article has just sold out"
    return f"There {'is' if available == 1 else 'are'} only {available} of this article left"


ROUTES: Final = (cart_page, add_from_form, change_from_form)
