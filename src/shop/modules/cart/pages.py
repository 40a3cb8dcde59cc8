"""The cart's page, its drawer, and the forms that change it. All of it works without JavaScript: a form answers with a
redirect, and only to htmx with the part of the page that changed."""

from typing import Any, Final
from uuid import UUID

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
from shop.kernel.http.templating import HTMLPage
from shop.kernel.uow import UnitOfWork
from shop.modules.cart import repository
from shop.modules.cart.errors import CartFull, LineNotFound
from shop.modules.cart.presentation import SHORT, Told, render, wants_part, words_for
from shop.modules.cart.schemas import CartView, LineChange, LineView, NewLine
from shop.modules.cart.service.change_cart import add_line, change_line, create_cart, remove_line
from shop.modules.cart.service.merge_carts import SESSION_KEY, cart_in
from shop.modules.cart.service.show_cart import show_cart

ShopRequest = Request[Any, Any, Any]
REMOVED_KEY: Final = "removed_line"


@get("/cart", guards=[public], include_in_schema=False)
async def cart_page(request: ShopRequest) -> HTMLPage:
    session = await session_of(request)
    return await render(request, Told(removed=session.pop(REMOVED_KEY)))


@get("/cart/drawer", guards=[public], include_in_schema=False)
async def cart_drawer(request: ShopRequest) -> HTMLPage | Redirect:
    """What the drawer of any page shows, and with it the visitor's count and token for a page that was kept."""
    return await render(request, Told()) if wants_part(request) else _to_cart()


@post("/cart/lines", guards=[public], include_in_schema=False)
async def add_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    session = await session_of(request)
    try:
        wanted = fields.check(NewLine, {"quantity": "1", **await form_fields(request)})
        view, token = await _add(session, wanted)
    except Invalid as refusal:
        return await render(request, Told(errors=refusal.errors), status=422, refused_addition=True)
    except (OutOfStock, NotPriced, CartFull) as refusal:
        told = Told(errors=[FieldError("", words_for(refusal))])
        return await render(request, told, status=409, refused_addition=True)
    session[SESSION_KEY] = token
    line = next(line for line in view.lines if line.variant_id == wanted.variant_id)
    words = f"{line.title} is in your cart"
    if wants_part(request):
        return await render(request, Told(done=words, added=True, line_id=line.id))
    session.flash("success", words)
    return _to_cart()


@post("/cart/lines/{line_id:uuid}", guards=[public], include_in_schema=False)
async def change_from_form(request: ShopRequest, line_id: FromPath[UUID]) -> HTMLPage | Redirect:
    session = await session_of(request)
    form = await form_fields(request)
    try:
        told = await _change(cart_in(session.data), line_id, form)
    except Invalid as refusal:
        return await render(request, Told(errors=refusal.errors, line_id=line_id), status=422)
    except OutOfStock as refusal:
        told = Told(errors=[FieldError(SHORT, words_for(refusal))], line_id=line_id)
        return await render(request, told, status=409)
    except (LineNotFound, CartNotFound, CartClosed):
        told = Told(problem="This article is no longer in your cart")
    if wants_part(request):
        return await render(request, told)
    _tell_on_next_page(session, told)
    return _to_cart()


async def count_in_header(request: Connection) -> dict[str, Any]:
    """Nothing for a visitor without a session, whose pages stay cacheable."""
    if session_cookie(request) is None:
        return {}
    token = cart_in((await session_of(request)).data)
    return {"cart_count": await read(repository.count_pieces, token)} if token else {}


def _tell_on_next_page(session: Session, told: Told) -> None:
    if told.removed:
        session[REMOVED_KEY] = told.removed
    elif told.problem:
        session.flash("warning", told.problem)
    elif told.done:
        session.flash("success", told.done)


def _to_cart() -> Redirect:
    return Redirect("/cart", status_code=303)


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


async def _change(token: CartToken | None, line_id: UUID, form: dict[str, str]) -> Told:
    """Raises Invalid, OutOfStock, LineNotFound, CartNotFound, CartClosed."""
    if token is None:
        raise CartNotFound
    if "remove" in form:
        return Told(done="Removed from your cart", removed=await _remove(token, line_id))
    await write(change_line, token, line_id, fields.check(LineChange, form).quantity)
    return Told(done="Your cart is up to date", line_id=line_id)


async def _remove(token: CartToken, line_id: UUID) -> dict[str, Any] | None:
    """What was taken out, so that it can be put back; None for what is no longer sold. Raises as remove_line does."""

    async def remove(uow: UnitOfWork) -> LineView | None:
        before = await show_cart(uow, token)
        await remove_line(uow, token, line_id)
        return next((line for line in before.lines if line.id == line_id), None)

    line = await write(remove)
    if line is None or line.unit_price is None:
        return None
    return {"variant_id": str(line.variant_id), "quantity": line.quantity, "title": line.title}


ROUTES: Final = (cart_page, cart_drawer, add_from_form, change_from_form)
