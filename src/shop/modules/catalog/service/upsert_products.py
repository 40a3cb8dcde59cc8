"""Write products, made or updated by slug: what an import, the demo and the back office all end in.

Prices and stock are not the catalogue's: the caller sets them through their ports with the variant ids of the results.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from shop.contracts.catalog import ProductId, ProductsChanged, VariantId
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.errors import SkuTaken
from shop.modules.catalog.repository import writing
from shop.modules.catalog.repository.writing import CategoryLink, ImageRow, ProductRow, VariantRow, Written
from shop.modules.catalog.rules import (
    ATTRIBUTE_CODE,
    attribute_code,
    category_slug,
    draft_problems,
    option_names,
    ordered_options,
    sanitised,
    stored_value,
    type_of,
    value_problem,
)
from shop.modules.catalog.schemas import AttributeDefinition, AttributeType, ProductDraft, ProductResult
from shop.modules.catalog.service.upsert_categories import upsert_categories

BATCH: Final = 500

Types = Mapping[str, AttributeType]


async def upsert_products(
    uow: UnitOfWork,
    drafts: Sequence[ProductDraft],
    attributes: Iterable[AttributeDefinition] = (),
    *,
    types: Types | None = None,
) -> list[ProductResult]:
    """A result per draft, in their order: good ones are kept though others fail. At most BATCH drafts at a time.

    `attributes` define what the drafts' attributes are called and hold; those not defined yet take the type of the
    first value. `types` are what `define_attributes` told of them already. Raises SkuTaken when another transaction
    took a SKU meanwhile, nothing being kept then.
    """
    if len(drafts) > BATCH:
        raise ValueError(f"{len(drafts)} products at once; at most {BATCH}")
    if types is None:
        types = await define_attributes(uow, drafts, attributes)
    problems = await _problems(uow, drafts, types)
    good = [draft for place, draft in enumerate(drafts) if place not in problems]
    written = await _write(uow, good, types)
    return [
        ProductResult(draft.slug, "failed", problems=tuple(problems[place]))
        if place in problems
        else written[draft.slug]
        for place, draft in enumerate(drafts)
    ]


async def define_attributes(
    uow: UnitOfWork, drafts: Sequence[ProductDraft], attributes: Iterable[AttributeDefinition] = ()
) -> Types:
    """The types of all attributes and options of `drafts`: what is defined stays, others become what `attributes` say,
    or what the first value is."""
    definitions = {each.code: each for each in attributes if ATTRIBUTE_CODE.fullmatch(each.code)}
    for draft in drafts:
        for code, value in draft.attributes.items():
            if ATTRIBUTE_CODE.fullmatch(code) and code not in definitions:
                label = code.replace("_", " ").capitalize()
                definitions[code] = AttributeDefinition(code, label, type_of(value))
        for name in option_names(draft):
            if (code := attribute_code(name)) and code not in definitions:
                definitions[code] = AttributeDefinition(code, name[:60])
    return await writing.define_attributes(uow, list(definitions.values())) if definitions else {}


async def _problems(uow: UnitOfWork, drafts: Sequence[ProductDraft], types: Types) -> dict[int, list[str]]:
    """By the draft's place; drafts without any are left out."""
    slugs = Counter(draft.slug for draft in drafts)
    skus = Counter(variant.sku for draft in drafts for variant in draft.variants)
    owners = await writing.owners_of_skus(uow, [sku for sku in skus if "\x00" not in sku])
    found: dict[int, list[str]] = {}
    for place, draft in enumerate(drafts):
        problems = draft_problems(draft)
        if slugs[draft.slug] > 1:
            problems.append(f"slug {draft.slug}: is there twice")
        own = {variant.sku for variant in draft.variants}
        for sku in sorted(own):
            if owners.get(sku, draft.slug) != draft.slug:
                problems.append(f"sku {sku}: belongs to the product {owners[sku]}")
            elif skus[sku] > sum(variant.sku == sku for variant in draft.variants):
                problems.append(f"sku {sku}: is in two products")
        for code, value in draft.attributes.items():
            if problem := value_problem(types.get(code, type_of(value)), value):
                problems.append(f"attribute {code}: {problem}, not {value!r}")
        if problems:
            found[place] = problems
    return found


async def _write(uow: UnitOfWork, drafts: Sequence[ProductDraft], types: Types) -> dict[str, ProductResult]:
    if not drafts:
        return {}
    category_ids = await upsert_categories(uow, {path: None for draft in drafts for path in draft.categories})
    products = await writing.upsert_products(uow, [_product_row(draft, types) for draft in drafts])
    ids = [product.id for product in products.values()]
    variants = [row for draft in drafts for row in _variant_rows(draft, products[draft.slug].id)]
    variant_ids = await writing.replace_variants(uow, ids, variants)
    if len(variant_ids) < len(variants):
        raise SkuTaken
    images = [row for draft in drafts for row in _image_rows(draft, products[draft.slug].id)]
    await writing.replace_images(uow, ids, images)
    links = [link for draft in drafts for link in _links(draft, products[draft.slug].id, category_ids)]
    await writing.replace_categories(uow, ids, links)
    uow.emit(ProductsChanged(product_ids=tuple(sorted(ids))))
    return {draft.slug: _result(draft, products[draft.slug], variant_ids) for draft in drafts}


def _product_row(draft: ProductDraft, types: Types) -> ProductRow:
    return ProductRow(
        id=new_id(),
        slug=draft.slug,
        title=draft.title.strip(),
        description_html=sanitised(draft.description_html),
        status=draft.status,
        attributes={
            code: stored_value(types.get(code, type_of(value)), value) for code, value in draft.attributes.items()
        },
        option_names=option_names(draft),
        seo_title=draft.seo_title,
        seo_description=draft.seo_description,
        published_at=draft.published_at,
    )


def _variant_rows(draft: ProductDraft, product_id: UUID) -> Iterable[VariantRow]:
    names = option_names(draft)
    for position, variant in enumerate(draft.variants):
        options = ordered_options(variant, names)
        yield VariantRow(new_id(), product_id, variant.sku, options, variant.weight_grams, position, variant.image)


def _image_rows(draft: ProductDraft, product_id: UUID) -> Iterable[ImageRow]:
    for position, image in enumerate(draft.images):
        yield ImageRow(new_id(), product_id, image.name, image.alt, image.width, image.height, position)


def _links(draft: ProductDraft, product_id: UUID, category_ids: Mapping[str, UUID]) -> Iterable[CategoryLink]:
    slugs = dict.fromkeys(category_slug(path) for path in draft.categories)
    for position, slug in enumerate(slugs):
        yield CategoryLink(product_id, category_ids[slug], position)


def _result(draft: ProductDraft, product: Written, variant_ids: Mapping[str, UUID]) -> ProductResult:
    return ProductResult(
        slug=draft.slug,
        outcome="created" if product.created else "updated",
        product_id=ProductId(product.id),
        variant_ids={variant.sku: VariantId(variant_ids[variant.sku]) for variant in draft.variants},
    )
