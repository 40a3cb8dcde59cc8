"""Forms of the checkout: what a browser posts, as what the use cases take, and back onto the page."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar import Request

from shop.contracts.orders import Order, OrderId
from shop.contracts.payments import Payment, PaymentMethod
from shop.kernel.config import settings
from shop.kernel.errors import FieldError
from shop.kernel.http.sessions import Session
from shop.kernel.money import MAX_AMOUNT, Money
from shop.modules.orders.rules import action_wanted

ShopRequest = Request[Any, Any, Any]

ORDERS_KEPT: Final = 20
"""So many of a guest's latest orders stay open to the browser that placed them."""
ATTEMPT: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
NEVER_AGREED: Final = Money(-1, "")
"""What a form that names no total has agreed to: nothing that an order could cost."""
LABELS: Final = {
    "email": "E-mail",
    "name": "Full name",
    "company": "Company",
    "line1": "Street and number",
    "line2": "Flat, floor, building",
    "postal_code": "Postal code",
    "city": "City",
    "region": "State or region",
    "country": "Country",
    "phone": "Phone",
    "shipping_method": "Delivery",
    "provider": "Payment",
    "token": "Payment",
    "method_id": "Payment",
    "use_wallet": "Your balance",
}
"""As the form calls its fields."""
BALANCE: Final = "use_wallet"
WALLET: Final = "wallet"
"""The provider that pays from the buyer's balance; no choice among the others."""
TOTAL: Final = re.compile(r"([A-Z]{3}) ([0-9]{1,15})")


def nested(form: Mapping[str, str]) -> dict[str, Any]:
    """`shipping_address.city=Berlin` as `{"shipping_address": {"city": "Berlin"}}`. What was left empty is left out, so
    that it is told as missing where it is needed."""
    found: dict[str, Any] = {}
    for name, value in form.items():
        if not value:
            continue
        group, dot, field = name.partition(".")
        if not dot:
            found.setdefault(group, value)
        elif isinstance(found.setdefault(group, {}), dict):
            found[group][field] = value
    return found


def attempt_in(form: Mapping[str, str]) -> str | None:
    """The hidden key that makes a form work once; None when it is missing or not of our making."""
    attempt = form.get("attempt", "")
    return attempt if ATTEMPT.fullmatch(attempt) else None


def agreed_total(form: Mapping[str, str]) -> Money:
    """The total that the page showed for the way of delivery that was chosen on it."""
    return money_in(form.get(f"expected_total.{form.get('shipping_method', '')}", ""))


def money_in(text: str) -> Money:
    """A sum that the page showed, as a hidden field carries it; NEVER_AGREED for anything else."""
    match = TOTAL.fullmatch(text)
    if match is None or int(match[2]) > MAX_AMOUNT:
        return NEVER_AGREED
    return Money(int(match[2]), match[1])


def payment_in(form: Mapping[str, str]) -> dict[str, Any]:
    """The chosen provider with a stored method of its own (`stripe/<id>`), or with what its own part of the form says. Each
    provider's fields carry its name, as all of them stand on the page: `payment.sandbox.token`."""
    provider, _, method_id = form.get("payment.provider", "").partition("/")
    if method_id:
        return {"provider": provider, "method_id": method_id}
    if not provider and form.get(BALANCE):
        return {"provider": WALLET}
    named: dict[str, Any] = {}
    for field in ("token", "method_id"):
        if value := form.get(f"payment.{provider}.{field}") or form.get(f"payment.{field}"):
            named[field] = value
    if form.get(f"payment.{provider}.save"):
        named["save"] = True
    return {"provider": provider, **named} if provider else named


def policy_for(methods: Iterable[PaymentMethod]) -> dict[str, str]:
    """Sources that the providers' forms load from, by directive: their `public` facts named `csp.<directive>`."""
    sources: dict[str, str] = {}
    for method in methods:
        for name, value in method.public.items():
            if name.startswith("csp."):
                directive = name.removeprefix("csp.")
                sources[directive] = f"{sources[directive]} {value}" if directive in sources else value
    return sources


def errors_by_field(errors: Iterable[FieldError]) -> dict[str, str]:
    """The first message of each field."""
    found: dict[str, str] = {}
    for error in errors:
        found.setdefault(error.field, error.message)
    return found


def summary_of(
    errors: Iterable[FieldError], provider: str | None, labels: Mapping[str, str] | None = None
) -> list[FieldError]:
    """The messages above a form: each names its field, to which it leads; a provider's fields carry its name. `labels`
    are those that differ on this form."""
    known = {**LABELS, **(labels or {})}
    found = []
    for error in errors:
        group, _, part = error.field.rpartition(".")
        label = known.get(part)
        if label and group == "billing_address":
            label = f"{label} of the invoice"
        text = f"{label}: {error.message[:1].lower()}{error.message[1:]}" if label else error.message
        name = f"payment.{provider}.{part}" if group == "payment" and part == "token" and provider else error.field
        found.append(FieldError("payment.provider" if name == "payment.method_id" else name, text))
    return found


def remember_order(session: Session, order_id: OrderId) -> None:
    """This browser may see the order from now on."""
    known = [each for each in known_orders(session) if each != str(order_id)]
    session["orders"] = [*known, str(order_id)][-ORDERS_KEPT:]


def known_orders(session: Session) -> list[str]:
    known = session.data.get("orders")
    return known if isinstance(known, list) else []


def way_on(order: Order) -> str:
    """Where a buyer goes after paying: to the provider when that is on our own site, else to the order, whose page has
    the link (a form of ours may lead nowhere else, as our Content-Security-Policy says)."""
    waiting = action_wanted(order.payments)
    if waiting is not None and (url := own_url(waiting)):
        return url
    return f"/orders/{order.id}"


def leave_for(session: Session, order: Order) -> None:
    """The order's page leads on to the provider's by itself, once: a form's own answer may not lead away from our site, and
    whoever comes back from there shall find the page."""
    waiting = action_wanted(order.payments)
    if waiting is not None and waiting.redirect_url and own_url(waiting) is None:
        session["leaving"] = str(waiting.id)


def own_url(payment: Payment) -> str | None:
    """Where on our own site the buyer confirms: a path, as a shop is reached under more names than its public one, and
    the session is kept by the name that it began under."""
    url = (payment.redirect_url or "").removeprefix(settings().public_url)
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else None
