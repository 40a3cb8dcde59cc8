"""Scheduled work of identity."""

from typing import Final

import structlog

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import ShopError
from shop.kernel.manifest import Job
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import housekeeping
from shop.modules.identity.service import person, signing_keys

log = structlog.get_logger(__name__)

BATCH: Final = 2000


async def purge_expired() -> None:
    """Sessions, tokens and links that are over go in small transactions, so that no lock is held for long."""
    while await write(_purge) >= BATCH:
        pass


async def _purge(uow: UnitOfWork) -> int:
    return await housekeeping.purge(uow, clock.now(), BATCH)


async def make_next_key() -> None:
    await write(signing_keys.make_next_key)


async def erase_closed_accounts() -> None:
    """Each in a transaction of its own: one that can't be erased yet holds up no other."""
    for account_id in await read(person.find_due):
        try:
            await write(person.erase_closed, account_id)
        except ShopError as refusal:
            log.warning("erasure_postponed", account=str(account_id), reason=refusal.code)


JOBS: Final = (
    Job("identity.erase_closed_accounts", 300, erase_closed_accounts),
    Job("identity.purge_expired", 3600, purge_expired),
    Job("identity.make_next_key", 3600, make_next_key),
)
