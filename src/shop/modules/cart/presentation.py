"""A cart as its page and its drawer show it, whole or as the part that htmx asked for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from babel import Locale
from litestar import Request

from shop.contracts.cart import CartClosed, CartNotFound, CartToken
from shop.contracts.inventory import OutOfStock
from shop.kernel.db import read
from shop.kernel.errors import FieldError, ShopError
from shop.kernel.http.csrf import HEADER as CSRF_HEADER
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.sessions import Connection, keep_session, session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.modules.cart.rules import MAX_QUANTITY
from shop.modules.cart.schemas import CartView
from shop.modules.cart.service.delivery_hint import DeliveryHint, show_cart_with_hint
from shop.modules.cart.service.merge_carts import cart_in

ShopRequest = Request[Any, Any, Any]
DRAWER = "cart-drawer-content"
"""The id of the drawer's part, which htmx names when its answer is to go there."""
SHORT = "short"
"""The field of a message that tells of a line's shortage; it leads to the line's quantity."""


class Told(msgspec.Struct, frozen=True):
    """What became of the visitor's wish. `line_id` is the line it was about; `removed` is what may be put back."""

    done: str | None = None
    added: bool = False
    problem: str | None = None
    errors: Sequence[FieldError] = ()
    line_id: UUID | None = None
    removed: dict[str, Any] | None = None


def wants_part(request: Connection) -> bool:
    return request.headers.get("hx-request") == "true"


async def render(request: ShopRequest, told: Told, status: int = 200, *, refused_addition: bool = False) -> HTMLPage:
    """The cart's page; for htmx its contents, the drawer's, or why something could not be added to it."""
    session = await session_of(request)
    if not wants_part(request):
        context = await _context(cart_in(session.data), told)
        return await page(request, "cart/cart.html", context, status=status)
    await keep_session(request.scope)  # a session that begins with this answer has a token only once it is kept
    template = "cart/_contents.html"
    if request.headers.get("hx-target") == DRAWER:
        template = "cart/_drawer_content.html"
    if refused_addition and request.headers.get("hx-target") != "cart":
        template = "cart/_refusal.html"
    context = {**await _context(cart_in(session.data), told), "part": True}
    answer = await page(request, template, context, status=status)
    if token := csrf_token(session):
        answer.headers[CSRF_HEADER] = token
    return answer


async def _context(token: CartToken | None, told: Told) -> dict[str, Any]:
    cart, hint = await _find_view(token)
    errors = [_about_line(error, told.line_id) for error in told.errors]
    return {
        "part": False,
        "cart": cart,
        "cart_count": count_of(cart),
        "hint": hint,
        "home": Locale("en").territories.get(hint.country, hint.country) if hint else None,
        "told": told,
        "errors": errors,
        "line_error": errors[0].message if errors and told.line_id else None,
        "short": cart is not None and any(line.available < line.quantity for line in cart.lines),
        "most": MAX_QUANTITY,
    }


def count_of(cart: CartView | None) -> int:
    """Pieces, as the header tells them."""
    return sum(line.quantity for line in cart.lines) if cart else 0


def words_for(refusal: ShopError) -> str:
    if not isinstance(refusal, OutOfStock):
        return refusal.detail
    available = min((shortage.available for shortage in refusal.shortages), default=0)
    if available == 0:
        return "This article has just sold out"
    return f"There {'is' if available == 1 else 'are'} only {available} of this article left"


async def _find_view(token: CartToken | None) -> tuple[CartView | None, DeliveryHint | None]:
    if token is None:
        return None, None
    try:
        return await read(show_cart_with_hint, token)
    except (CartNotFound, CartClosed):
        return None, None


def _about_line(error: FieldError, line_id: UUID | None) -> FieldError:
    """The quantity field of a line has an id of its own on the page, to which its message leads."""
    if error.field == "quantity":
        sentence = f"Quantity: {error.message[:1].lower()}{error.message[1:]}"
        return FieldError(f"quantity-{line_id}" if line_id else "", sentence)
    if error.field == SHORT:
        return FieldError(f"quantity-{line_id}", error.message)
    if error.field == "variant_id":
        return FieldError("", "Choose an article first")
    return msgspec.structs.replace(error, field="")
