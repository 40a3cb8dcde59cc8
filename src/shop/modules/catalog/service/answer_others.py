"""What other modules ask of the catalogue: which variants there are, and what came last."""

from collections.abc import Sequence
from typing import Final

from shop.contracts.catalog import Card, ProductId, Variant, VariantId
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import descriptions, listing, variants
from shop.modules.catalog.rules import plain_text

OPENING: Final = 240
"""Characters that a description's first sentences may fill."""


async def find_variants(uow: UnitOfWork, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
    """The variants among `ids` that exist, sold or not."""
    return await variants.find_variants(uow, ids) if ids else {}


async def newest_cards(uow: UnitOfWork, currency: str, limit: int) -> list[Card]:
    """The products that came last among those on sale in `currency`, newest first."""
    return await listing.newest_cards(uow, currency, limit)


async def openings(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, str]:
    """The first sentences of what is told about each of `ids`; none for a product without description."""
    told = await descriptions.find_descriptions(uow, ids) if ids else {}
    found = {key: _opening(" ".join(plain_text(html).split())) for key, html in told.items()}
    return {key: words for key, words in found.items() if words}


def _opening(words: str) -> str:
    """As many whole sentences as fit; the first one cut short when it alone is longer."""
    if len(words) <= OPENING:
        return words
    end = max(words.rfind(f"{mark} ", 0, OPENING) for mark in ".!?")
    return words[: end + 1] if end > 0 else f"{words[:OPENING].rsplit(' ', 1)[0]}…"
