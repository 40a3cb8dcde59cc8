"""A call of an endpoint as somebody who may, with all that it needs, but for the one thing that is bad."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from tests.bad_input.endpoints import Endpoint
from tests.bad_input.people import Shop


def caller(shop: Shop, endpoint: Endpoint) -> dict[str, str]:
    return shop.headers["guest" if endpoint.access in {"public", "signature"} else endpoint.access]


def address(shop: Shop, endpoint: Endpoint, **instead: str) -> str:
    """The endpoint's address with things that exist, or else with what is at least well-formed."""
    path = endpoint.path
    for each in endpoint.parameters:
        if each.place == "path":
            unknown = "00000000-0000-7000-8000-000000000000" if each.schema.get("format") == "uuid" else "unknown"
            value = instead.get(each.name) or shop.value_of(endpoint.path, each.name) or unknown
            path = path.replace(f"{{{each.name}}}", quote(value, safe=""))
    return path


async def call(
    shop: Shop,
    endpoint: Endpoint,
    *,
    body: Any = None,
    content: bytes | None = None,
    headers: dict[str, str | bytes] | None = None,
    query: dict[str, str] | None = None,
    **instead: str,
) -> httpx.Response:
    """As somebody who may, with what it needs."""
    needed = {
        each.name: shop.known.get(each.name, "x")
        for each in endpoint.parameters
        if each.place == "header" and (each.required or each.name in shop.known)
    }
    wanted = {
        each.name: {"country": "DE"}.get(each.name, "x")
        for each in endpoint.parameters
        if each.place == "query" and each.required
    }
    sent: dict[str, Any] = {"Idempotency-Key": str(uuid4()), **needed}
    if content is not None:
        carried: dict[str, Any] = {"content": content}
        sent["Content-Type"] = "application/json"
    else:
        carried = {} if body is None else {"json": body}
    return await shop.api.request(
        endpoint.method,
        address(shop, endpoint, **instead),
        params={**wanted, **(query or {})},
        headers={**sent, **caller(shop, endpoint), **(headers or {})},  # type: ignore[arg-type]
        **carried,
    )


async def renewed_when_taken(shop: Shop, endpoint: Endpoint, answer: httpx.Response) -> None:
    if answer.status_code < 400 and endpoint.changes:
        await (shop.renew() if endpoint.path.endswith("signout") else shop.renew_things())
