"""Ids of events from outside are forgotten when nobody sends them again any more."""

from typing import Final

from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.modules.webhooks.repository import received_events
from shop.modules.webhooks.rules import KEPT

AT_ONCE: Final = 5000


async def forget_received_events() -> None:
    """Batch by batch, each a transaction of its own."""
    before = clock.now() - KEPT
    while await write(received_events.forget_received, before, AT_ONCE) == AT_ONCE:
        pass


JOBS: Final = (Job("webhooks.forget_received_events", 3600, forget_received_events),)
