"""Save one batch of an import in one transaction: drafts that change something, prices and counts that differ."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import Stock, StockLevel, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.importing.cells import BadCell, read_attribute
from shop.modules.catalog.importing.plan import ProductPlan, VariantPlan
from shop.modules.catalog.importing.report import Issue, Outcome
from shop.modules.catalog.rules import category_slug, facet_value, sanitised, value_problem
from shop.modules.catalog.schemas import (
    AttributeDefinition,
    ImageDraft,
    PresentProduct,
    PresentVariant,
    ProductDraft,
    VariantDraft,
)
from shop.modules.catalog.service.find_present import find_owners, find_present
from shop.modules.catalog.service.offer_currencies import offer_currencies
from shop.modules.catalog.service.upsert_categories import upsert_categories
from shop.modules.catalog.service.upsert_products import Types, define_attributes, upsert_products

REASON = "import"


class Saved(msgspec.Struct, frozen=True):
    """What became of a plan. `skus` and `prices` count what stands in the shop as the file says."""

    outcome: Outcome
    issues: tuple[Issue, ...]
    skus: int = 0
    prices: int = 0
    pictures: int = 0


class _Unit(msgspec.Struct):
    """A plan under way."""

    plan: ProductPlan
    present: PresentProduct | None
    draft: ProductDraft
    variants: list[VariantPlan]
    issues: list[Issue]
    outcome: Outcome = "unchanged"
    variant_ids: dict[str, VariantId] = {}


async def save_products(
    uow: UnitOfWork, plans: Sequence[ProductPlan], defined: Sequence[AttributeDefinition] = ()
) -> list[Saved]:
    """A result per plan, in their order; attributes that are `defined` come before those of the plans.

    Raises SkuTaken or BelowReserved when another transaction came between; then nothing is kept and the same call may be
    made again."""
    owners = await find_owners(uow, [variant.draft.sku for plan in plans for variant in plan.variants])
    drafts = {place: _with_known_slug(plan, plan.draft, owners) for place, plan in enumerate(plans) if plan.draft}
    present = await find_present(uow, [draft.slug for draft in drafts.values()])
    units = {place: _unit(plans[place], draft, present.get(draft.slug), owners) for place, draft in drafts.items()}
    kept = [unit for unit in units.values() if unit.outcome != "refused"]
    await _save_drafts(uow, kept, defined)
    kept = [unit for unit in kept if unit.outcome != "refused"]
    await _save_prices(uow, kept)
    await _save_stock(uow, kept)
    return [
        _saved(units[place]) if place in units else Saved("refused", plan.issues) for place, plan in enumerate(plans)
    ]


def _with_known_slug(plan: ProductPlan, draft: ProductDraft, owners: Mapping[str, str]) -> ProductDraft:
    """A product whose address was made is known by its SKUs, so that a new title makes no second product."""
    if not plan.slug_is_made:
        return draft
    slugs = {owners[variant.sku] for variant in draft.variants if variant.sku in owners}
    return msgspec.structs.replace(draft, slug=slugs.pop()) if len(slugs) == 1 else draft


def _unit(
    plan: ProductPlan,
    draft: ProductDraft,
    present: PresentProduct | None,
    owners: Mapping[str, str],
) -> _Unit:
    """The draft with what the shop has and the file doesn't say: variants of refused rows, images of no folder."""
    foreign = {
        variant.draft.sku for variant in plan.variants if owners.get(variant.draft.sku, draft.slug) != draft.slug
    }
    issues = [
        *plan.issues,
        *(
            Issue(
                variant.row,
                variant.sku_column,
                f"{variant.draft.sku!r} belongs to the product {owners[variant.draft.sku]!r}",
            )
            for variant in plan.variants
            if variant.draft.sku in foreign
        ),
    ]
    variants = [variant for variant in plan.variants if variant.draft.sku not in foreign]
    stays = _staying(present, {*plan.refused_skus, *foreign}, draft, variants)
    images = draft.images if plan.images_known or present is None else present.images
    drafts = [_with_image(variant.draft, present, known=plan.images_known) for variant in variants]
    if present and stays:
        images, drafts = _beside(present, stays, images, drafts)
    complete = msgspec.structs.replace(
        draft,
        variants=tuple(drafts),
        images=images,
        status=draft.status or (present.status if present else plan.default_status),
    )
    outcome: Outcome = "unchanged" if variants else "refused"
    return _Unit(plan, present, complete, variants, issues, outcome)


def _with_image(draft: VariantDraft, present: PresentProduct | None, *, known: bool) -> VariantDraft:
    if known or present is None:
        return draft
    image = next((each.image for each in present.variants if each.sku == draft.sku), None)
    return msgspec.structs.replace(draft, image=image)


def _staying(
    present: PresentProduct | None, refused: Collection[str], draft: ProductDraft, others: Sequence[VariantPlan]
) -> list[PresentVariant]:
    """Variants of the shop whose rows are refused, and that can be beside `others`: with the same options, in a
    combination of their own."""
    taken = [other.draft.options for other in others]
    staying: list[PresentVariant] = []
    for variant in present.variants if present else ():
        options = dict(variant.options)
        if variant.sku in refused and set(options) == set(draft.option_names) and options not in taken:
            taken.append(options)
            staying.append(variant)
    return staying


def _beside(
    present: PresentProduct, stays: Sequence[PresentVariant], images: Sequence[ImageDraft], drafts: list[VariantDraft]
) -> tuple[tuple[ImageDraft, ...], list[VariantDraft]]:
    """All images and variants, with those that stay in the places they had."""
    kept = {image.name: image for image in images}
    kept |= {image.name: image for image in present.images if image.name in {stay.image for stay in stays} - set(kept)}
    all_drafts = [
        *drafts,
        *(VariantDraft(stay.sku, dict(stay.options), stay.weight_grams, stay.image) for stay in stays),
    ]
    image_places = {image.name: place for place, image in enumerate(present.images)}
    variant_places = {variant.sku: place for place, variant in enumerate(present.variants)}
    return (
        tuple(sorted(kept.values(), key=lambda image: image_places.get(image.name, len(image_places)))),
        sorted(all_drafts, key=lambda draft: variant_places.get(draft.sku, len(variant_places))),
    )


async def _save_drafts(uow: UnitOfWork, units: Sequence[_Unit], defined: Sequence[AttributeDefinition]) -> None:
    definitions = {each.code: each for each in defined} if units else {}
    for unit in units:
        definitions |= {each.code: each for each in unit.plan.attributes if each.code not in definitions}
        if unit.present:
            unit.variant_ids = {variant.sku: variant.id for variant in unit.present.variants}
    types = await define_attributes(uow, [unit.draft for unit in units], definitions.values())
    if named := {path: None for unit in units for path in unit.plan.all_categories}:
        await upsert_categories(uow, named)
    for unit in units:
        _fit_attributes(unit, types, definitions)
    changed = [unit for unit in units if unit.present is None or not _same(unit.draft, unit.present)]
    if not changed:
        return
    results = await upsert_products(uow, [unit.draft for unit in changed], types=types)
    for unit, result in zip(changed, results, strict=True):
        if result.outcome == "failed":
            unit.outcome = "refused"
            unit.issues += [Issue(unit.plan.row, "", problem) for problem in result.problems]
        else:
            unit.outcome = result.outcome
            unit.variant_ids = dict(result.variant_ids)


def _fit_attributes(unit: _Unit, types: Types, definitions: Mapping[str, AttributeDefinition]) -> None:
    """A shop that keeps an attribute as a number takes "12" as one, and does without "twelve"."""
    attributes = dict(unit.draft.attributes)
    for code, value in unit.draft.attributes.items():
        kind = types.get(code)
        if kind is None or value_problem(kind, value) is None:
            continue
        try:
            attributes[code] = read_attribute(facet_value(value), kind)
        except BadCell as error:
            del attributes[code]
            label = definitions[code].label if code in definitions else code
            unit.issues.append(Issue(unit.plan.row, label, f"left out: {error}", warning=True))
    if attributes != unit.draft.attributes:
        unit.draft = msgspec.structs.replace(unit.draft, attributes=attributes)


def _same(draft: ProductDraft, present: PresentProduct) -> bool:
    """Whether saving `draft` would change nothing."""
    options = draft.option_names or tuple(draft.variants[0].options)
    variants = tuple(
        (each.sku, tuple((name, each.options[name]) for name in options), each.weight_grams, each.image)
        for each in draft.variants
    )
    return (
        draft.title == present.title
        and draft.status == present.status
        and options == present.option_names
        and (draft.seo_title, draft.seo_description) == (present.seo_title, present.seo_description)
        and (draft.published_at is None or draft.published_at == present.published_at)
        and variants == tuple((each.sku, each.options, each.weight_grams, each.image) for each in present.variants)
        and draft.images == present.images
        and tuple(dict.fromkeys(category_slug(path) for path in draft.categories)) == present.categories
        and {code: facet_value(value) for code, value in draft.attributes.items()}
        == {code: facet_value(value) for code, value in present.attributes.items()}
        and sanitised(draft.description_html) == present.description_html
    )


async def _save_prices(uow: UnitOfWork, units: Sequence[_Unit]) -> None:
    wanted = {
        (unit.variant_ids[variant.draft.sku], price.amount.currency): (
            unit,
            Price(unit.variant_ids[variant.draft.sku], price.amount, price.compare_at, variant.tax_class),
        )
        for unit in units
        for variant in unit.variants
        for price in variant.prices
    }
    differing: list[Price] = []
    currencies = sorted({currency for _, currency in wanted})
    for currency in currencies:
        ids = [variant_id for variant_id, of in wanted if of == currency]
        present = await port(Prices).prices(uow, ids, currency)
        for variant_id in ids:
            unit, price = wanted[variant_id, currency]
            if present.get(variant_id) != price:
                differing.append(price)
                _changed(unit)
    if differing:
        await offer_currencies(uow, currencies)
        await port(Prices).set_prices(uow, differing)


async def _save_stock(uow: UnitOfWork, units: Sequence[_Unit]) -> None:
    ids = [unit.variant_ids[variant.draft.sku] for unit in units for variant in unit.variants]
    levels = await port(Stock).levels(uow, ids) if ids else {}
    counts: list[StockLine] = []
    for unit in units:
        known = {variant.sku for variant in unit.present.variants} if unit.present else set()
        for variant in unit.variants:
            level = levels[unit.variant_ids[variant.draft.sku]]
            count = _count(variant, level, is_new=variant.draft.sku not in known)
            if count is None or count == level.on_hand:
                continue
            if count < level.reserved:
                message = f"{level.reserved} are promised to open orders: the count stays at {level.on_hand}"
                unit.issues.append(Issue(variant.row, variant.stock_column, message, warning=True))
                continue
            counts.append(StockLine(level.variant_id, count))
            _changed(unit)
    if counts:
        await port(Stock).set_on_hand(uow, counts, REASON)


def _count(variant: VariantPlan, level: StockLevel, *, is_new: bool) -> int | None:
    if variant.stock is not None:
        return variant.stock
    return variant.default_stock if is_new and not level.on_hand else None


def _changed(unit: _Unit) -> None:
    if unit.outcome == "unchanged":
        unit.outcome = "updated"


def _saved(unit: _Unit) -> Saved:
    if unit.outcome == "refused":
        return Saved("refused", tuple(unit.issues))
    return Saved(
        unit.outcome,
        tuple(unit.issues),
        skus=len(unit.variants),
        prices=sum(len(variant.prices) for variant in unit.variants),
        pictures=len(unit.draft.images),
    )
