"""What a browser sees of Stripe: Stripe.js, the frame where a card is entered, and the bank's question."""

import html
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from tests.fakes.stripe_api import amounts, charging, setup_intents
from tests.fakes.stripe_api.books import Books
from tests.fakes.stripe_api.server import write_log
from tests.fakes.stripe_api.store import Store

STATIC = Path(__file__).parent / "static"
FILES = {
    "/js/v3/": "stripe.js",
    "/v3/": "stripe.js",
    "/_element/": "payment_element.html",
    "/_element/payment_element.js": "payment_element.js",
    "/_element/pages.css": "pages.css",
    "/_element/answered.js": "answered.js",
}
SETTLED = {"succeeded", "processing", "requires_capture"}


class Bank:
    """3D Secure: the holder completes or fails it, and finds the way back to the shop."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _intent(self, request: web.Request, secret: str) -> dict[str, Any]:
        intent = self._store.find(request.match_info["id"])
        if intent is None or intent.get("client_secret") != secret:
            raise web.HTTPNotFound(text="There is no such intent.")
        return intent

    async def ask(self, request: web.Request) -> web.StreamResponse:
        secret = request.query.get("client_secret", "")
        intent = self._intent(request, secret)
        amount = amounts.words(intent["amount"], intent["currency"]) if "amount" in intent else "keeping your card"
        facts = {"amount": amount, "client_secret": secret, "modal": request.query.get("modal", "")}
        page = (STATIC / "three_d_secure.html").read_text()
        for name, value in facts.items():
            page = page.replace(f"{{{name}}}", html.escape(value))
        return web.Response(text=page, content_type="text/html")

    def _decide(self, request: web.Request, secret: str, *, success: bool) -> dict[str, Any]:
        """The first answer counts."""
        intent = self._intent(request, secret)
        subject = charging if intent["object"] == "payment_intent" else setup_intents
        if intent["status"] != "requires_action":
            return intent
        with self._store.transaction():
            intent = subject.authenticate(Books(self._store), intent, success=success)
            told = {"id": intent["id"], "status": intent["status"]}
            write_log(self._store, "", "BANK", request.path, {"success": success}, None, "holder", 200, told)
        return intent

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """From the page's form."""
        form = await request.post()
        secret = str(form.get("client_secret", ""))
        intent = self._decide(request, secret, success=form.get("success") == "true")
        if form.get("modal") or not intent.get("_return_url"):
            return web.FileResponse(STATIC / "answered.html")
        raise web.HTTPSeeOther(way_back(intent, secret))

    async def answer_for_holder(self, request: web.Request) -> web.StreamResponse:
        """For tests without a browser."""
        form = await request.post()
        success = form.get("success", "true") == "true"
        intent = self._decide(request, str(form.get("client_secret", "")), success=success)
        return web.json_response({"id": intent["id"], "status": intent["status"]})


def way_back(intent: dict[str, Any], secret: str) -> str:
    """The shop's return_url with what Stripe adds to it."""
    name, url = intent["object"], intent["_return_url"]
    told = "succeeded" if intent["status"] in SETTLED else "failed"
    added = urlencode({name: intent["id"], f"{name}_client_secret": secret, "redirect_status": told})
    return f"{url}{'&' if urlsplit(url).query else '?'}{added}"


def _file(path: Path) -> Any:
    async def serve(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path)

    return serve


def add_to(app: web.Application, store: Store) -> None:
    bank = Bank(store)
    for path, name in FILES.items():
        app.router.add_get(path, _file(STATIC / name))
    app.router.add_get("/3ds/{id}", bank.ask)
    app.router.add_post("/3ds/{id}", bank.answer)
    app.router.add_post("/v1/payment_intents/{id}/_authenticate", bank.answer_for_holder)
    app.router.add_post("/v1/setup_intents/{id}/_authenticate", bank.answer_for_holder)
