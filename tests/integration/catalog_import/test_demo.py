"""The demo fills an empty catalogue, once, with everything a shop shows."""

from collections import Counter

from shop.modules.catalog.demo.load import load_demo
from tests.integration.catalog_import.conftest import ask, census, media, run
from tests.unit.catalog_import.demo_rows import demo_rows

ROWS = demo_rows()
PRODUCTS = len({row["slug"] for row in ROWS})


async def test_the_demo_makes_a_whole_shop():
    report = await load_demo()
    assert report.products == Counter(created=PRODUCTS)
    assert PRODUCTS >= 48
    assert report.issues == []
    assert await ask("select count(*) >= 8 from catalog.category where parent_id is null") == [(True,)]
    prices = await ask("select currency, count(*) from pricing.price group by 1 order by 1")
    assert prices == [("EUR", len(ROWS)), ("USD", len(ROWS))]
    assert await ask("select count(*) > 0 from pricing.price where compare_at is not null") == [(True,)]
    assert (
        await ask(
            "select slug from catalog.product p where not exists (select from catalog.image i where i.product_id = p.id)"
        )
        == []
    )
    assert all(name.endswith(".svg") for name in media())


async def test_goods_of_a_category_below_are_in_the_one_above(client, drain_outbox):
    await load_demo()
    await drain_outbox()
    for above, below in (("camp-trail", "camp-trail/sleeping"), ("bags-packs", "bags-packs/backpacks")):
        totals = [(await client.get(f"/api/v1/products?category={slug}")).json() for slug in (above, below)]
        assert totals[0]["total"] > totals[1]["total"] > 0


async def test_every_category_has_facets(client, drain_outbox):
    await load_demo()
    await drain_outbox()
    for (slug,) in await ask("select slug from catalog.category where parent_id is null"):
        page = await client.get(f"/c/{slug}")
        assert page.status_code == 200
        assert page.text.count('name="attr.') >= 6, slug


async def test_a_catalogue_with_products_is_left_alone(shop_csv):
    await run(shop_csv())
    before = await census()
    assert await load_demo() is None
    assert await census() == before


async def test_by_force_it_stands_beside_them_and_a_second_time_changes_nothing(shop_csv):
    await run(shop_csv())
    assert (await load_demo(force=True)).products == Counter(created=PRODUCTS)
    before = await census()
    assert (await load_demo(force=True)).products == Counter(unchanged=PRODUCTS)
    assert await census() == before


async def test_every_demo_product_has_a_page(client, drain_outbox):
    await load_demo()
    await drain_outbox()
    for (slug,) in await ask("select slug from catalog.product"):
        page = await client.get(f"/p/{slug}")
        assert page.status_code == 200, slug
