"""What a test does to the gateway beside the API: POST /_control {"action": ..., ...}, as Stripe's dashboard or as fate.

Acts that change what the shop should know of are in the gateway log, as made by "dashboard".
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.stripe_api import (
    cards,
    charging,
    disputes,
    events,
    faults,
    later,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    summary,
)
from tests.fakes.stripe_api.books import Books, new_id, public
from tests.fakes.stripe_api.errors import StripeRefusal, unexpected_state
from tests.fakes.stripe_api.forms import Params
from tests.fakes.stripe_api.server import write_log
from tests.fakes.stripe_api.store import Store

Asked = dict[str, Any]
FOREVER = 1e12


def set_faults(store: Store, asked: Asked) -> Any:
    """`rules` as in faults.py, or "usual" with `hang_seconds` where a test has no time."""
    rules = asked.get("rules", [])
    if rules == "usual":
        rules = faults.usual(asked.get("hang_seconds", 30))
    faults.set_rules(store, rules, asked.get("seed", 0))


def set_webhooks(store: Store, asked: Asked) -> Any:
    """Shares `double`, `drop`, `early`, `forge`; `shuffle_seconds`, `delay_seconds`, `seed`."""
    store.set("webhooks", {name: value for name, value in asked.items() if name != "action"})


def settings(store: Store, asked: Asked) -> Any:
    """search_lag_seconds, settle_seconds, processing_seconds, refund_seconds, retry_seconds, raw_cards; null: never."""
    for name, value in asked.items():
        if name != "action":
            store.set(name, value)


def register_webhook(store: Store, asked: Asked) -> Any:
    """One endpoint for each URL."""
    for known in store.having("webhook_endpoint", url=asked["url"]):
        store.remove(known["id"])
    return public(events.new_endpoint(Books(store), asked["url"], asked["secret"], asked.get("events") or ["*"]))


def forget_webhooks(store: Store, asked: Asked) -> Any:
    for known in store.having("webhook_endpoint"):
        store.remove(known["id"])


def forget_keys(store: Store, asked: Asked) -> Any:
    """As after a day."""
    store.run("delete from idempotency")


def behave(store: Store, asked: Asked) -> Any:
    """No faults, well-mannered webhooks."""
    faults.set_rules(store, [], 0)
    store.set("webhooks", {})
    store.set("search_lag_seconds", 0)


def resend(store: Store, asked: Asked) -> Any:
    events.resend(Books(store), asked["event"])


def authenticate(books: Books, asked: Asked) -> Any:
    """The holder answers their bank."""
    subject = charging if asked["intent"].startswith("pi_") else setup_intents
    kind = "payment_intent" if subject is charging else "setup_intent"
    return subject.authenticate(books, books.get(kind, asked["intent"]), success=asked.get("success", True))


def pay(books: Books, asked: Asked) -> Any:
    """The buyer confirms an intent in their browser with a named card; a decline is told by the intent."""
    intent = books.get("payment_intent", asked["intent"])
    if intent["status"] not in payment_intents.OPEN:
        raise unexpected_state(f"Its status is {intent['status']}.", public(intent))
    if asked.get("keep"):
        intent["setup_future_usage"] = "off_session"
    method = payment_methods.usable(books, asked.get("card", "pm_card_visa"), intent["customer"])
    way_back = asked.get("return_url", "http://127.0.0.1/back")
    try:
        return charging.confirm(books, intent, method, off_session=False, return_url=way_back)
    except StripeRefusal as refusal:
        return refusal.error["payment_intent"]


def end_processing(books: Books, asked: Asked) -> Any:
    intent = books.get("payment_intent", asked["intent"])
    books.forget_later("end_processing", intent["id"])
    return charging.end_processing(books, intent, success=asked.get("success", True))


def set_amount(books: Books, asked: Asked) -> Any:
    """Somebody changes what an open intent asks for."""
    intent = books.get("payment_intent", asked["intent"])
    if intent["status"] not in payment_intents.OPEN:
        raise unexpected_state(f"Its status is {intent['status']}.", public(intent))
    intent["amount"] = asked["amount"]
    return books.save(intent)


def say(books: Books, asked: Asked) -> Any:
    """From now on an intent is told with a `status` that nobody has heard of."""
    intent = books.get("payment_intent", asked["intent"])
    intent["status"] = asked["status"]
    return books.save(intent)


def cancel(books: Books, asked: Asked) -> Any:
    intent = books.get("payment_intent", asked["intent"])
    if intent["status"] not in payment_intents.CANCELLABLE:
        raise unexpected_state(f"Its status is {intent['status']}.", public(intent))
    return payment_intents.cancelled(books, intent, asked.get("reason"))


def expire_authorization(books: Books, asked: Asked) -> Any:
    """Nobody captured it within seven days."""
    intent = books.get("payment_intent", asked["intent"])
    if intent["status"] != "requires_capture":
        raise unexpected_state(f"Its status is {intent['status']}.", public(intent))
    return payment_intents.cancelled(books, intent, "automatic", "charge.expired")


def refund(books: Books, asked: Asked) -> Any:
    intent = books.get("payment_intent", asked["intent"])
    charge = books.get("charge", intent["latest_charge"])
    return refunds.give_back(books, charge, asked.get("amount"), asked.get("metadata", {}), "requested_by_customer")


def fail_refund(books: Books, asked: Asked) -> Any:
    """A refund that had looked well is sent back by the bank."""
    books.forget_later("arrive", asked["refund"])
    return refunds.send_back(books, books.get("refund", asked["refund"]))


def charge(books: Books, asked: Asked) -> Any:
    """Money that the shop never asked for; `metadata` may name one of its payments all the same."""
    params = Params({"allowed_payment_method_types": ["card"], "metadata": asked.get("metadata", {})})
    intent = payment_intents.build(books, asked["amount"], asked.get("currency", "eur"), params)
    books.save(intent)
    books.tell("payment_intent.created", intent)
    card = cards.named(asked.get("card", "pm_card_visa"))
    assert card is not None
    method = books.save(payment_methods.build(books, card))
    return charging.confirm(books, intent, method, off_session=False, return_url=None)


def dispute(books: Books, asked: Asked) -> Any:
    intent = books.get("payment_intent", asked["intent"])
    return disputes.open_one(
        books,
        books.get("charge", intent["latest_charge"]),
        asked.get("reason", "fraudulent"),
        inquiry=asked.get("inquiry", False),
        amount=asked.get("amount"),
    )


def decide_dispute(books: Books, asked: Asked) -> Any:
    return disputes.decide(books, books.get("dispute", asked["dispute"]), won=asked["won"])


def expire(books: Books, asked: Asked) -> Any:
    """A kept card runs out."""
    method = books.get("payment_method", asked["payment_method"])
    method["card"] |= {"exp_month": asked["exp_month"], "exp_year": asked["exp_year"]}
    books.save(method)
    books.tell("payment_method.automatically_updated", method)
    return method


MANNERS: dict[str, Callable[[Store, Asked], Any]] = {
    "faults": set_faults,
    "webhooks": set_webhooks,
    "settings": settings,
    "register_webhook": register_webhook,
    "forget_webhooks": forget_webhooks,
    "forget_keys": forget_keys,
    "behave": behave,
    "resend": resend,
}
DASHBOARD: dict[str, Callable[[Books, Asked], Any]] = {
    "authenticate": authenticate,
    "pay": pay,
    "end_processing": end_processing,
    "set_amount": set_amount,
    "say": say,
    "cancel": cancel,
    "expire_authorization": expire_authorization,
    "refund": refund,
    "fail_refund": fail_refund,
    "charge": charge,
    "dispute": dispute,
    "decide_dispute": decide_dispute,
    "expire": expire,
}


class Control:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/_control", self._act)
        app.router.add_get("/_state", self._state)
        app.router.add_get("/_log", self._log)

    async def _act(self, request: web.Request) -> web.Response:
        asked = await request.json()
        action = asked.get("action")
        try:
            if action == "reset":
                base = self._store.setting("base")
                self._store.empty()
                self._store.set("base", base)
                return web.json_response({})
            if action == "advance":
                return web.json_response({"done": later.do_due(self._store, FOREVER)})
            with self._store.transaction():
                if action in MANNERS:
                    return web.json_response(MANNERS[action](self._store, asked) or {})
                if action in DASHBOARD:
                    return web.json_response(self._by_dashboard(action, asked))
        except StripeRefusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        except (KeyError, ValueError, TypeError) as error:
            return web.json_response({"error": {"message": repr(error)}}, status=400)
        known = sorted({*MANNERS, *DASHBOARD, "reset", "advance", "away"})
        return web.json_response({"error": {"message": f"No such action; there are {known}"}}, status=404)

    def _by_dashboard(self, action: str, asked: Asked) -> dict[str, Any]:
        made = public(DASHBOARD[action](Books(self._store), asked))
        write_log(self._store, new_id("dash", 14), "DASHBOARD", action, asked, None, "dashboard", 200, made)
        return made

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(summary.state(self._store))

    async def _log(self, request: web.Request) -> web.Response:
        return web.json_response(summary.log(self._store))
