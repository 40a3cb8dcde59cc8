"""What every part of the fake works with: the books, the orders of the test, and a call as it came in."""

import random
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from tests.fakes.paypal_api.books import Books

Fault = Literal["lost_answer", "error_after", "error_before", "hang", "hang_before", "expired_token", "rate_limited"]


class PlannedFault(msgspec.Struct):
    """Befalls the next `times` calls whose method and path fit; `path` is a part of it."""

    fault: Fault
    path: str = ""
    method: str = ""
    times: int = 1


class Webhooks(msgspec.Struct):
    """How events are told. Shares are of 1; `delay` and `shuffle` seconds, the latter the most that chance adds."""

    paused: bool = False
    delay: float = 0
    shuffle: float = 0
    doubled: float = 0
    early: float = 0
    """Before the answer to the call that caused the event."""
    dropped: float = 0
    forged: float = 0
    """An event that never was, on top of a true one, signed as forgers can."""
    retry_seconds: float = 0.2
    """Before the second try; doubled for each further one, at most 25."""


class Control(msgspec.Struct):
    """What a test orders; kept over a restart."""

    seed: int = 0
    faults: dict[Fault, float] = {}
    """Share of the API calls that each befalls."""
    planned: list[PlannedFault] = []
    hang_seconds: float = 30
    away: bool = False
    clock_offset: float = 0
    token_seconds: int = 32_400
    order_key_seconds: float = 6 * 3600
    payment_key_seconds: float = 45 * 86_400
    vault_key_seconds: float = 3 * 3600
    order_seconds: float = 3 * 3600
    """How long the payer may take to approve; then the order is gone."""
    approval_seconds: float = 3 * 3600
    """How long an approved order may be captured or authorized."""
    capture_outcomes: list[str] = []
    """Of the next captures: COMPLETED, PENDING, DECLINED, INSTRUMENT_DECLINED or TRANSACTION_REFUSED."""
    refund_outcomes: list[str] = []
    """Of the next refunds: COMPLETED, PENDING or FAILED."""
    replays_refusals: bool = True
    """A declined capture stays declined under its request id."""
    blocks_duplicate_invoices: bool = True
    vaults_later: bool = False
    """While it is so, orders say APPROVED of what they keep, and only a webhook names the payment token."""
    vault_allowed: bool = True
    reporting_allowed: bool = True
    reporting_lag: float = 0
    webhooks: Webhooks = msgspec.field(default_factory=Webhooks)


class Call(msgspec.Struct):
    base: str
    method: str
    path: str
    body: dict[str, Any]
    query: dict[str, str]
    request_id: str | None = None
    representation: bool = False
    ids: dict[str, str] = {}


class Answer(msgspec.Struct):
    """`again`: the thing whose present state a repeat of this call is answered with."""

    status: int
    body: dict[str, Any] | None
    again: tuple[str, str] | None = None


class Desk:
    """`tell(type, resource_type, resource)` makes an event of the transaction under way."""

    def __init__(self, books: Books, tell: Callable[[str, str, dict[str, Any]], None]) -> None:
        self.books = books
        self.tell = tell
        self.control = Control()
        self.chance = random.Random(0)
        self.base = ""

    def obey(self, control: Control) -> None:
        self.control = control
        self.chance = random.Random(control.seed)
        self.books.offset = control.clock_offset

    def next_of(self, outcomes: list[str], otherwise: str) -> str:
        if not outcomes:
            return otherwise
        outcome = outcomes.pop(0)
        self.books.remember("control", msgspec.json.encode(self.control).decode())
        return outcome


def link(base: str, path: str, rel: str, method: str = "GET") -> dict[str, str]:
    return {"href": f"{base}{path}", "rel": rel, "method": method}
