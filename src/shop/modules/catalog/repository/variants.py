"""What others ask of products and variants, by id."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.contracts.catalog import ProductId, Variant, VariantId
from shop.kernel.db import sql
from shop.kernel.media.names import media_url
from shop.kernel.uow import UnitOfWork

_FIND_VARIANTS = text(
    """
    select v.id, v.product_id, v.sku, p.title, v.options::text options, p.slug, v.weight_grams,
        v.active and p.status = 'active' active,
        coalesce(v.image, (select i.name from catalog.image i where i.product_id = p.id order by i.position limit 1)) image
    from catalog.variant v join catalog.product p on p.id = v.product_id
    where v.id = any(:ids)
    """
)


def options_of(pairs: str) -> dict[str, str]:
    """A variant's options in order, from their JSON text."""
    return dict(msgspec.json.decode(pairs, type=list[tuple[str, str]]))


async def find_variants(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[VariantId, Variant]:
    rows = await sql(uow).execute(_FIND_VARIANTS, {"ids": list(ids)})
    return {
        VariantId(row.id): Variant(
            id=VariantId(row.id),
            product_id=ProductId(row.product_id),
            sku=row.sku,
            title=row.title,
            options=options_of(row.options),
            image=media_url(row.image) if row.image else None,
            url=f"/p/{row.slug}?variant={row.id}",
            weight_grams=row.weight_grams,
            active=row.active,
        )
        for row in rows
    }
