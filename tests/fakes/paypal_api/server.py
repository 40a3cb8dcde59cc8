"""The server: who may call, what chance does to a call, which stored answer a repeat gets, and the door for tests."""

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from aiohttp import web

from tests.fakes.paypal_api import captures, orders, reporting, vault
from tests.fakes.paypal_api.books import Books
from tests.fakes.paypal_api.desk import Answer, Call, Control, Desk, Fault
from tests.fakes.paypal_api.doors import TestDoors
from tests.fakes.paypal_api.pages import Pages
from tests.fakes.paypal_api.refusals import Refusal, away, broken, in_progress, too_many, unprocessable
from tests.fakes.paypal_api.telling import CERTIFICATES, ControlOf, Teller

CLIENT_ID: Final = "AeA1QIZXiflr1_-r0U2UbWTziOWX1GRQer5jkUq4ZfWT5qwb6qQRPq7jDtv57TL4POEEezGLdutcxnkJ"
CLIENT_SECRET: Final = "ECYYrrSHdKfk_Q0EdvzdGkzj58a66kKaUQ5dZAEv4HvvtDId2_DpSuYDB088BZxGuMji7G4OFUnPog6p"
Handler = Callable[[Desk, Call], Answer]


def _shown(
    get: Callable[[Desk, str], dict[str, Any]], show: Callable[[Desk, dict[str, Any]], dict[str, Any]]
) -> Handler:
    return lambda desk, call: Answer(200, show(desk, get(desk, call.ids["id"])))


API: Final[list[tuple[str, str, Handler]]] = [
    ("POST", "/v2/checkout/orders", orders.create_order),
    ("GET", "/v2/checkout/orders/{id}", orders.show_order),
    ("POST", "/v2/checkout/orders/{id}/capture", orders.capture_order),
    ("POST", "/v2/checkout/orders/{id}/authorize", orders.authorize_order),
    ("GET", "/v2/payments/authorizations/{id}", _shown(captures.get_authorization, captures.shown_authorization)),
    ("POST", "/v2/payments/authorizations/{id}/capture", captures.capture_authorization),
    ("POST", "/v2/payments/authorizations/{id}/void", captures.void_authorization),
    ("POST", "/v2/payments/authorizations/{id}/reauthorize", captures.reauthorize),
    ("GET", "/v2/payments/captures/{id}", _shown(captures.get_capture, captures.shown_capture)),
    ("POST", "/v2/payments/captures/{id}/refund", captures.refund_capture),
    ("GET", "/v2/payments/refunds/{id}", _shown(captures.get_refund, captures.shown_refund)),
    ("POST", "/v3/vault/setup-tokens", vault.create_setup_token),
    ("GET", "/v3/vault/setup-tokens/{id}", _shown(vault.get_setup, vault.shown_setup)),
    ("POST", "/v3/vault/payment-tokens", vault.create_payment_token),
    ("GET", "/v3/vault/payment-tokens", vault.list_tokens),
    ("GET", "/v3/vault/payment-tokens/{id}", _shown(vault.get_token, vault.shown_token)),
    ("DELETE", "/v3/vault/payment-tokens/{id}", lambda desk, call: vault.delete_token(desk, call.ids["id"])),
    ("GET", "/v1/reporting/transactions", reporting.search),
    ("GET", "/v1/customer/disputes/{id}", _shown(reporting.get_dispute, reporting.shown_dispute)),
]
AGAIN: Final[dict[str, Callable[[Desk, str, bool], dict[str, Any]]]] = {
    "order": lambda desk, name, whole: orders.shown_order(desk, desk.books.get("order", name) or {}, whole),
    "capture": lambda desk, name, _: captures.shown_capture(desk, captures.get_capture(desk, name)),
    "refund": lambda desk, name, _: captures.shown_refund(desk, captures.get_refund(desk, name)),
    "authorization": lambda desk, name, _: captures.shown_authorization(desk, captures.get_authorization(desk, name)),
    "setup_token": lambda desk, name, _: vault.shown_setup(desk, vault.get_setup(desk, name)),
    "payment_token": lambda desk, name, _: vault.shown_token(desk, vault.get_token(desk, name)),
}
"""How the present state of what an earlier call made is told to its repeat."""


class Server:
    def __init__(self, books: Books, base: str) -> None:
        self.books = books
        self.teller = Teller(books)
        self.desk = Desk(books, self.teller.tell)
        self.desk.base = base
        self.teller.desk = self.desk
        if (kept := books.recall("control")) is not None:
            self.desk.obey(msgspec.json.decode(kept, type=Control))
        self._under_way: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1_000_000)
        for method, path, handler in API:
            app.router.add_route(method, path, self._door(handler))
        app.router.add_patch("/v2/checkout/orders/{id}", self._patch)
        app.router.add_post("/v1/oauth2/token", self._token)
        app.router.add_post("/v1/notifications/verify-webhook-signature", self._verify)
        app.router.add_get(f"{CERTIFICATES}/{{name}}", self._certificate)
        app.add_routes(Pages(self.desk).routes())
        app.add_routes(TestDoors(self.desk, self.teller).routes())
        app.cleanup_ctx.append(self._telling)
        return app

    async def _telling(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self.teller.run(ControlOf(self.desk)))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def _door(self, handler: Handler) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, handler)

        return answer

    async def _patch(self, request: web.Request) -> web.StreamResponse:
        operations = await request.json()
        return await self._answer(
            request, lambda desk, call: orders.patch_order(desk, call.ids["id"], operations), body={}
        )

    async def _answer(
        self, request: web.Request, handler: Handler, body: dict[str, Any] | None = None
    ) -> web.StreamResponse:
        fault = self._choose_fault(request)
        request_id = request.headers.get("PayPal-Request-Id")
        try:
            self._check_caller(request, fault)
            call = await self._read(request, request_id, body)
            answer = await self._serve(call, handler, fault)
            status, told = answer.status, answer.body
        except Refusal as refusal:
            status, told = refusal.status, refusal.body
        except _Unknown:
            status, told = 401, {"error": "invalid_token", "error_description": "Token signature verification failed"}
        await self.teller.tell_early()
        if fault == "hang":
            await asyncio.sleep(self.desk.control.hang_seconds)
        self.books.write_log(request.method, request.path, request_id, status, fault)
        if fault == "lost_answer" and request.transport is not None:
            request.transport.close()
        if fault == "error_after" and status < 400:
            status, told = 500, broken().body
        return _json(status, told)

    def _choose_fault(self, request: web.Request) -> Fault | None:
        if self.desk.control.away:
            return None
        for planned in self.desk.control.planned:
            fits = planned.path in request.path and planned.method in {"", request.method}
            if fits and planned.times > 0:
                planned.times -= 1
                return planned.fault
        drawn, threshold = self.desk.chance.random(), 0.0
        for fault, share in self.desk.control.faults.items():
            threshold += share
            if drawn < threshold:
                return fault
        return None

    def _check_caller(self, request: web.Request, fault: Fault | None) -> None:
        if self.desk.control.away:
            raise away()
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = self.books.get("token", token) if scheme == "Bearer" else None
        if known is None or known["until"] < self.books.now() or fault == "expired_token":
            if known is not None:
                self.books.delete("token", token)
            raise _Unknown
        match fault:
            case "rate_limited":
                raise too_many()
            case "error_before":
                raise broken()

    async def _read(self, request: web.Request, request_id: str | None, body: dict[str, Any] | None) -> Call:
        if body is None:
            raw = await request.read()
            try:
                read = json.loads(raw) if raw else {}
            except ValueError:
                read = None
            if not isinstance(read, dict):
                raise Refusal(400, "INVALID_REQUEST", "Request is not well-formed JSON.")
            body = read
        return Call(
            base=self.desk.base,
            method=request.method,
            path=request.path,
            body=body,
            query=dict(request.query),
            request_id=request_id,
            representation="return=representation" in request.headers.get("Prefer", ""),
            ids=dict(request.match_info),
        )

    async def _serve(self, call: Call, handler: Handler, fault: Fault | None) -> Answer:
        """Once for each request id, whatever comes in between; the effect and its answer are one transaction."""
        key = f"{call.path} {call.request_id}" if call.request_id and call.method == "POST" else None
        if key is None:
            await self._dawdle(fault)
            with self.books.transaction():
                return handler(self.desk, call)
        if key in self._under_way:
            raise in_progress()
        self._under_way.add(key)
        try:
            if (earlier := self._earlier(key, call)) is not None:
                return earlier
            await self._dawdle(fault)
            return self._first(key, call, handler)
        finally:
            self._under_way.discard(key)

    async def _dawdle(self, fault: Fault | None) -> None:
        if fault == "hang_before":
            await asyncio.sleep(self.desk.control.hang_seconds)

    def _first(self, key: str, call: Call, handler: Handler) -> Answer:
        try:
            with self.books.transaction():
                answer = handler(self.desk, call)
                self.books.store_answer(key, _fingerprint(call), answer.status, answer.body, answer.again)
        except Refusal as refusal:
            if self.desk.control.replays_refusals and {"INSTRUMENT_DECLINED", "TRANSACTION_REFUSED"} & {
                *refusal.issues
            }:
                self.books.store_answer(key, _fingerprint(call), refusal.status, refusal.body, None)
            raise
        return answer

    def _earlier(self, key: str, call: Call) -> Answer | None:
        control = self.desk.control
        lasts = control.payment_key_seconds
        if "/checkout/" in call.path:
            lasts = control.order_key_seconds
        elif "/vault/" in call.path:
            lasts = control.vault_key_seconds
        found = self.books.find_answer(key, lasts)
        if found is None:
            return None
        fingerprint, status, body, again_kind, again_id = found
        if fingerprint != _fingerprint(call):
            raise unprocessable("DUPLICATE_REQUEST_ID")
        if again_kind is None or again_id is None:
            return Answer(status, None if body is None else json.loads(body))
        return Answer(200, AGAIN[again_kind](self.desk, again_id, call.representation))

    async def _token(self, request: web.Request) -> web.StreamResponse:
        fault = self._choose_fault(request)
        if self.desk.control.away or fault in {"error_before", "error_after"}:
            return _json(503, away().body)
        sent = request.headers.get("Authorization", "").removeprefix("Basic ")
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if not secrets.compare_digest(sent.encode(), wanted.encode()):
            return _json(401, {"error": "invalid_client", "error_description": "Client Authentication failed"})
        form = parse_qs((await request.read()).decode())
        if form.get("grant_type") != ["client_credentials"]:
            return _json(400, {"error": "unsupported_grant_type", "error_description": "Grant Type is NULL"})
        lasts = self.desk.control.token_seconds
        token = {"id": f"A21AA{secrets.token_urlsafe(60)}", "until": self.books.now() + lasts}
        self.books.put("token", token)
        self.books.write_log("POST", request.path, None, 200, fault)
        if fault == "lost_answer" and request.transport is not None:
            request.transport.close()
        return _json(
            200,
            {
                "scope": "https://uri.paypal.com/services/payments/payment/authcapture",
                "access_token": token["id"],
                "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T",
                "expires_in": lasts,
                "nonce": secrets.token_urlsafe(24),
            },
        )

    async def _certificate(self, request: web.Request) -> web.Response:
        known = {"CERT-signer": self.teller.identity, "CERT-stranger": self.teller.stranger}
        identity = known.get(request.match_info["name"])
        if identity is None:
            raise web.HTTPNotFound
        self.books.write_log("GET", request.path, None, 200, None)
        return web.Response(text=identity.chain, content_type="application/x-pem-file")

    async def _verify(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self.teller.verify)


class _Unknown(Exception):
    """The caller's token is none, or none any more."""


def _fingerprint(call: Call) -> str:
    return hashlib.sha256(json.dumps(call.body, sort_keys=True).encode()).hexdigest()


def _json(status: int, body: dict[str, Any] | None) -> web.Response:
    headers = {"Paypal-Debug-Id": secrets.token_hex(7)[:13]}
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.json_response(body, status=status, headers=headers)
