"""The checkout: one page, one form. Another country is asked about by htmx, or by a button without it; prices that the
form carries are never used, only compared with today's."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from shop.contracts.cart import CartClosed, CartEmpty, CartNotFound, CartToken
from shop.contracts.identity import AccountId
from shop.contracts.inventory import OutOfStock
from shop.contracts.orders import Order, TotalChanged
from shop.contracts.pricing import Destination, NotPriced
from shop.contracts.shipping import Shipping, ShippingUnavailable
from shop.kernel import postal
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import FieldError, Invalid, ShopError
from shop.kernel.http import fields
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import CHECKOUT
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Session, session_cookie, session_of
from shop.kernel.http.templating import page
from shop.kernel.ids import new_token
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.pages import address_choice
from shop.modules.orders.pages.address_choice import Book
from shop.modules.orders.pages.forms import (
    BALANCE,
    NEVER_AGREED,
    ShopRequest,
    agreed_total,
    attempt_in,
    errors_by_field,
    leave_for,
    nested,
    payment_in,
    policy_for,
    remember_order,
    summary_of,
    way_on,
)
from shop.modules.orders.pages.ways_to_pay import as_agreed, context_of, ways_to_pay
from shop.modules.orders.rules import address_problems, checked_contact, checked_email
from shop.modules.orders.schemas import CheckoutInput
from shop.modules.orders.service import show_orders
from shop.modules.orders.service.check_out import check_out
from shop.modules.orders.service.place_order import Checkout
from shop.modules.orders.service.quote_checkout import Draft, draft_order

Form = dict[str, str]

MOST_OFFERS: Final = 12
"""More ways of delivery than anybody compares; checkout.css shows the total of each."""


@get("/checkout", guards=[public], include_in_schema=False)
async def checkout_page(request: ShopRequest) -> Response[Any]:
    if session_cookie(request) is None:
        return to_cart()
    return await _render(request, await session_of(request), {})


@post("/checkout", guards=[public], opt=CHECKOUT, include_in_schema=False, status_code=200)
async def checkout_from_form(request: ShopRequest) -> Response[Any]:
    form = await form_fields(request)
    session = await session_of(request)
    if form.get("action") == "update":
        return await _render(request, session, form)
    if form.get("billing_differs") and not any(name.startswith("billing_address.") for name in form):
        return await _render(request, session, form, [FieldError("", "Fill in where the invoice goes, below")], 422)
    cart = _cart_in(session)
    if cart is None:
        return _sent_twice(session, form)
    book = await address_choice.book_of(session)
    try:
        order = await check_out(await _with_balance(session, form, _read_form(form, session, cart, book)))
    except (Invalid, TotalChanged, ShippingUnavailable) as refusal:
        status, errors = _to_mend(refusal, form)
        return await _render(request, session, form, errors, status)
    except (CartClosed, CartNotFound, CartEmpty, NotPriced, OutOfStock) as refusal:
        return _back_to_cart(session, refusal)
    _keep(session, order, form)
    leave_for(session, order)
    await address_choice.keep(session, form, order.addresses.shipping)
    return Redirect(way_on(order), status_code=303)


async def _with_balance(session: Session, form: Form, checkout: Checkout) -> Checkout:
    """Raises Invalid."""
    request, use_wallet = await as_agreed(session, form, checkout.payment, checkout.expected_total)
    return msgspec.structs.replace(checkout, payment=request, use_wallet=use_wallet)


def to_cart() -> Redirect:
    return Redirect("/cart", status_code=303)


def _to_mend(refusal: ShopError, form: Form) -> tuple[int, Sequence[FieldError]]:
    """What the form says above its fields; nothing was ordered."""
    if isinstance(refusal, Invalid):
        return 422, refusal.errors or [FieldError("", refusal.detail)]
    if isinstance(refusal, ShippingUnavailable):
        return 409, [FieldError("shipping_method", "Choose one of the ways that we deliver to this address")]
    if isinstance(refusal, TotalChanged):
        return 409, [FieldError("", _changed_total(agreed_total(form), refusal.extra["totals"].total))]
    return 409, [FieldError("", refusal.detail)]


def _changed_total(before: Money, now: Money) -> str:
    told = f" from {format_money(before)}" if before != NEVER_AGREED and before.currency == now.currency else ""
    return f"The total has changed{told} to {format_money(now)}. Please look at it again before you order"


def _back_to_cart(session: Session, refusal: ShopError) -> Redirect:
    """The cart's own page shows what can't be bought, and how many there are."""
    if isinstance(refusal, (CartClosed, CartNotFound)):
        session.pop("cart")
    elif not isinstance(refusal, CartEmpty):
        session.flash("error", refusal.detail)
    return to_cart()


def _keep(session: Session, order: Order, form: Form) -> None:
    session.pop("cart")
    session["last_checkout"] = [attempt_in(form), str(order.id)]
    remember_order(session, order.id)


def _sent_twice(session: Session, form: Form) -> Redirect:
    """The cart is an order already: a form sent again leads to the order that it made."""
    match session.data.get("last_checkout"):
        case [str(attempt), str(order_id)] if attempt == attempt_in(form):
            return Redirect(f"/orders/{order_id}", status_code=303)
    return to_cart()


def _cart_in(session: Session) -> CartToken | None:
    token = session.data.get("cart")
    return CartToken(token) if isinstance(token, str) else None


def _read_form(form: Form, session: Session, cart: CartToken, book: Book) -> Checkout:
    """Raises Invalid that names every field to mend."""
    address_choice.check_choice(form, book)
    posted = nested(form)
    saved = address_choice.chosen_in(form, book)
    if saved is not None:
        posted["shipping_address"] = address_choice.parts_of(saved)
    for name in ("payment", BALANCE):
        posted.pop(name, None)
    wanted = {
        **posted,
        "payment": payment_in(form),
        "expected_total": msgspec.to_builtins(agreed_total(form)),
    }
    if not isinstance(wanted.get("shipping_address"), dict):
        wanted["shipping_address"] = {}
    if not form.get("billing_differs"):
        wanted.pop("billing_address", None)
    elif not isinstance(wanted.get("billing_address"), dict):
        wanted["billing_address"] = {}
    groups = [group for group in ("shipping_address", "billing_address") if group in wanted]
    misfits = [each for group in groups for each in address_problems(group, wanted[group])]
    try:
        data = fields.check(CheckoutInput, wanted)
    except Invalid as refusal:
        _, wrong = checked_email(form["email"]) if form.get("email") else ("", [])
        told = {each.field for each in refusal.errors}
        raise Invalid([*wrong, *refusal.errors, *(each for each in misfits if each.field not in told)]) from refusal
    if misfits:
        raise Invalid(misfits)
    email, addresses = checked_contact(data)
    return Checkout(
        cart=cart,
        idempotency_key=attempt_in(form) or new_token(),
        account_id=AccountId(session.principal.account_id) if session.principal else None,
        email=email,
        addresses=addresses,
        shipping_method=data.shipping_method,
        payment=data.payment.request(),
        expected_total=data.expected_total,
    )


async def _render(
    request: ShopRequest, session: Session, form: Form, errors: Sequence[FieldError] = (), status: int = 200
) -> Response[Any]:
    cart = _cart_in(session)
    if cart is None:
        return to_cart()
    book = await address_choice.book_of(session)
    values = await _values(form, session, book)
    address, billing = values["shipping_address"], values["billing_address"]
    try:
        countries, draft = await read(_draft, cart, address)
        if values["deliver_to"] != address_choice.NEW and not _is_reached(values["deliver_to"], book, countries):
            values["deliver_to"] = address_choice.NEW
            values["shipping_address"] = address = {"name": address.get("name"), "country": address["country"]}
        billing.setdefault("country", address["country"])
    except (CartClosed, CartNotFound, CartEmpty, NotPriced) as refusal:
        return _back_to_cart(session, refusal)
    delivery = _delivery(draft, form.get("shipping_method"))
    ways = await ways_to_pay(
        session.principal.account_id if session.principal else None, form, draft.quote.totals.total.currency
    )
    context = {
        "attempt": attempt_in(form) or new_token(),
        "values": values,
        "errors": summary_of(errors, ways.chosen_provider, postal.labels_in(address["country"])),
        "errors_by_field": errors_by_field(errors),
        "lines": _lines(draft),
        "countries": countries,
        "address_choices": address_choice.choices(book, [each["value"] for each in countries]) if book else [],
        "may_save": session.principal is not None,
        "shipping_parts": postal.parts_after_street(address["country"]),
        "billing_parts": postal.parts_after_street(str(billing["country"])),
        "all_countries": _options(postal.country_names()),
        "country_name": postal.country_names().get(address["country"], address["country"]),
        **delivery,
        **context_of(ways, [offer.quote.totals.total for offer in delivery["offers"]]),
    }
    csp = policy_for(ways.methods)
    return await page(request, "orders/checkout.html", context, status=status, csp=csp)


async def _draft(uow: UnitOfWork, cart: CartToken, address: dict[str, Any]) -> tuple[list[dict[str, str]], Draft]:
    """Puts the country that is to be shown into `address` when the visitor has named none that we deliver to."""
    names = postal.country_names()
    delivered = {code: names.get(code, code) for code in await port(Shipping).countries(uow)}
    if address.get("country") not in delivered:
        home = settings().country
        address["country"] = home if home in delivered else next(iter(delivered), home)
    region, postal_code = address.get("region"), address.get("postal_code")
    draft = await draft_order(uow, cart, Destination(address["country"], region, postal_code))
    return _options(delivered), draft


async def _values(form: Form, session: Session, book: Book) -> dict[str, Any]:
    """What the fields show: what was typed, else what is known of who is signed in: the address book, or where the last
    order went."""
    posted = nested(form)
    person = session.principal
    values: dict[str, Any] = {
        "email": form.get("email", person.email if person else ""),
        "billing_differs": bool(form.get("billing_differs")),
    }
    for group in ("shipping_address", "billing_address"):
        values[group] = posted[group] if isinstance(posted.get(group), dict) else {}
    saved = address_choice.chosen_in(form, book)
    values["deliver_to"] = str(saved.id) if saved else address_choice.NEW
    values["save_address"] = bool(form.get(address_choice.SAVE))
    if saved is not None:
        values["shipping_address"] = address_choice.parts_of(saved)
    elif book and person and "shipping_address.name" not in form:
        values["shipping_address"] = {"name": person.name, **values["shipping_address"]}
    if not form and book:
        billing = next((each for each in book if each.default_billing), saved)
        if billing is not saved and billing is not None:
            values["billing_differs"] = True
            values["billing_address"] = address_choice.parts_of(billing)
    elif not form and person:
        latest = await read(show_orders.list_orders_of, AccountId(person.account_id), None, 1)
        known = msgspec.structs.asdict(latest[0].addresses.shipping) if latest else {"name": person.name}
        values["shipping_address"] = {name: value for name, value in known.items() if value}
    return values


def _is_reached(chosen: str, book: Book, countries: list[dict[str, str]]) -> bool:
    delivered = {each["value"] for each in countries}
    return any(str(saved.id) == chosen and saved.country in delivered for saved in book)


def _options(names: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": code, "label": name} for code, name in sorted(names.items(), key=lambda each: each[1])]


def _lines(draft: Draft) -> list[dict[str, Any]]:
    variants = draft.basket.variants
    return [
        {
            "title": variants[line.variant_id].title,
            "url": variants[line.variant_id].url,
            "image": variants[line.variant_id].image,
            "options": variants[line.variant_id].options,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "total": line.total,
        }
        for line in draft.quote.lines
    ]


def _delivery(draft: Draft, wanted: str | None) -> dict[str, Any]:
    """The choices of delivery, and the chosen one; each with its totals, so that choosing another needs no round trip."""
    offers = draft.offers[:MOST_OFFERS]
    chosen = draft.find_offer(wanted)
    if chosen not in offers:
        chosen = next(iter(offers), None)
    return {
        "offers": offers,
        "chosen_method": chosen.method.code if chosen else None,
        "totals": chosen.quote.totals if chosen else draft.quote.totals,
    }


ROUTES: Final = (checkout_page, checkout_from_form)
