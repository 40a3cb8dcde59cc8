"""What one request, or one act of the dashboard, writes into the books: objects, the events about them, what is due later."""

import copy
import random
import secrets
import string
import time
from typing import Any

from tests.fakes.stripe_api.errors import no_such
from tests.fakes.stripe_api.store import Store

API_VERSION = "2026-10-28.endive"
LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"


def public(thing: Any) -> Any:
    """Without what only we know of it: names that begin with an underscore."""
    if isinstance(thing, dict):
        return {name: public(value) for name, value in thing.items() if not name.startswith("_")}
    return [public(each) for each in thing] if isinstance(thing, list) else thing


class Books:
    """Opened for one request. `request_id` is None where Stripe or the dashboard act by themselves."""

    def __init__(
        self, store: Store, request_id: str | None = None, key: str | None = None, version: str = API_VERSION
    ) -> None:
        self.store, self.version = store, version
        self.now = int(time.time())
        self._request = {"id": request_id, "idempotency_key": key}

    def get(self, kind: str, id_: str, param: str | None = None) -> dict[str, Any]:
        """`param`: the parameter that held the id; None for the path."""
        found = self.store.find(id_)
        if found is None or found["object"] != kind or found.get("_gone"):
            raise no_such(kind, id_, param)
        return found

    def save(self, thing: dict[str, Any]) -> dict[str, Any]:
        self.store.put(thing)
        return thing

    def tell(self, what: str, thing: dict[str, Any], previous: dict[str, Any] | None = None) -> None:
        """Make the event and what is to be delivered of it."""
        endpoints = [
            each
            for each in self.store.having("webhook_endpoint")
            if each["status"] == "enabled" and {what, "*"} & set(each["enabled_events"])
        ]
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": {"object": public(copy.deepcopy(thing))}
            | ({"previous_attributes": previous} if previous is not None else {}),
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": self._request,
            "type": what,
        }
        self.store.put(event)
        for endpoint in endpoints:
            self._post(event, endpoint)

    def _post(self, event: dict[str, Any], endpoint: dict[str, Any]) -> None:
        """Shares are drawn from the seed and the number of the event, so that a run can be told again."""
        chaos = self.store.setting("webhooks", {})
        (newest,) = self.store.rows("select max(number) as number from object")
        draw = random.Random(f"{chaos.get('seed', 0)}:{newest['number']}:{endpoint['url']}")
        hit = {name: draw.random() < chaos.get(name, 0) for name in ("drop", "early", "forge", "double")}
        jitter = float(chaos.get("shuffle_seconds", 0))
        due = time.time() + float(chaos.get("delay_seconds", 0)) + draw.random() * jitter
        early = hit["early"] and self._request["id"] is not None
        rows = [(due, early, False, hit["drop"])]
        if hit["double"]:
            rows.append((due + draw.random() * max(jitter, 0.2), False, False, hit["drop"]))
        if hit["forge"]:
            rows.append((due, False, True, False))
        for row in rows:
            self.store.run(
                "insert into delivery (event, endpoint, due, early, forged, dropped) values (?, ?, ?, ?, ?, ?)",
                event["id"],
                endpoint["id"],
                *row,
            )

    def later(self, setting: str, default: float, action: str, id_: str) -> None:
        """Do `action` (of later.py) with the object in as many seconds as the setting says; never where it says null."""
        seconds = self.store.setting(setting, default)
        if seconds is not None:
            self.store.run(
                "insert into later (due, action, id) values (?, ?, ?)", time.time() + float(seconds), action, id_
            )

    def forget_later(self, action: str, id_: str) -> None:
        self.store.run("delete from later where action = ? and id = ?", action, id_)
