"""Customers: whom kept cards belong to."""

import string
from secrets import choice
from typing import Any

import stripe.params as known

from tests.fakes.stripe_api import cards, payment_methods
from tests.fakes.stripe_api.books import new_id
from tests.fakes.stripe_api.errors import no_such
from tests.fakes.stripe_api.listing import listed, searched
from tests.fakes.stripe_api.payment_methods import NOWHERE
from tests.fakes.stripe_api.routes import Call, Route

TEXTS = ("email", "name", "phone", "description")


def create(call: Call) -> dict[str, Any]:
    customer: dict[str, Any] = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.books.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": "".join(choice(string.ascii_uppercase + string.digits) for _ in range(8)),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **dict.fromkeys(TEXTS),
    }
    _fill(call, customer)
    call.books.save(customer)
    method = call.params.text("payment_method")
    if method is not None:
        card = cards.named(method)
        found = (
            payment_methods.build(call.books, card)
            if card
            else call.books.get("payment_method", method, "payment_method")
        )
        payment_methods.attach_to(call.books, found, customer["id"])
    call.books.tell("customer.created", customer)
    return customer


def _fill(call: Call, customer: dict[str, Any]) -> None:
    params = call.params
    customer |= {name: params.text(name) for name in TEXTS if name in params}
    customer["metadata"] = params.metadata(customer["metadata"])
    if "address" in params:
        customer["address"] = NOWHERE | params.part("address") if params["address"] else None
    if "shipping" in params:
        customer["shipping"] = dict(params.part("shipping")) or None
    default = params.part("invoice_settings").text("default_payment_method")
    if default is not None:
        method = call.books.get("payment_method", default, "invoice_settings[default_payment_method]")
        if method["customer"] != customer["id"]:
            raise no_such("payment_method", default, "invoice_settings[default_payment_method]")
        customer["invoice_settings"]["default_payment_method"] = default


def retrieve(call: Call) -> dict[str, Any]:
    """A deleted one is still there, and says so."""
    found = call.books.store.find(call.id)
    if found is not None and found.get("_gone"):
        return {"id": found["id"], "object": "customer", "deleted": True}
    return call.of("customer")


def update(call: Call) -> dict[str, Any]:
    customer = call.of("customer")
    before = dict(customer)
    _fill(call, customer)
    call.books.save(customer)
    changed = {name: before[name] for name in before if before[name] != customer[name]}
    call.books.tell("customer.updated", customer, changed)
    return customer


def delete(call: Call) -> dict[str, Any]:
    """Its cards go with it and can't be charged again."""
    customer = call.of("customer")
    customer["_gone"] = True
    call.books.save(customer)
    for method in call.books.store.having("payment_method", customer=customer["id"]):
        call.books.save(method | {"customer": None, "_used": True})
    call.books.tell("customer.deleted", customer)
    return {"id": customer["id"], "object": "customer", "deleted": True}


def list_all(call: Call) -> dict[str, Any]:
    return listed(call.books, "customer", call.params, call.path, email=call.params.text("email"))


def search(call: Call) -> dict[str, Any]:
    return searched(call.books, "customer", call.params, call.path)


ROUTES = [
    Route("POST", "/v1/customers", create, known.CustomerCreateParams),
    Route("GET", "/v1/customers", list_all, known.CustomerListParams),
    Route("GET", "/v1/customers/search", search, known.CustomerSearchParams),
    Route("GET", "/v1/customers/{id}", retrieve),
    Route("POST", "/v1/customers/{id}", update, known.CustomerUpdateParams),
    Route("DELETE", "/v1/customers/{id}", delete),
]
