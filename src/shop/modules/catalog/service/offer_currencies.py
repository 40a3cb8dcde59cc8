"""Say in which currencies, beside the shop's own, the catalogue has prices: each gives its products a card of its own."""

from collections.abc import Sequence

from shop.kernel.config import settings
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import writing


async def offer_currencies(uow: UnitOfWork, codes: Sequence[str]) -> None:
    """Before prices in them are set: cards are made when prices change."""
    others = sorted(set(codes) - {settings().currency})
    if others:
        await writing.offer_currencies(uow, others)
