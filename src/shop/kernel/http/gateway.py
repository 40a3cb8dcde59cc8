"""The one place that every request passes, in the order of `ORDER`; docs/gateway.md tells it to people.

A cached page is answered here, before Litestar routes anything, which is what makes it cost next to nothing. It is served
only to a request without our session cookie, and after the same steps as anything else: of those that need a route,
authentication and access rule have nothing to ask of a stranger who reads a public page, and it is counted here.
"""

from time import perf_counter
from typing import Any, Final, NamedTuple

import structlog
from litestar import Litestar
from litestar.types import Receive, Send

from shop.kernel import audit, cache
from shop.kernel.config import settings, split
from shop.kernel.errors import ShopError
from shop.kernel.http import access
from shop.kernel.http.access_log import AccessLog
from shop.kernel.http.arrival import Call, readable_head
from shop.kernel.http.bounds import TimeLimit, check_body_size
from shop.kernel.http.compression import OWN_HAND, Encoding, Headers, best_encoding
from shop.kernel.http.cors import Cors
from shop.kernel.http.errors import refusal_at_the_gate
from shop.kernel.http.exchange import Exchange
from shop.kernel.http.hosts import AllowedHosts
from shop.kernel.http.idempotency import idempotently
from shop.kernel.http.metrics import RequestMetrics
from shop.kernel.http.page_cache import CachedPage, PageKey, is_known, page_key
from shop.kernel.http.proxies import TrustedProxies
from shop.kernel.http.ratelimit import limits
from shop.kernel.http.route_plan import RoutePlans
from shop.kernel.http.security_headers import security_headers
from shop.kernel.http.sessions import SCOPE_KEY, cookie_name
from shop.kernel.http.standing import LIMITED_KEY


class Step(NamedTuple):
    name: str
    by: object
    """The code that takes it."""


ORDER: Final = (
    Step("trusted proxies", TrustedProxies.believe),
    Step("allowed hosts", AllowedHosts.check),
    Step("request id", Call),
    Step("security headers", security_headers),
    Step("CORS", Cors.preflight),
    Step("body and time limits", TimeLimit),
    Step("authentication", access.authentication),
    Step("access rule", access.access_rule),
    Step("rate limit", access.rate_limit),
    Step("CSRF", access.csrf),
    Step("idempotency", idempotently),
    Step("page cache and ETag", CachedPage),
    Step("compression", Exchange),
)


class Gateway:
    """The ASGI application that the server runs, around Litestar."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self.metrics = RequestMetrics()
        self.log = AccessLog()
        shop = settings()
        self._proxies = TrustedProxies(shop.trusted_proxies)
        self._hosts = AllowedHosts(shop.allowed_host_names)
        self._cors = Cors(split(shop.cors_origins))
        self._plans = RoutePlans(app)
        self._cookie = f"{cookie_name()}=".encode()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        call = Call(scope)
        if scope["type"] == "websocket":
            await self._open_socket(call, receive, send)
            return
        try:
            preflight = self._arrive(call)
            if preflight is not None:
                await self._answer(call, send, 204, preflight)
                return
            key, encoding = self._asked_for(call)
            if key is not None and (page := cache.pages.find(key)) is not None:
                self._count_reader(call, page.rate_class)
                await self._send_page(call, send, page, encoding)
                return
            await self._work(call, receive, send, key, encoding)
        except ShopError as refusal:
            await self._refuse(call, send, refusal)

    def _arrive(self, call: Call) -> Headers | None:
        """The steps that need no route. Raises ShopError; the headers of a preflight's answer, if it is one."""
        readable_head(call)
        self._proxies.believe(call)
        self._hosts.check(call)
        preflight = self._cors.preflight(call)
        if preflight is None and b"content-length" in call.headers:
            check_body_size(call, self._plans.plan_of(call.scope).body_bytes)
        return preflight

    def _asked_for(self, call: Call) -> tuple[PageKey | None, Encoding | None]:
        """The key of its page in the cache, None when the request may be somebody's own; and how the answer may be
        compressed, None when it may not be."""
        headers = call.headers
        of_session = self._cookie in headers.get(b"cookie", b"")
        accepted = headers.get(b"accept-encoding")
        own_hand = not of_session or headers.get(b"sec-fetch-site") in OWN_HAND
        encoding = best_encoding(accepted) if accepted and own_hand else None
        anybodys = call.method in {"GET", "HEAD"} and not of_session and b"authorization" not in headers
        return page_key(call) if anybodys else None, encoding

    def _count_reader(self, call: Call, rate_class: str) -> None:
        """Raises TooMany."""
        if settings().rate_limits == "off":
            return
        standing = limits().count_reader(rate_class, call.peer)
        if standing is not None:
            call.scope[LIMITED_KEY] = standing
            raise standing.refusal()

    async def _send_page(self, call: Call, send: Send, page: CachedPage, encoding: Encoding | None) -> None:
        form = page.form(encoding)
        status, headers, body = page.STATUS, form.headers, form.body
        if_none_match = call.headers.get(b"if-none-match")
        if if_none_match is not None and is_known(if_none_match, form.etag):
            status, headers, body = 304, form.headers_of_304, b""
        if call.method == "HEAD":
            body = b""
        own = (b"x-request-id", call.request_id.encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, own]})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        self._record(call, page.route, status, cached=True)

    async def _work(
        self, call: Call, receive: Receive, send: Send, key: PageKey | None, encoding: Encoding | None
    ) -> None:
        """Raises ShopError only before the answer has begun."""
        plan = self._plans.plan_of(call.scope)
        if not plan.has_rule:
            self._count_reader(call, "browse")
        exchange = Exchange(call, send, self._own_headers(call), key, encoding)
        structlog.contextvars.bind_contextvars(request_id=call.request_id)
        call.scope["shop.request_id"] = call.request_id
        if call.method == "HEAD":
            call.scope["method"] = "GET"
        refused = False
        try:
            async with TimeLimit(receive, plan.seconds) as limit:
                exchange.when_begun = limit.begun
                await self.app(call.scope, limit.receive, exchange.send)
        except ShopError as refusal:
            if exchange.has_begun:
                raise RuntimeError("refused in the middle of an answer") from refusal
            call.scope.pop(SCOPE_KEY, None)  # what was cut off is not kept in the session either
            refused = True
            raise
        finally:
            audit.acts(None)  # a server may use the task for another request
            if not refused:
                self._record(call, call.scope.get("path_template") or "unmatched", exchange.status, cached=False)

    async def _refuse(self, call: Call, send: Send, refusal: ShopError) -> None:
        call.scope["shop.request_id"] = call.request_id
        response = refusal_at_the_gate(call.scope, refusal)
        await self._answer(call, send, response.status, response.headers, response.body)

    async def _answer(self, call: Call, send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
        exchange = Exchange(call, send, self._own_headers(call), None, None)
        await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
        await exchange.send({"type": "http.response.body", "body": body, "more_body": False})
        self._record(call, call.scope.get("path_template") or "refused", status, cached=False)

    async def _open_socket(self, call: Call, receive: Receive, send: Send) -> None:
        try:
            self._arrive(call)
        except ShopError:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        await self.app(call.scope, receive, send)

    def _own_headers(self, call: Call) -> Headers:
        """Those that no other answer has."""
        return [(b"x-request-id", call.request_id.encode()), *self._cors.headers(call)]

    def _record(self, call: Call, route: str, status: int, *, cached: bool) -> None:
        seconds = perf_counter() - call.started
        self.metrics.observe(route, call.method, status, seconds)
        if self.log.enabled:
            self.log.add(call.method, call.path, status, seconds, call.request_id, cached=cached)
