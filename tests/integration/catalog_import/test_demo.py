"""The demo fills an empty catalogue, once, with everything a shop shows."""

from collections import Counter

from shop.modules.catalog.demo.load import load_demo
from tests.integration.catalog_import.conftest import ask, census, media, run


async def test_the_demo_makes_a_whole_shop():
    report = await load_demo()
    assert report.products == Counter(created=24)
    assert report.issues == []
    assert await ask("select count(*) from catalog.category") == [(6,)]
    assert await ask("select currency, count(*) from pricing.price group by 1 order by 1") == [("EUR", 49), ("USD", 49)]
    assert await ask("select count(*) > 0 from pricing.price where compare_at is not null") == [(True,)]
    assert await ask(
        "select count(*) from catalog.product p where not exists (select from catalog.image i where i.product_id = p.id)"
    ) == [(0,)]
    assert all(name.endswith(".svg") for name in media())


async def test_a_catalogue_with_products_is_left_alone(shop_csv):
    await run(shop_csv())
    before = await census()
    assert await load_demo() is None
    assert await census() == before


async def test_by_force_it_stands_beside_them_and_a_second_time_changes_nothing(shop_csv):
    await run(shop_csv())
    assert (await load_demo(force=True)).products == Counter(created=24)
    before = await census()
    assert (await load_demo(force=True)).products == Counter(unchanged=24)
    assert await census() == before


async def test_every_demo_product_has_a_page(client, drain_outbox):
    await load_demo()
    await drain_outbox()
    for (slug,) in await ask("select slug from catalog.product"):
        page = await client.get(f"/p/{slug}")
        assert page.status_code == 200, slug
