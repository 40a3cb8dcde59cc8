"""Scheduled work of the catalogue."""

from typing import Final

from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.modules.catalog.service.rebuild_listings import rebuild_dirty_listings


async def rebuild_listings() -> None:
    """Once for many changes of a category, instead of once for each."""
    while await write(rebuild_dirty_listings):
        pass


JOBS: Final = (Job("catalog.rebuild_listings", 2, rebuild_listings),)
