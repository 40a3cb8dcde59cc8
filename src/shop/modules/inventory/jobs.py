"""Scheduled work of inventory: goods that nobody paid for in time are for sale again."""

from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.modules.inventory import service


async def expire_reservations() -> None:
    """Batch by batch, each a transaction of its own, so that a long queue holds no lock for long."""
    moment = clock.now()
    while await write(service.expire_batch, moment):
        pass


JOBS = (Job("inventory.expire_reservations", 5, expire_reservations),)
