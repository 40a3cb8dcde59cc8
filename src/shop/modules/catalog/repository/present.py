"""SQL that reads products as they are, many at once, for those who compare them with what they should be."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.schemas import PresentProduct

PRODUCT_FIELDS: Final = """
        'id', p.id, 'slug', p.slug, 'title', p.title, 'description_html', p.description_html,
        'status', p.status, 'attributes', p.attributes, 'option_names', p.option_names, 'seo_title', p.seo_title,
        'seo_description', p.seo_description, 'published_at', p.published_at,
        'variants', coalesce((
            select jsonb_agg(jsonb_build_object('id', v.id, 'sku', v.sku, 'options', v.options,
                'weight_grams', v.weight_grams, 'image', v.image) order by v.position, v.id)
            from catalog.variant v where v.product_id = p.id and v.active), '[]')"""
"""Of `catalog.product p`, with its variants on sale, as arguments of jsonb_build_object."""
_PRESENT = text(
    f"""
    select jsonb_build_object({PRODUCT_FIELDS},
        'images', coalesce((
            select jsonb_agg(jsonb_build_object('name', i.name, 'width', i.width, 'height', i.height, 'alt', i.alt)
                order by i.position, i.id)
            from catalog.image i where i.product_id = p.id), '[]'),
        'categories', coalesce((
            select jsonb_agg(c.slug order by pc.position, c.slug)
            from catalog.product_category pc join catalog.category c on c.id = pc.category_id
            where pc.product_id = p.id), '[]'))::text
    from catalog.product p where p.slug = any(:slugs)
    """
)
_ANY = text("select exists (select from catalog.product)")


async def find_present(uow: UnitOfWork, slugs: Sequence[str]) -> list[PresentProduct]:
    rows = await sql(uow).execute(_PRESENT, {"slugs": list(slugs)})
    return [msgspec.json.decode(row, type=PresentProduct) for row in rows.scalars()]


async def has_products(uow: UnitOfWork) -> bool:
    return bool((await sql(uow).execute(_ANY)).scalar_one())
