"""Carts for tests, made through the API as any client would."""

from typing import Any

import httpx

CARTS = "/api/v1/carts"


async def make_cart(client: httpx.AsyncClient, *lines: tuple[Any, int], **body: Any) -> dict[str, Any]:
    """An open cart with `lines` of (variant id, quantity)."""
    answer = await client.post(CARTS, json=body)
    assert answer.status_code == 201, answer.text
    cart = answer.json()
    for variant_id, quantity in lines:
        answer = await add_line(client, cart["id"], variant_id, quantity)
        assert answer.status_code == 201, answer.text
        cart = answer.json()
    return cart


async def add_line(
    client: httpx.AsyncClient, cart_id: str, variant_id: Any, quantity: Any, **headers: str
) -> httpx.Response:
    return await client.post(
        f"{CARTS}/{cart_id}/lines", json={"variant_id": str(variant_id), "quantity": quantity}, headers=headers
    )


async def get_cart(client: httpx.AsyncClient, cart_id: str) -> dict[str, Any]:
    answer = await client.get(f"{CARTS}/{cart_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()
