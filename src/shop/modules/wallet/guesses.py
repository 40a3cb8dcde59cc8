"""Guessing codes of gift cards is slowed down, by account and by address, on pages and over the API together."""

from typing import Any, Final
from uuid import UUID

from litestar import Request

from shop.kernel.http.ratelimit import address_of, limit

AT_MOST: Final = 10
PER_SECONDS: Final = 3600
"""Right codes count too: nobody redeems as many."""


async def count_guess(request: Request[Any, Any, Any], account_id: UUID) -> None:
    """Raises TooMany."""
    await limit("gift-cards", str(account_id), AT_MOST, PER_SECONDS)
    await limit("gift-cards", address_of(request), AT_MOST, PER_SECONDS)
