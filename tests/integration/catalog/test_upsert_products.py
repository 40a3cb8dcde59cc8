"""Products are written in batches, by slug: again means updated, and a bad one doesn't take the good ones with it."""

import asyncio

import msgspec
import pytest

from shop.contracts.catalog import Variants
from shop.kernel.db import read, write
from shop.kernel.ports import port
from shop.modules.catalog.errors import SkuTaken
from shop.modules.catalog.schemas import AttributeDefinition, ImageDraft, ProductDraft, VariantDraft
from shop.modules.catalog.service.upsert_categories import upsert_categories, upsert_category
from shop.modules.catalog.service.upsert_products import BATCH, upsert_products
from tests.factories.catalog import make_product


def draft(slug="mug", **fields):
    return ProductDraft(**{"slug": slug, "title": "Mug", "variants": (VariantDraft(f"{slug}-1"),), **fields})


async def test_a_new_product_is_on_sale_with_all_its_parts(rows):
    made = draft(
        description_html="<p>Good</p><script>bad()</script>",
        attributes={"material": "Steel", "volume": 1.5, "dishwasher": True},
        variants=(
            VariantDraft("M-B", {"Color": "Black", "Size": "S"}, 300, "b.webp"),
            VariantDraft("M-W", {"Color": "White", "Size": "S"}, 310),
        ),
        images=(ImageDraft("a.webp", 10, 20, "Front"), ImageDraft("b.webp", 10, 20)),
        categories=(("Kitchen", "Mugs"), ("Gifts",)),
    )
    [result] = await write(upsert_products, [made])
    assert result.outcome == "created"
    [product] = await rows("product")
    assert (product.status, product.description_html) == ("active", "<p>Good</p>")
    assert product.published_at is not None
    assert product.attributes == {"material": "Steel", "volume": 1.5, "dishwasher": True}
    assert product.option_names == ["Color", "Size"]
    assert [(v.sku, v.options, v.weight_grams, v.image) for v in await rows("variant")] == [
        ("M-B", [["Color", "Black"], ["Size", "S"]], 300, "b.webp"),
        ("M-W", [["Color", "White"], ["Size", "S"]], 310, None),
    ]
    assert [i.name for i in sorted(await rows("image"), key=lambda i: i.position)] == ["a.webp", "b.webp"]
    assert {c.slug for c in await rows("category")} == {"kitchen", "kitchen/mugs", "gifts"}
    assert {(a.code, a.type) for a in await rows("attribute")} >= {("volume", "number"), ("color", "text")}


async def test_a_second_run_updates_instead_of_doubling(rows):
    [first] = await write(upsert_products, [draft(categories=(("Kitchen",),))])
    [second] = await write(upsert_products, [draft(title="Better mug", categories=(("Kitchen",),))])
    assert (second.outcome, second.product_id) == ("updated", first.product_id)
    assert second.variant_ids == first.variant_ids
    assert [p.title for p in await rows("product")] == ["Better mug"]
    assert [len(await rows(table)) for table in ("variant", "category", "product_category")] == [1, 1, 1]


async def test_an_update_takes_away_what_it_does_not_name(rows):
    images = (ImageDraft("a.webp", 1, 1), ImageDraft("b.webp", 1, 1))
    variants = (VariantDraft("M-S", {"Size": "S"}), VariantDraft("M-L", {"Size": "L"}))
    [before] = await write(upsert_products, [draft(variants=variants, images=images, categories=(("A",), ("B",)))])
    await write(upsert_products, [draft(variants=variants[:1], images=images[1:], categories=(("B",),))])
    assert [i.name for i in await rows("image")] == ["b.webp"]
    assert len(await rows("product_category")) == 1
    found = await read(port(Variants).find_variants, list(before.variant_ids.values()))
    assert {v.sku: v.active for v in found.values()} == {"M-S": True, "M-L": False}


async def test_an_update_keeps_a_product_archived_and_its_first_day(rows):
    await write(upsert_products, [draft()])
    [before] = await rows("product")
    await write(upsert_products, [draft(status="archived")])
    await write(upsert_products, [draft(title="Again")])
    [after] = await rows("product")
    assert (after.status, after.published_at, after.title) == ("archived", before.published_at, "Again")


async def test_good_products_are_kept_though_others_fail(rows):
    await write(upsert_products, [draft("taken", variants=(VariantDraft("T-1"),))])
    results = await write(
        upsert_products,
        [
            draft("one"),
            draft("two", title=""),
            draft("three", variants=(VariantDraft("T-1"),)),
            draft("four", attributes={"volume": 1.5}),
            draft("five", attributes={"volume": "much"}),
            draft("six", variants=(VariantDraft("same"),)),
            draft("seven", variants=(VariantDraft("same"),)),
        ],
        [AttributeDefinition("volume", "Volume", "number")],
    )
    assert [r.outcome for r in results] == ["created", "failed", "failed", "created", "failed", "failed", "failed"]
    assert "belongs to the product taken" in results[2].problems[0]
    assert "a number is expected" in results[4].problems[0]
    assert {p.slug for p in await rows("product")} == {"taken", "one", "four"}


async def test_a_slug_given_twice_is_refused_twice(rows):
    results = await write(upsert_products, [draft(), draft(variants=(VariantDraft("x"),))])
    assert [r.outcome for r in results] == ["failed", "failed"]
    assert await rows("product") == []


async def test_a_batch_has_a_limit(db):
    with pytest.raises(ValueError, match="at most"):
        await write(upsert_products, [draft(f"p-{n}") for n in range(BATCH + 1)])


async def test_five_hundred_products_take_a_dozen_statements(db, record_statements):
    drafts = [
        draft(
            f"p-{n}",
            categories=((f"C{n % 9}", f"D{n % 7}"),),
            images=(ImageDraft(f"{n}.webp", 1, 1),),
            attributes={"brand": f"B{n % 5}"},
        )
        for n in range(BATCH)
    ]
    with record_statements() as sent:
        results = await write(upsert_products, drafts)
    assert {r.outcome for r in results} == {"created"}
    assert len([s for s in sent if "kernel." not in s]) <= 13


async def test_two_imports_of_one_slug_at_once_make_one_product(rows):
    drafts = [draft(title=f"Mug {n}", variants=(VariantDraft("M-1"),)) for n in range(8)]
    results = await asyncio.gather(*(write(upsert_products, [each]) for each in drafts))
    outcomes = [r.outcome for [r] in results]
    assert sorted(outcomes) == ["created"] + ["updated"] * 7
    assert len({r.product_id for [r] in results}) == 1
    assert [len(await rows("product")), len(await rows("variant"))] == [1, 1]


async def test_two_products_that_want_one_sku_at_once_never_share_it(rows):
    drafts = [draft(f"mug-{n}", variants=(VariantDraft("M-1"),)) for n in range(6)]
    outcomes = await asyncio.gather(*(write(upsert_products, [each]) for each in drafts), return_exceptions=True)
    won = [o for o in outcomes if not isinstance(o, Exception) and o[0].outcome == "created"]
    assert len(won) == 1
    assert all(isinstance(o, SkuTaken) or o[0].outcome == "failed" for o in outcomes if o not in won)
    assert [len(await rows("product")), len(await rows("variant"))] == [1, 1]


async def test_opposite_batches_at_once_both_finish(rows):
    drafts = [draft(f"p-{n:02}") for n in range(40)]
    await asyncio.gather(*(write(upsert_products, drafts[::step]) for step in (1, -1, 1, -1)))
    assert len(await rows("product")) == 40


async def test_a_category_is_made_once_with_those_above_it(rows):
    ids = await asyncio.gather(*(write(upsert_category, ("Kitchen", "Coffee", "Machines")) for _ in range(5)))
    assert len(set(ids)) == 1
    made = {c.slug: c for c in await rows("category")}
    assert set(made) == {"kitchen", "kitchen/coffee", "kitchen/coffee/machines"}
    assert made["kitchen/coffee/machines"].parent_id == made["kitchen/coffee"].id


async def test_a_new_category_comes_after_those_beside_it(rows):
    await write(upsert_categories, [("Bags", "Small"), ("Bags", "Large"), ("Tents",), ("Lamps",)])
    await write(upsert_category, ("Apples",))
    shown = sorted((c for c in await rows("category") if c.parent_id is None), key=lambda c: (c.position, c.title))
    assert [c.title for c in shown] == ["Bags", "Tents", "Lamps", "Apples"]


async def test_a_category_keeps_the_title_that_staff_gave_it(rows):
    await write(upsert_category, ("Kitchen",))
    await write(upsert_category, ("KITCHEN",))
    assert [c.title for c in await rows("category")] == ["Kitchen"]


async def test_variants_tell_others_what_they_need(db):
    image = ImageDraft("a" * 32 + ".webp", 1, 1)
    mug = await make_product("Mug", options={"Color": ["Black"], "Size": ["S"]}, images=(image,), weight_grams=350)
    found = await read(port(Variants).find_variants, [mug.variant_id])
    variant = found[mug.variant_id]
    assert msgspec.structs.asdict(variant) == {
        "id": mug.variant_id,
        "product_id": mug.id,
        "sku": mug.variants[0].sku,
        "title": "Mug",
        "options": {"Color": "Black", "Size": "S"},
        "image": f"/media/{image.name}",
        "url": f"/p/{mug.slug}?variant={mug.variant_id}",
        "weight_grams": 350,
        "active": True,
    }
    assert list(variant.options) == ["Color", "Size"]


async def test_a_variant_of_a_product_off_sale_is_not_active(db):
    mug = await make_product(status="archived")
    found = await read(port(Variants).find_variants, [mug.variant_id])
    assert not found[mug.variant_id].active


async def test_nobody_asks_for_nothing(db, record_statements):
    with record_statements() as sent:
        assert await read(port(Variants).find_variants, []) == {}
    assert sent == []
