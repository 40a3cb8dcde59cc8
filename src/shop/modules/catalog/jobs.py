"""Scheduled work of the catalogue."""

from typing import Final

from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.modules.catalog.import_runs.begin import begin_waiting_run, forget_old_uploads
from shop.modules.catalog.service.make_picture_sizes import make_picture_sizes
from shop.modules.catalog.service.rebuild_listings import rebuild_dirty_listings


async def rebuild_listings() -> None:
    """Once for many changes of a category, instead of once for each."""
    while await write(rebuild_dirty_listings):
        pass


async def make_sizes() -> None:
    await make_picture_sizes()


async def run_imports() -> None:
    """Begins one and returns: how long an import takes is no concern of whoever runs jobs."""
    await begin_waiting_run()


async def forget_uploads() -> None:
    await forget_old_uploads()


JOBS: Final = (
    Job("catalog.rebuild_listings", 2, rebuild_listings),
    Job("catalog.make_picture_sizes", 5, make_sizes),
    Job("catalog.run_imports", 1, run_imports),
    Job("catalog.forget_uploads", 3600, forget_uploads),
)
