"""Keep the read model right: cards from products, prices and stock.

A card is written only when something it was made from has changed, so events that come twice, or three for one import,
cost reading alone.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import LOW_STOCK, Stock, StockLevel
from shop.contracts.pricing import Price, Prices
from shop.kernel.config import settings
from shop.kernel.media.names import media_url
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import read_model, ready_listing
from shop.modules.catalog.repository.read_model import EVERYTHING, CardRow, Placement, Present, Source
from shop.modules.catalog.rules import (
    attribute_code,
    card_terms,
    facet_value,
    plain_text,
    product_url,
    search_words,
    sku_words,
)
from shop.modules.catalog.schemas import Item, Rating
from shop.modules.catalog.swatches import is_color

INDEXED_CHARACTERS: Final = 20_000
"""Of a description; what it says further down finds nobody."""
UNPLACED: Final = Placement([], "")


async def rebuild_cards_of_variants(uow: UnitOfWork, variant_ids: Sequence[UUID]) -> None:
    await rebuild_cards(uow, await read_model.products_of(uow, variant_ids))


async def rebuild_cards(uow: UnitOfWork, product_ids: Sequence[UUID]) -> None:
    """Cards, their places and the search index of these products, in every currency the catalogue is offered in."""
    ids = sorted(set(product_ids))
    if not ids:
        return
    await read_model.lock_products(uow, ids)
    wanted = await _cards(uow, ids)
    present = await read_model.present_cards(uow, ids)
    changed = [card for key, card in wanted.items() if key not in present or present[key].digest.hex() != card.digest]
    gone = [key for key in present if key not in wanted]
    uow.invalidate(*(f"product:{product_id}" for product_id in ids))
    if not changed and not gone:
        return
    await read_model.replace_cards(uow, [_indexed(card) for card in changed], gone)
    touched = {card.product_id for card in changed} | {product_id for product_id, _ in gone}
    await read_model.replace_places(
        uow, sorted(touched), [card for card in wanted.values() if card.product_id in touched]
    )
    if dirty := _recounted(wanted, present):
        await ready_listing.mark_dirty(uow, sorted(dirty))
    uow.invalidate("listing", "home")


async def _cards(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[tuple[UUID, str], CardRow]:
    sources = await read_model.load_sources(uow, ids)
    if not sources:
        return {}
    placements = await read_model.load_placements(uow, ids)
    facets, currencies = await read_model.facet_codes_and_currencies(uow)
    variant_ids = [VariantId(variant.id) for source in sources for variant in source.variants]
    levels = await port(Stock).levels(uow, variant_ids)
    cards = {}
    for currency in sorted({settings().currency, *currencies}):
        prices = await port(Prices).prices(uow, variant_ids, currency)
        for source in sources:
            if card := _card(source, placements.get(source.id, UNPLACED), facets, prices, levels):
                cards[source.id, currency] = card
    return cards


def _card(
    source: Source,
    placement: Placement,
    facets: frozenset[str],
    prices: Mapping[VariantId, Price],
    levels: Mapping[VariantId, StockLevel],
) -> CardRow | None:
    """None when no variant has a price: what can't be bought isn't listed."""
    sold = [(variant, prices[VariantId(variant.id)]) for variant in source.variants if variant.id in prices]
    if not sold:
        return None
    default, price = sold[0]
    options = [option for variant, _ in sold for option in variant.options]
    attributes = [facet_value(value) for value in source.attributes.values() if not isinstance(value, bool)]
    available = sum(levels[VariantId(variant.id)].available for variant, _ in sold)
    colors = tuple(dict.fromkeys(value for name, value in options if is_color(attribute_code(name))))
    item = Item(
        id=source.id,
        slug=source.slug,
        sku=default.sku,
        title=source.title,
        price=price.amount,
        compare_at_price=price.compare_at,
        price_varies=any(other.amount.amount > price.amount.amount for _, other in sold)
        and all(other.amount.amount >= price.amount.amount for _, other in sold),
        in_stock=available > 0,
        rating=Rating(0, 0),
        image=media_url(source.images[0]) if source.images else None,
        url=product_url(source.slug),
        image_alternate=media_url(source.images[1]) if len(source.images) > 1 else None,
        low_stock=0 < available <= LOW_STOCK,
        colors=colors if len(colors) > 1 else (),
        published_at=source.published_at,
    )
    card = CardRow(
        product_id=source.id,
        currency=price.amount.currency,
        slug=source.slug,
        title=source.title,
        item=msgspec.json.encode(item).decode(),
        price=price.amount.amount,
        in_stock=item.in_stock,
        rating_average=item.rating.average,
        rating_count=item.rating.count,
        image=source.images[0] if source.images else None,
        published_at=source.published_at,
        terms=card_terms(source.attributes, facets, options),
        named=source.title,
        skus=[variant.sku for variant, _ in sold],
        sorted_in=placement.titles,
        described_by=" ".join([*attributes, *dict.fromkeys(value for _, value in options)]),
        told=source.description_html,
        categories=[EVERYTHING, *placement.ids],
    )
    return msgspec.structs.replace(card, digest=blake2b(msgspec.json.encode(card), digest_size=16).hexdigest())


def _indexed(card: CardRow) -> CardRow:
    """With folded words for the search index: worth its time only where a card is written."""
    return msgspec.structs.replace(
        card,
        named=f"{search_words(card.named)} {sku_words(card.skus)}",
        sorted_in=search_words(card.sorted_in),
        described_by=search_words(card.described_by),
        told=search_words(plain_text(card.told)[:INDEXED_CHARACTERS]),
    )


def _recounted(wanted: Mapping[tuple[UUID, str], CardRow], present: Mapping[tuple[UUID, str], Present]) -> set[UUID]:
    """The categories whose totals, facets or index are due: a card came, went, moved, or is filtered otherwise."""
    dirty: set[UUID] = set()
    for key in wanted.keys() | present.keys():
        after, before = wanted.get(key), present.get(key)
        if (
            after
            and before
            and (after.terms, after.price, after.in_stock) == (before.terms, before.price, before.in_stock)
            and set(after.categories) == set(before.categories)
        ):
            continue
        dirty.update(after.categories if after else (), before.categories if before else ())
    return dirty
