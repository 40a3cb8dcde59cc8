"""Connections to PayPal's REST API: one client and one access token per event loop, and what its failures mean.

PayPal's own Python library is synchronous and knows nothing of webhooks, so this speaks HTTP itself. A POST carries a
PayPal-Request-Id and may be sent again: PayPal answers a repeat with the present state of what the first one made.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx
import msgspec
import structlog

from shop.contracts.payment_providers import ProviderAway
from shop.kernel import clock
from shop.kernel.config import PAYPAL_LIVE, PAYPAL_SANDBOX, settings
from shop.kernel.db import refuse_open_transaction

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 10
"""Of one request."""
CONVERSATION_SECONDS: Final = 45
"""Of all that one call of the shop's needs, within the lease of a check."""
TRIES: Final = 2
TOKEN_MARGIN: Final = 60
"""Seconds before its end at which a token is not used any more."""
LARGEST_ANSWER: Final = 8_000_000
PAYER_HOSTS: Final = {
    PAYPAL_LIVE: frozenset({"www.paypal.com", "paypal.com"}),
    PAYPAL_SANDBOX: frozenset({"www.sandbox.paypal.com", "sandbox.paypal.com"}),
}
"""Where buyers may be sent to, by the API that says so; a stand-in may send them to itself."""


class Detail(msgspec.Struct):
    issue: str = ""
    field: str = ""


class Link(msgspec.Struct):
    href: str = ""
    rel: str = ""


class ErrorBody(msgspec.Struct):
    name: str = ""
    debug_id: str = ""
    details: list[Detail] = []


class PayPalRefusal(Exception):
    """PayPal understood, and did nothing. `issues` are its names of the rules that were broken."""

    def __init__(self, status: int, error: ErrorBody) -> None:
        self.status = status
        self.issues = frozenset(detail.issue for detail in error.details) | {error.name}
        super().__init__(f"{status} {error.name} {sorted(detail.issue for detail in error.details)} {error.debug_id}")


class Token(msgspec.Struct):
    access_token: str
    expires_in: float


class Session:
    """The connections of one event loop, and the token that they carry."""

    def __init__(self, base: str, credentials: tuple[str, str]) -> None:
        self.facts = (base, credentials)
        self.http = httpx.AsyncClient(base_url=base, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        self._token: tuple[str, float] | None = None
        self._asking = asyncio.Lock()

    async def token(self, refused: str | None = None) -> str:
        """One that PayPal has not refused. Raises ProviderAway."""
        async with self._asking:
            now = clock.now().timestamp()
            if self._token is None or self._token[0] == refused or self._token[1] <= now:
                self._token = await self._ask(now)
            return self._token[0]

    async def _ask(self, now: float) -> tuple[str, float]:
        _, credentials = self.facts
        form = {"grant_type": "client_credentials"}
        answer = await self.http.post("/v1/oauth2/token", auth=credentials, data=form)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            log.error("paypal_refuses_our_credentials")
            raise ProviderAway("PayPal refuses SHOP_PAYPAL_CLIENT_ID or SHOP_PAYPAL_CLIENT_SECRET")
        if answer.status_code != httpx.codes.OK:
            raise ProviderAway(f"PayPal gives no token: {answer.status_code}")
        token = msgspec.json.decode(answer.content, type=Token)
        return token.access_token, now + token.expires_in - TOKEN_MARGIN


class PayPalClient:
    """Raises ProviderAway for whatever leaves open what became of a call, PayPalRefusal for what had no effect."""

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, Session] = WeakKeyDictionary()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        return await self._call("GET", path, query=query)

    async def find(self, path: str) -> bytes | None:
        """None for what PayPal doesn't know."""
        try:
            return await self.get(path)
        except PayPalRefusal as refusal:
            if refusal.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def post(self, path: str, body: Any, request_id: str) -> bytes:
        return await self._call("POST", path, body=body, request_id=request_id)

    async def patch(self, path: str, operations: list[dict[str, Any]]) -> None:
        await self._call("PATCH", path, body=operations)

    async def delete(self, path: str) -> None:
        await self._call("DELETE", path)

    async def fetch(self, url: str, at_most: int) -> bytes:
        """A public file, without our token. Raises ProviderAway for anything but one of up to `at_most` bytes."""
        session, found = await self._session(), b""
        try:
            async with session.http.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise ProviderAway(f"PayPal hands out no file: {answer.status_code}")
                async for part in answer.aiter_bytes():
                    found += part
                    if len(found) > at_most:
                        raise ProviderAway("PayPal's file is too large")
        except httpx.HTTPError as error:
            raise ProviderAway(f"PayPal: {error!r}"[:300]) from error
        return found

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.http.aclose()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        request_id: str | None = None,
    ) -> bytes:
        session, refused = await self._session(), None
        headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
        if request_id is not None:
            headers["PayPal-Request-Id"] = request_id
        content = None if body is None else json.dumps(body, separators=(",", ":"))
        for tries_left in reversed(range(TRIES)):
            try:
                token = await session.token(refused)
                answer = await session.http.request(
                    method,
                    path,
                    params=query,
                    content=content,
                    headers=headers | {"Authorization": f"Bearer {token}"},
                )
            except httpx.HTTPError as error:
                if tries_left:
                    continue
                raise ProviderAway(f"PayPal: {error!r}"[:300]) from error
            if answer.status_code == httpx.codes.UNAUTHORIZED and tries_left:
                refused = token
            elif not (answer.is_server_error and tries_left):
                return _read(answer, path)
        raise ProviderAway("PayPal did not answer")

    async def _session(self) -> Session:
        """A new one when the settings changed. Raises ProviderAway."""
        loop, now = asyncio.get_running_loop(), settings()
        facts = (api_base(), (now.paypal_client_id, now.paypal_client_secret))
        known = self._sessions.get(loop)
        if known is not None and known.facts == facts:
            return known
        if not all(facts[1]):
            raise ProviderAway("SHOP_PAYPAL_CLIENT_ID is not set any more")
        if known is not None:
            await known.http.aclose()
        session = self._sessions[loop] = Session(*facts)
        return session


def _read(answer: httpx.Response, path: str) -> bytes:
    if answer.is_success:
        if len(answer.content) > LARGEST_ANSWER:
            raise ProviderAway("PayPal's answer is too large")
        return answer.content
    try:
        error = msgspec.json.decode(answer.content, type=ErrorBody)
    except msgspec.MsgspecError:
        error = ErrorBody()
    refusal = PayPalRefusal(answer.status_code, error)
    match answer.status_code:
        case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN:
            log.error("paypal_does_not_permit", path=path, reason=str(refusal)[:300])
            raise refusal
        case httpx.codes.BAD_REQUEST | httpx.codes.NOT_FOUND | httpx.codes.UNPROCESSABLE_ENTITY:
            raise refusal
    # 409: an earlier one is under way; 429: too many; 5xx, redirects: nobody knows.
    raise ProviderAway(f"PayPal: {refusal}"[:300])


@asynccontextmanager
async def conversation() -> AsyncIterator[None]:
    """Whatever leaves open what became of the money is ProviderAway: a refusal too, unless it was understood inside."""
    refuse_open_transaction("talking to PayPal")
    try:
        async with asyncio.timeout(CONVERSATION_SECONDS):
            yield
    except (PayPalRefusal, msgspec.MsgspecError) as error:
        raise ProviderAway(f"PayPal: {error}"[:300]) from error
    except TimeoutError as error:
        raise ProviderAway("PayPal took too long") from error


def api_base() -> str:
    return (settings().paypal_api_base or PAYPAL_LIVE).rstrip("/")


def is_stand_in() -> bool:
    """Whether the settings name neither PayPal nor its sandbox; they take nothing but this machine then."""
    return api_base() not in PAYER_HOSTS


def payer_link(links: list[Link], *rels: str) -> str | None:
    """Where the buyer goes on. Raises ProviderAway for an address that is not PayPal's own."""
    found = next((link.href for link in links if link.rel in rels), None)
    if found is None:
        return None
    base, parts = urlsplit(api_base()), urlsplit(found)
    own = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
    hosts = PAYER_HOSTS.get(api_base())
    if own if hosts is None else parts.scheme == "https" and parts.netloc in hosts:
        return found
    log.error("paypal_sends_buyers_elsewhere", host=parts.hostname)
    raise ProviderAway("PayPal names an address that is not its own")
