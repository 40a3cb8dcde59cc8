"""Scheduled work of identity."""

from typing import Final

from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import housekeeping
from shop.modules.identity.service import signing_keys

BATCH: Final = 2000


async def purge_expired() -> None:
    """Sessions, tokens and links that are over go in small transactions, so that no lock is held for long."""
    while await write(_purge) >= BATCH:
        pass


async def _purge(uow: UnitOfWork) -> int:
    return await housekeeping.purge(uow, clock.now(), BATCH)


async def make_next_key() -> None:
    await write(signing_keys.make_next_key)


JOBS: Final = (
    Job("identity.purge_expired", 3600, purge_expired),
    Job("identity.make_next_key", 3600, make_next_key),
)
