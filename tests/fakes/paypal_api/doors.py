"""The door for tests: orders to the fake, what a payer or PayPal itself would do, and a look into its books."""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from tests.fakes.paypal_api import captures, orders, reporting, vault
from tests.fakes.paypal_api.desk import Control, Desk
from tests.fakes.paypal_api.refusals import Refusal
from tests.fakes.paypal_api.telling import Teller, Webhook

Deed = Callable[[dict[str, Any]], Any]


class TestDoors:
    __test__ = False

    def __init__(self, desk: Desk, teller: Teller) -> None:
        self._desk = desk
        self._teller = teller
        self._deeds: dict[str, Deed] = {
            "approve": lambda told: orders.approve_order(desk, told["order_id"])["status"],
            "approve_setup": lambda told: vault.approve_setup(desk, told["setup_id"])["status"],
            "settle": lambda told: captures.settle_capture(desk, self._capture(told), told["status"]),
            "settle_refund": lambda told: captures.settle_refund(
                desk, captures.get_refund(desk, told["refund_id"]), told["status"]
            ),
            "say": lambda told: desk.books.put("capture", self._capture(told) | {"status": told["status"]}),
            "reverse": lambda told: captures.reverse_capture(desk, self._capture(told)),
            "dispute": lambda told: reporting.open_dispute(
                desk, told["capture_id"], told.get("reason", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED")
            )["id"],
            "resolve_dispute": lambda told: reporting.resolve_dispute(desk, told["dispute_id"], told["outcome"]),
            "revoke_tokens": self._revoke_tokens,
            "delete_payment_token": lambda told: vault.delete_token(desk, told["token_id"]).status,
            "hurry": lambda told: desk.books.hurry_deliveries(told.get("event_id")),
            "forge": self._forge,
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/_control", self.control),
            web.post("/_control/reset", self.reset),
            web.post("/_control/{deed}", self.do),
            web.put("/_webhook", self.register),
            web.delete("/_webhook", self.unregister),
            web.get("/_state", self.state),
            web.get("/_log", self.log),
            web.get("/_deliveries", self.deliveries),
            web.get("/_root.pem", self.root),
        ]

    async def control(self, request: web.Request) -> web.Response:
        """The settings told replace those of the same name; all others stay."""
        told = await request.json()
        known = msgspec.to_builtins(self._desk.control)
        if "webhooks" in told:
            told["webhooks"] = {**known["webhooks"], **told["webhooks"]}
        self._obey(msgspec.convert({**known, **told}, Control))
        return web.json_response(msgspec.to_builtins(self._desk.control))

    async def reset(self, _request: web.Request) -> web.Response:
        """Well behaved, and nothing known."""
        self._desk.books.forget_everything()
        self._obey(Control())
        return web.json_response({})

    async def do(self, request: web.Request) -> web.Response:
        deed = self._deeds.get(request.match_info["deed"])
        if deed is None:
            raise web.HTTPNotFound
        told = await request.json() if request.can_read_body else {}
        try:
            with self._desk.books.transaction():
                done = deed(told)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        return web.json_response({"done": done})

    async def register(self, request: web.Request) -> web.Response:
        told = msgspec.json.decode(await request.read(), type=Webhook)
        self._desk.books.remember("webhook", msgspec.json.encode(told).decode())
        return web.json_response({})

    async def unregister(self, _request: web.Request) -> web.Response:
        self._desk.books.forget("webhook")
        return web.json_response({})

    async def state(self, _request: web.Request) -> web.Response:
        """By custom id: what was ordered, held, taken and given back of it. Things without one are under ""."""
        books, by_custom = self._desk.books, dict[str, dict[str, list[dict[str, Any]]]]()
        for order in books.all("order"):
            unit = order["purchase_units"][0]
            told = {"id": order["id"], "status": order["status"], **unit["amount"]}
            _group(by_custom, unit.get("custom_id"))["orders"].append(told)
        captured = {each["id"]: each.get("custom_id") for each in books.all("capture")}
        for kind in ("authorization", "capture", "refund"):
            for thing in books.all(kind):
                owner = captured[thing["capture_id"]] if kind == "refund" else thing.get("custom_id")
                told = {name: thing.get(name) for name in ("id", "status", "capture_id", "request_id", "invoice_id")}
                _group(by_custom, owner)[f"{kind}s"].append(told | thing["amount"])
        tokens = [vault.shown_token(self._desk, each) for each in books.all("payment_token")]
        return web.json_response({"by_custom_id": by_custom, "payment_tokens": tokens})

    async def log(self, request: web.Request) -> web.Response:
        return web.json_response({"calls": self._desk.books.read_log(int(request.query.get("after", "0")))})

    async def deliveries(self, _request: web.Request) -> web.Response:
        return web.json_response(self._desk.books.count_deliveries())

    async def root(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._teller.identity.root)

    def _obey(self, control: Control) -> None:
        self._desk.obey(control)
        self._desk.books.remember("control", msgspec.json.encode(control).decode())

    def _capture(self, told: dict[str, Any]) -> dict[str, Any]:
        return captures.get_capture(self._desk, told["capture_id"])

    def _revoke_tokens(self, _told: dict[str, Any]) -> None:
        for token in self._desk.books.all("token"):
            self._desk.books.delete("token", token["id"])

    def _forge(self, told: dict[str, Any]) -> str | None:
        webhook = self._teller.webhook
        return None if webhook is None else self._teller.forge(told["how"], told["event"], webhook, self._desk.base)


def _group(by_custom: dict[str, dict[str, list[dict[str, Any]]]], custom_id: str | None) -> dict[str, Any]:
    kinds = ("orders", "authorizations", "captures", "refunds")
    return by_custom.setdefault(custom_id or "", {kind: [] for kind in kinds})
