"""Scheduled work of the cart."""

from typing import Final

from shop.kernel.db import write
from shop.kernel.manifest import Job
from shop.modules.cart import repository
from shop.modules.cart.rules import GUEST_CART_DAYS

BATCH: Final = 500
"""Small, so that a purge after long neglect never holds many locks or a long transaction."""


async def forget_guest_carts() -> None:
    """Delete what guests left behind and have not touched for GUEST_CART_DAYS."""
    while await write(repository.delete_forgotten_guest_carts, GUEST_CART_DAYS, BATCH) == BATCH:
        pass


JOBS: Final = (Job("cart.forget_guest_carts", 6 * 3600, forget_guest_carts),)
