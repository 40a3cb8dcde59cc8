"""What buyers and staff do over the JSON API: buyers in a hurry, patient ones who try again as told, and an auditor.

A patient buyer repeats a call that got no answer, 503 with Retry-After, or 409 `in_progress`, always with the key of the
first time. Anything else that isn't a success fails the test.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx
import msgspec

from tests.reliability.harness import ADMIN_EMAIL, ADMIN_PASSWORD, BACK_WITHIN, Shop, new_key

ADDRESS = {"name": "Ada Lovelace", "line1": "Seestraße 12", "city": "Berlin", "postal_code": "10115", "country": "DE"}
OUTBOX_EMPTY_WITHIN = 60.0  # seconds
SWEPT_WITHIN = 90.0  # seconds; who asks the provider holds a payment for 60, the sweep comes every 5
PATIENCE = 240.0  # seconds for one call; a key whose holder died is free again after 60, and may be hit once more
RETRY_AFTER = 0.25  # seconds

Json = dict[str, Any]


class Wanted(msgspec.Struct, frozen=True):
    """A filled cart and the checkout body that fits it. `email` is of this cart alone."""

    cart_id: str
    lines: Sequence[tuple[str, int]]
    email: str
    body: Json
    key: str


def new_client(shop: Shop, **options: Any) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    return httpx.AsyncClient(base_url=shop.url, timeout=60, limits=limits, **options)


class Buyer:
    """Makes the five calls. `slots`, if given, bounds how many buyers are at work; one who waits gives his away. `renew`, if
    given, signs him in again when his access token has run out."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        slots: asyncio.Semaphore | None = None,
        renew: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._client, self._slots, self._renew = client, slots, renew
        self.retries: Counter[str] = Counter()

    async def fill_cart(self, lines: Sequence[tuple[str, int]], token: str = "ok") -> Wanted:
        """The first four calls: the cart, its lines, the ways of delivery."""
        cart = await self.call("POST", "/api/v1/carts", key=new_key())
        for variant_id, quantity in lines:
            line = {"variant_id": variant_id, "quantity": quantity}
            await self.call("POST", f"/api/v1/carts/{cart['id']}/lines", line, key=new_key())
        there = f"country={ADDRESS['country']}&postal_code={ADDRESS['postal_code']}"
        methods = await self.call("GET", f"/api/v1/carts/{cart['id']}/shipping-methods?{there}")
        method = methods["items"][0]
        email = f"{new_key().lower()}@example.com"
        body = {
            "email": email,
            "shipping_address": ADDRESS,
            "shipping_method": method["code"],
            "payment": {"provider": "sandbox", "token": token},
            "expected_total": method["totals"]["total"],
        }
        return Wanted(cart["id"], lines, email, body, new_key())

    async def check_out_once(self, wanted: Wanted, **changes: Any) -> httpx.Response:
        """The fifth call, as it is answered the first time. Raises httpx.TransportError."""
        return await self._client.post(
            f"/api/v1/carts/{wanted.cart_id}/checkout",
            json=wanted.body | changes,
            headers={"Idempotency-Key": wanted.key},
        )

    async def check_out(self, wanted: Wanted) -> Json:
        """The order, whatever it takes."""
        return await self.call("POST", f"/api/v1/carts/{wanted.cart_id}/checkout", wanted.body, key=wanted.key)

    async def call(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Json:
        """Patiently, with one key for all attempts."""
        headers = {"Idempotency-Key": key} if key else {}
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self._client.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if answer.is_success:
                    return dict(answer.json())
                if answer.status_code == 401 and self._renew is not None:
                    await self._renew()
                    continue
                why = reason_to_wait(answer)
            self.retries[why] += 1
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {path}: still {why} after {PATIENCE:.0f} s")
            await self._wait()

    async def _wait(self) -> None:
        if self._slots is None:
            await asyncio.sleep(RETRY_AFTER)
            return
        self._slots.release()
        try:
            await asyncio.sleep(RETRY_AFTER)
        finally:
            await self._slots.acquire()


def code_of(answer: httpx.Response) -> str:
    """The problem's `code`; a refusal is a problem document, always."""
    assert answer.headers["content-type"].startswith("application/problem+json"), (answer.status_code, answer.text)
    return str(answer.json()["code"])


def reason_to_wait(answer: httpx.Response) -> str:
    """Why the same call may be made again later. Fails for an answer that doesn't say so."""
    code = code_of(answer)
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) >= 0
        return "503"
    assert (answer.status_code, code) == (409, "in_progress"), f"{answer.request.url}: {answer.text}"
    return code


class Staff:
    """Counts goods, and checks afterwards that the books add up."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def sign_in(self) -> None:
        answer = await self._client.post("/api/v1/auth/signin", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
        assert answer.status_code == 200, answer.text
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def variants(self) -> list[str]:
        """The ids of all variants on the first page of the catalogue, in no particular order; a shop that has just been
        opened lists its goods a moment later."""
        deadline = time.monotonic() + OUTBOX_EMPTY_WITHIN
        while not (products := (await self._get("/api/v1/products", limit=8))["items"]):
            assert time.monotonic() < deadline, "the shop lists nothing"
            await asyncio.sleep(0.2)
        found = [await self._get(f"/api/v1/products/{each['slug']}") for each in products]
        return [variant["id"] for product in found for variant in product["variants"]]

    async def count_stock(self, variant_id: str, on_hand: int) -> None:
        answer = await self._client.put(f"/api/v1/admin/stock/{variant_id}", json={"on_hand": on_hand})
        assert answer.status_code == 200, answer.text

    async def stock(self, variant_id: str) -> tuple[int, int]:
        """(on_hand, reserved)"""
        level = await self._get(f"/api/v1/admin/stock/{variant_id}")
        return level["on_hand"], level["reserved"]

    async def orders(self) -> list[Json]:
        return await self._all("/api/v1/admin/orders")

    async def orders_of(self, wanted: Wanted) -> list[Json]:
        return list((await self._get("/api/v1/admin/orders", q=wanted.email))["items"])

    async def messages(self) -> list[Json]:
        return await self._all("/api/v1/admin/messages")

    async def messages_to(self, wanted: Wanted) -> list[Json]:
        return list((await self._get("/api/v1/admin/messages", to=wanted.email))["items"])

    async def ledger(self) -> Json:
        return await self._get("/api/v1/admin/ledger/check")

    async def outbox(self) -> Json:
        return await self._get("/api/v1/admin/outbox", state="dead")

    async def wait_for_empty_outbox(self, within: float = OUTBOX_EMPTY_WITHIN) -> float:
        """How many seconds it took. Fails for events that are dead or still pending."""
        began = time.monotonic()
        state: Mapping[str, Any] = {}
        while time.monotonic() - began <= within:
            state = await self.outbox()
            assert state["dead"] == 0, state
            if state["pending"] == 0:
                return time.monotonic() - began
            await asyncio.sleep(0.1)
        raise AssertionError(f"the outbox is not empty after {within:.0f} s: {state}")

    async def wait_until_paid(self, orders: Sequence[Json], within: float = SWEPT_WITHIN) -> None:
        """An order may be acknowledged before its payment is: then the sweep of open payments finishes it."""
        deadline = time.monotonic() + within
        ids = {order["id"] for order in orders}
        while True:
            unpaid = [each for each in await self.orders() if each["id"] in ids and each["status"] != "paid"]
            if not unpaid:
                return
            assert time.monotonic() < deadline, f"not paid after {within:.0f} s: {unpaid}"
            await asyncio.sleep(0.5)

    async def _all(self, path: str) -> list[Json]:
        items: list[Json] = []
        cursor: Json = {}
        while True:
            page = await self._get(path, limit=100, **cursor)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = {"cursor": page["next_cursor"]}

    async def get(self, path: str) -> Json:
        return await self._get(path)

    async def post(self, path: str, body: Json) -> Json:
        answer = await self._client.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json())

    async def _get(self, path: str, **query: Any) -> Json:
        answer = await self._look(path, query)
        if answer.status_code == 401:  # a long run outlives its access token
            await self.sign_in()
            answer = await self._look(path, query)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return dict(answer.json())

    async def _look(self, path: str, query: Mapping[str, Any]) -> httpx.Response:
        """Again while nobody answers: the last part to be killed may still be on its way back."""
        deadline = time.monotonic() + BACK_WITHIN
        while True:
            try:
                return await self._client.get(path, params=query)
            except httpx.TransportError:
                assert time.monotonic() < deadline, f"nobody answers {path} for {BACK_WITHIN:.0f} s"
                await asyncio.sleep(RETRY_AFTER)
