"""What a browser sees of Stripe: Stripe.js, the frame where a card is entered, and the bank's question."""

import html
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from tests.fakes.stripe_api import charging, setup_intents
from tests.fakes.stripe_api.books import Books
from tests.fakes.stripe_api.server import write_log
from tests.fakes.stripe_api.store import Store

STATIC = Path(__file__).parent / "static"


class Pages:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def script(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "stripe.js", headers={"Content-Type": "text/javascript"})

    async def frame(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "payment_element.html")

    async def frame_script(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "payment_element.js")

    async def style(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "pages.css")

    def _intent(self, request: web.Request, secret: str) -> dict[str, Any]:
        intent = self._store.find(request.match_info["id"])
        if intent is None or intent.get("client_secret") != secret:
            raise web.HTTPNotFound(text="There is no such intent.")
        return intent

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The bank asks; once answered there is only the way back."""
        secret = request.query.get("client_secret", "")
        intent = self._intent(request, secret)
        amount = (
            f"{intent['amount'] / 100:.2f} {intent['currency'].upper()}" if "amount" in intent else "keeping your card"
        )
        page = (STATIC / "three_d_secure.html").read_text()
        page = page.replace("{amount}", html.escape(amount)).replace("{client_secret}", html.escape(secret))
        return web.Response(text=page, content_type="text/html")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """By the page's form, which leads back to the shop, or by a call that only wants the intent."""
        form = await request.post()
        secret, success = str(form.get("client_secret", "")), form.get("success") == "true"
        intent = self._intent(request, secret)
        subject = charging if intent["object"] == "payment_intent" else setup_intents
        with self._store.transaction():
            if intent["status"] == "requires_action":
                intent = subject.authenticate(Books(self._store), intent, success=success)
                asked = {"success": success}
                write_log(self._store, "", "BANK", request.path, asked, None, "holder", 200, {"id": intent["id"]})
        if not intent.get("_return_url") or request.path.endswith("/_authenticate"):
            return web.json_response({"id": intent["id"], "status": intent["status"]})
        raise web.HTTPSeeOther(way_back(intent, secret))


def way_back(intent: dict[str, Any], secret: str) -> str:
    """The shop's return_url with what Stripe adds to it."""
    name = intent["object"]
    told = "succeeded" if intent["status"] in {"succeeded", "processing", "requires_capture"} else "failed"
    added = urlencode({name: intent["id"], f"{name}_client_secret": secret, "redirect_status": told})
    return f"{intent['_return_url']}{'&' if urlsplit(intent['_return_url']).query else '?'}{added}"


def add_to(app: web.Application, store: Store) -> None:
    pages = Pages(store)
    app.router.add_get("/js/v3/", pages.script)
    app.router.add_get("/v3/", pages.script)
    app.router.add_get("/_element/", pages.frame)
    app.router.add_get("/_element/payment_element.js", pages.frame_script)
    app.router.add_get("/_element/pages.css", pages.style)
    app.router.add_get("/3ds/{id}", pages.ask)
    app.router.add_post("/3ds/{id}", pages.answer)
    app.router.add_post("/v1/payment_intents/{id}/_authenticate", pages.answer)
    app.router.add_post("/v1/setup_intents/{id}/_authenticate", pages.answer)
