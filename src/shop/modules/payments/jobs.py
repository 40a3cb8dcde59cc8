"""The sweep: whatever a payment or refund still waits for is asked for again, until it is settled. See docs/adr/0005. And what
is needed no longer is forgotten."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from shop.kernel.db import read, write
from shop.kernel.manifest import Job
from shop.modules.payments.repository import housekeeping, intents, refunds
from shop.modules.payments.service.process_payment import settle
from shop.modules.payments.service.process_refund import process_refund

EVERY_SECONDS: Final = 5
FORGET_EVERY_SECONDS: Final = 3600
AT_ONCE: Final = 8
"""Few enough that slow providers don't hold more than a pool of connections' worth of work."""
STOP_AFTER_SECONDS: Final = 60
"""Well within the lease of a job's run; what is left falls to the next."""


async def settle_open_payments() -> None:
    deadline = time.monotonic() + STOP_AFTER_SECONDS
    while time.monotonic() < deadline and (claimed := await write(intents.claim_due, AT_ONCE)):
        _raise_first(await asyncio.gather(*(settle(intent) for intent in claimed), return_exceptions=True))


async def settle_open_refunds() -> None:
    deadline = time.monotonic() + STOP_AFTER_SECONDS
    while time.monotonic() < deadline and (due := await read(refunds.list_due, AT_ONCE)):
        _raise_first(await asyncio.gather(*(process_refund(refund_id) for refund_id in due), return_exceptions=True))


async def forget_what_is_through() -> None:
    deadline = time.monotonic() + STOP_AFTER_SECONDS
    while await write(housekeeping.forget_some) and time.monotonic() < deadline:
        pass


def _raise_first(outcomes: Sequence[object]) -> None:
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise failures[0]


JOBS: Final = (
    Job("payments.settle_open_payments", EVERY_SECONDS, settle_open_payments),
    Job("payments.settle_open_refunds", EVERY_SECONDS, settle_open_refunds),
    Job("payments.forget_what_is_through", FORGET_EVERY_SECONDS, forget_what_is_through),
)
