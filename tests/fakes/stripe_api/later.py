"""What Stripe does by itself after a while: settles, hears from banks, brings refunds to their cards."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tests.fakes.stripe_api import charges, charging, refunds
from tests.fakes.stripe_api.books import Books
from tests.fakes.stripe_api.payment_methods import behaviour
from tests.fakes.stripe_api.store import Store

PAUSE_SECONDS = 0.05


def settle(books: Books, charge: dict[str, Any]) -> None:
    charge["balance_transaction"] = charges.settle(books, charge)["id"]
    books.save(charge)
    books.tell("charge.updated", charge, {"balance_transaction": None})


def end_processing(books: Books, intent: dict[str, Any]) -> None:
    method = books.get("payment_method", intent["payment_method"])
    charging.end_processing(books, intent, success=behaviour(method).bank_days == "succeeds")


ACTIONS: dict[str, Callable[[Books, dict[str, Any]], Any]] = {
    "settle": settle,
    "end_processing": end_processing,
    "arrive": refunds.arrive,
    "send_back": refunds.send_back,
}


def do_due(store: Store, until: float) -> int:
    """Returns how much was done; each by itself, so that a kill between two loses nothing."""
    due = store.rows("select n, action, id from later where due <= ? order by due, n", until)
    for row in due:
        with store.transaction():
            thing = store.find(row["id"])
            if thing is not None:
                ACTIONS[row["action"]](Books(store), thing)
            store.run("delete from later where n = ?", row["n"])
    return len(due)


async def keep_doing(store: Store) -> None:
    while True:
        do_due(store, time.time())
        await asyncio.sleep(PAUSE_SECONDS)
