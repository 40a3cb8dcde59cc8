"""The two pages that a payer sees at PayPal: paying an order, and saving the account for later."""

from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from tests.fakes.paypal_api import orders, vault
from tests.fakes.paypal_api.desk import Desk
from tests.fakes.paypal_api.refusals import Refusal

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; color: #111 }}
button {{ font: inherit; min-height: 44px; padding: 0 1.5rem; border-radius: 22px; border: 1px solid #333; background: #fff }}
button.pay {{ background: #ffc439; border-color: #ffc439 }}
</style></head>
<body><main><h1>{title}</h1><p>{words}</p>{form}</main></body></html>"""
FORM = """<form method="post" action="{action}"><input type="hidden" name="id" value="{id}">
<button class="pay" name="answer" value="yes">{yes}</button>
<button name="answer" value="no">Cancel</button></form>"""


class Pages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/checkoutnow", self.show_order),
            web.post("/checkoutnow", self.decide_order),
            web.get("/agreements/approve", self.show_setup),
            web.post("/agreements/approve", self.decide_setup),
        ]

    async def show_order(self, request: web.Request) -> web.Response:
        order_id = request.query.get("token", "")
        try:
            order = orders.get_order(self._desk, order_id)
        except Refusal:
            return _page("Something went wrong", "This payment is not available any more.", status=404)
        if order["status"] == "COMPLETED":
            raise _back(order["context"].get("return_url"), {"token": order_id, "PayerID": order["payer"]["payer_id"]})
        amount = order["purchase_units"][0]["amount"]
        words = f"You are about to pay {amount['value']} {amount['currency_code']}. Nothing is charged: this is a test."
        form = FORM.format(action="/checkoutnow", id=escape(order_id), yes="Pay now")
        return _page("Pay with PayPal", words, form)

    async def decide_order(self, request: web.Request) -> web.Response:
        fields = await request.post()
        order_id, desk = str(fields.get("id")), self._desk
        try:
            if fields.get("answer") != "yes":
                order = orders.get_order(desk, order_id)
                raise _back(order["context"].get("cancel_url"), {"token": order_id})
            with desk.books.transaction():
                order = orders.approve_order(desk, order_id)
        except Refusal:
            return _page("Something went wrong", "This payment is not available any more.", status=404)
        raise _back(order["context"].get("return_url"), {"token": order_id, "PayerID": order["payer"]["payer_id"]})

    async def show_setup(self, request: web.Request) -> web.Response:
        setup_id = request.query.get("approval_session_id", "")
        try:
            vault.get_setup(self._desk, setup_id)
        except Refusal:
            return _page("Something went wrong", "This request is not available any more.", status=404)
        form = FORM.format(action="/agreements/approve", id=escape(setup_id), yes="Save and continue")
        return _page("Save PayPal for later", "The shop asks to keep your PayPal account for payments.", form)

    async def decide_setup(self, request: web.Request) -> web.Response:
        fields = await request.post()
        setup_id, desk = str(fields.get("id")), self._desk
        try:
            setup = vault.get_setup(desk, setup_id)
            told = {"approval_token_id": setup_id, "approval_session_id": setup_id}
            if fields.get("answer") != "yes":
                raise _back(setup["context"].get("cancel_url"), told)
            with desk.books.transaction():
                vault.approve_setup(desk, setup_id)
        except Refusal:
            return _page("Something went wrong", "This request is not available any more.", status=404)
        raise _back(setup["context"].get("return_url"), told)


def _back(url: str | None, told: dict[str, str]) -> web.HTTPFound:
    if not url:
        return web.HTTPFound("/checkoutnow/done")
    return web.HTTPFound(f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(told)}")


def _page(title: str, words: str, form: str = "", status: int = 200) -> web.Response:
    body = PAGE.format(title=escape(title), words=escape(words), form=form)
    return web.Response(text=body, content_type="text/html", status=status)
