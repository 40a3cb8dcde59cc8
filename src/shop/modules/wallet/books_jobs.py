"""Scheduled work of the books."""

from typing import Final

from shop.kernel.manifest import Job
from shop.modules.wallet.service.check_books import check_daily


async def check_books_daily() -> None:
    await check_daily()


JOBS: Final = (Job("wallet.check_books", 3600, check_books_daily),)
"""Asked each hour whether a day has passed, so that a check which failed is made up for soon."""
