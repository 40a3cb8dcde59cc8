"""Staff for tests of the back office, by what they may do, and what they send."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.factories.identity import bearer, make_account
from tests.factories.orders import cart_of, check_out, checkout_body

Send = Callable[..., Awaitable[httpx.Response]]
DESK = ("orders.view", "orders.refund", "payments.view", "payments.capture")


async def member(client: httpx.AsyncClient, name: str, *permissions: str) -> Send:
    """`await send("POST", "/api/v1/admin/...", {...})` as a member of staff with these permissions."""
    headers = await bearer(await make_account(f"{name}@example.com", permissions=permissions))

    async def send(method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        keyed = headers | ({"Idempotency-Key": str(uuid4()) if key is None else key} if method == "POST" else {})
        return await client.request(method, f"/api/v1/admin/{path}", json=body, headers=keyed)

    return send


async def place_by(client: httpx.AsyncClient, provider: str, **changes: Any) -> dict[str, Any]:
    """An order that is paid by a provider without tokens."""
    cart = await cart_of(client)
    body = checkout_body(cart, **changes) | {"payment": {"provider": provider}}
    answer = await check_out(client, cart, body)
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order
