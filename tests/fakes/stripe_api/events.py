"""Events, and the endpoints of the shop that are told of them."""

from typing import Any

import stripe.params as known

from tests.fakes.stripe_api.books import Books, new_id
from tests.fakes.stripe_api.errors import StripeRefusal, missing
from tests.fakes.stripe_api.listing import listed
from tests.fakes.stripe_api.routes import Call, Route


def retrieve(call: Call) -> dict[str, Any]:
    return call.of("event")


def list_all(call: Call) -> dict[str, Any]:
    types = call.params.texts("types") or call.params.text("type")
    return listed(call.books, "event", call.params, call.path, type=types)


def new_endpoint(books: Books, url: str, secret: str | None, enabled_events: list[str]) -> dict[str, Any]:
    return books.save(
        {
            "id": new_id("we"),
            "object": "webhook_endpoint",
            "api_version": None,
            "application": None,
            "created": books.now,
            "description": None,
            "enabled_events": enabled_events,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
            "_secret": secret or new_id("whsec", 32),
        }
    )


def create_endpoint(call: Call) -> dict[str, Any]:
    """The secret is told this once."""
    events = call.params.texts("enabled_events")
    if not events:
        raise missing("enabled_events")
    endpoint = new_endpoint(call.books, call.params.need("url"), None, events)
    endpoint |= {"metadata": call.params.metadata({}), "description": call.params.text("description")}
    call.books.save(endpoint)
    return endpoint | {"secret": endpoint["_secret"]}


def update_endpoint(call: Call) -> dict[str, Any]:
    endpoint, params = call.of("webhook_endpoint"), call.params
    endpoint["url"] = params.text("url") or endpoint["url"]
    endpoint["enabled_events"] = params.texts("enabled_events") or endpoint["enabled_events"]
    if "disabled" in params:
        endpoint["status"] = "disabled" if params.boolean("disabled") else "enabled"
    endpoint["metadata"] = params.metadata(endpoint["metadata"])
    return call.books.save(endpoint)


def delete_endpoint(call: Call) -> dict[str, Any]:
    endpoint = call.of("webhook_endpoint")
    call.books.store.remove(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def retrieve_endpoint(call: Call) -> dict[str, Any]:
    return call.of("webhook_endpoint")


def list_endpoints(call: Call) -> dict[str, Any]:
    return listed(call.books, "webhook_endpoint", call.params, call.path)


def resend(books: Books, id_: str) -> None:
    """As the dashboard's button does: once more to every endpoint."""
    event, endpoints = books.get("event", id_), books.store.having("webhook_endpoint")
    if not endpoints:
        raise StripeRefusal("There is no endpoint to send it to.")
    for endpoint in endpoints:
        books.store.run(
            "insert into delivery (event, endpoint, due, early, forged, dropped) values (?, ?, 0, 0, 0, 0)",
            event["id"],
            endpoint["id"],
        )


ROUTES = [
    Route("GET", "/v1/events", list_all, known.EventListParams),
    Route("GET", "/v1/events/{id}", retrieve),
    Route("POST", "/v1/webhook_endpoints", create_endpoint, known.WebhookEndpointCreateParams),
    Route("GET", "/v1/webhook_endpoints", list_endpoints),
    Route("GET", "/v1/webhook_endpoints/{id}", retrieve_endpoint),
    Route("POST", "/v1/webhook_endpoints/{id}", update_endpoint, known.WebhookEndpointUpdateParams),
    Route("DELETE", "/v1/webhook_endpoints/{id}", delete_endpoint),
]
