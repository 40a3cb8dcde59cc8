"""The API itself: who asks, has it been asked before, what the resource answers, and what the network does to the answer."""

import asyncio
import base64
import binascii
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.stripe_api import (
    charges,
    customers,
    disputes,
    events,
    faults,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from tests.fakes.stripe_api.books import API_VERSION, Books, new_id
from tests.fakes.stripe_api.deliveries import Deliveries
from tests.fakes.stripe_api.errors import StripeRefusal, trouble, unauthorized, unknown
from tests.fakes.stripe_api.faults import Fault
from tests.fakes.stripe_api.forms import Params, decode
from tests.fakes.stripe_api.idempotency import Keys
from tests.fakes.stripe_api.listing import expanded
from tests.fakes.stripe_api.routes import Call, Route
from tests.fakes.stripe_api.store import Store

RESOURCES = (payment_intents, charges, refunds, customers, payment_methods, setup_intents, disputes, events)
ROUTES = [route for resource in RESOURCES for route in resource.ROUTES]
BUSY = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."


@dataclass
class Asked:
    """A request, read."""

    route: Route
    path: str
    thing: str
    encoded: str
    key: str | None
    caller: str
    version: str
    request_id: str
    params: Params


@dataclass
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class Api:
    def __init__(self, store: Store, deliveries: Deliveries, secret_key: str, publishable_key: str) -> None:
        self._store, self._deliveries = store, deliveries
        self._secret_key, self._publishable_key = secret_key, publishable_key
        self.keys = Keys(store)

    def add_to(self, app: web.Application) -> None:
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._handler(route))
        app.router.add_route("OPTIONS", "/v1/{rest:.*}", _preflight)
        app.router.add_route("*", "/v1/{rest:.*}", _nowhere)

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.text() if request.method == "POST" else ""
            latency, fault = faults.draw(self._store, request.method, request.path)
            asked = Asked(
                route=route,
                path=request.path,
                thing=request.match_info.get("id", ""),
                encoded=body or request.query_string,
                key=request.headers.get("Idempotency-Key") if request.method == "POST" else None,
                caller=request.headers.get("Authorization", ""),
                version=request.headers.get("Stripe-Version", API_VERSION),
                request_id=new_id("req", 14),
                params=Params({}),
            )
            if fault is not None and fault.kind == "refuse":
                return _cut(request)
            answer = await self._answer(asked, latency, fault)
            if fault is not None and fault.kind == "hang" and not fault.before:
                await asyncio.sleep(fault.seconds)
            if fault is not None and (fault.kind == "lose" or (fault.kind == "hang" and fault.before)):
                return _cut(request)
            return web.json_response(answer.body, status=answer.status, headers=answer.headers | CORS)

        return handle

    async def _answer(self, asked: Asked, latency: float, fault: Fault | None) -> Answer:
        """What is told; by then it stands in the books."""
        own = {"Request-Id": asked.request_id, "Stripe-Version": asked.version}
        if asked.key:
            own["Idempotency-Key"] = asked.key
        held = None
        try:
            by = self._check_caller(asked)
            if fault is not None and fault.kind == "limit":
                return Answer(429, StripeRefusal(BUSY, code="rate_limit").body, own)
            if asked.key is not None:
                self.keys.begin(asked.key)
                held = asked.key
            await asyncio.sleep(latency)
            if fault is not None and fault.before:
                await asyncio.sleep(fault.seconds if fault.kind == "hang" else 0)
                return Answer(500, trouble(), own)
            answer = self._process(asked, by, fault)
        except StripeRefusal as refusal:
            return Answer(refusal.status, refusal.body, own)
        finally:
            self.keys.busy.discard(held or "")
        await self._deliveries.send_early(asked.request_id)
        answer.headers = own | answer.headers
        return answer

    def _check_caller(self, asked: Asked) -> str:
        """The secret key by Bearer or as the user of Basic; browsers have the publishable one."""
        scheme, _, rest = asked.caller.partition(" ")
        key = rest.strip()
        if scheme.lower() == "basic":
            try:
                key = base64.b64decode(rest).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError) as error:
                raise unauthorized("Invalid Authorization header.") from error
        asked.params = Params(decode(asked.encoded))
        key = key or str(asked.params.get("key", ""))
        if not key:
            words = (
                "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer"
                " auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
            raise unauthorized(words)
        if key not in {self._secret_key, self._publishable_key}:
            raise unauthorized(f"Invalid API Key provided: {key[:8]}****{key[-4:]}")
        if key == self._secret_key:
            return "secret"
        if not asked.route.publishable:
            words = "This API call cannot be made with a publishable API key. Please use a secret API key."
            raise StripeRefusal(words, status=403, code="secret_key_required")
        return "publishable"

    def _process(self, asked: Asked, by: str, fault: Fault | None) -> Answer:
        """One transaction: the effect, the kept answer and the line in the log."""
        method = asked.route.method
        with self._store.transaction():
            if asked.key is not None:
                told = self.keys.told(asked.key, method, asked.path, asked.params)
                if told is not None:
                    self._log(asked, by, told.status, told.answer, replayed=True, fault=fault)
                    headers = {"Idempotent-Replayed": "true", "Original-Request": told.request_id}
                    return Answer(told.status, told.answer, headers)
            kept, status, body = self._run(asked, by)
            headers = {}
            if fault is not None and fault.kind == "error":
                body_told = trouble()
                headers = {"Stripe-Should-Retry": "false"} if fault.kept and asked.key else {}
            else:
                body_told = body
            told_status = 500 if body_told is not body else status
            if method != "GET":
                self._log(asked, by, status, body, replayed=False, fault=fault)
            if asked.key is not None and kept:
                remembered = (told_status, body_told) if fault is None or fault.kept else (status, body)
                self.keys.keep(asked.key, method, asked.path, asked.params, *remembered, asked.request_id)
            return Answer(told_status, body_told, headers)

    def _run(self, asked: Asked, by: str) -> tuple[bool, int, dict[str, Any]]:
        """Whether the answer is kept, its status and body. What a refusal leaves behind is its own decision."""
        books = Books(self._store, asked.request_id, asked.key, asked.version)
        try:
            with self._store.undoable():
                try:
                    names = asked.route.unknown(asked.params)
                    if names:
                        raise unknown(names)
                    call = Call(books, asked.params, asked.path, asked.thing, by == "publishable")
                    made = asked.route.handler(call)
                    return True, 200, expanded(books, made, asked.params.texts("expand"))
                except StripeRefusal as refusal:
                    if not refusal.keeps:
                        raise
                    return refusal.stored, refusal.status, refusal.body
        except StripeRefusal as refusal:
            return refusal.stored, refusal.status, refusal.body

    def _log(
        self, asked: Asked, by: str, status: int, body: dict[str, Any], *, replayed: bool, fault: Fault | None
    ) -> None:
        write_log(
            self._store,
            asked.request_id,
            asked.route.method,
            asked.path,
            asked.params,
            asked.key,
            by,
            status,
            body,
            replayed=replayed,
            fault=fault.name if fault else None,
        )


def write_log(
    store: Store,
    request_id: str,
    method: str,
    path: str,
    params: dict[str, Any],
    key: str | None,
    by: str,
    status: int,
    answer: dict[str, Any],
    *,
    replayed: bool = False,
    fault: str | None = None,
) -> None:
    """A line of the gateway log: what was asked for and what came of it, whatever the caller heard of it."""
    store.run(
        "insert into request (at, request_id, method, path, params, idempotency_key, by, status, answer, replayed, fault)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        time.time(),
        request_id,
        method,
        path,
        json.dumps(params),
        key,
        by,
        status,
        json.dumps(answer),
        replayed,
        fault,
    )


CORS = {"Access-Control-Allow-Origin": "*"}


async def _preflight(request: web.Request) -> web.Response:
    return web.Response(headers=CORS | {"Access-Control-Allow-Headers": "*", "Access-Control-Allow-Methods": "*"})


async def _nowhere(request: web.Request) -> web.Response:
    words = f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs"
    refusal = StripeRefusal(words, status=404)
    return web.json_response(refusal.body, status=404, headers=CORS)


def _cut(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
