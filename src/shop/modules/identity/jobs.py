"""Scheduled work of identity."""

from typing import Final

from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.modules.identity import service

BATCH: Final = 2000


async def purge_expired() -> None:
    """Sessions, tokens and links that are over go in small transactions, so that no lock is held for long."""
    while await write(service.purge, BATCH) >= BATCH:
        pass


JOBS: Final = (Job("identity.purge_expired", 3600, purge_expired),)
