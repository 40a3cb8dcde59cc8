"""Category, search and product pages: what people see, without JavaScript, cached for those without a session."""

import re

import pytest

from shop.contracts.inventory import Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.catalog.schemas import ImageDraft, ProductEdit
from shop.modules.catalog.service.edit_product import edit_product
from tests.factories.catalog import make_product, refresh_catalog
from tests.factories.forms import Form


async def get(client, url, status=200):
    answer = await client.get(url)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_a_category_shows_its_goods_its_way_and_what_is_below(client):
    await make_product("Mug <b>", category="Kitchen/Mugs", price=1250, refresh=True)
    html = await get(client, "/c/kitchen")
    assert "Mug &lt;b&gt;" in html
    assert "€12.50" in html
    assert 'href="/c/kitchen/mugs"' in html
    assert '<span aria-current="page">Kitchen</span>' in html
    assert "noindex" not in html


async def test_a_filter_is_a_link_and_a_chosen_one_a_chip_that_lifts_it(client):
    mugs = [await make_product(f"Mug {n}", options={"Color": [color]}) for n, color in enumerate(["Red", "Blue"])]
    await refresh_catalog(*(mug.id for mug in mugs))
    html = await get(client, "/c/kitchen")
    assert 'href="/c/kitchen?attr.color=Red"' in html
    html = await get(client, "/c/kitchen?attr.color=Red&sort=price_asc")
    assert "Mug 0" in html
    assert "Mug 1" not in html
    assert re.search(r'class="chip" href="/c/kitchen\?sort=price_asc"', html)
    assert "noindex" in html


async def test_the_price_filter_takes_prices_as_people_write_them(client):
    mugs = [await make_product(f"Mug {amount}", price=amount) for amount in (999, 1000, 2000)]
    await refresh_catalog(*(mug.id for mug in mugs))
    html = await get(client, "/search?price_from=10&price_to=19,99")
    assert re.findall(r"Mug \d+", html) == ["Mug 1000"]


async def test_a_price_that_is_none_is_told_and_left_out(client):
    await make_product("Mug", refresh=True)
    html = await get(client, "/c/kitchen?price_from=cheap")
    assert "is not a number such as 19.99" in html
    assert ">Mug<" in html


async def test_sorting_keeps_the_filters(client):
    await make_product("Mug", attributes={"Material": "Clay"}, refresh=True)
    form = Form(await get(client, "/c/kitchen?attr.material=Clay&sort=newest"), "/c/kitchen")
    assert form.fields["attr.material"] == "Clay"


async def test_nothing_found_says_so_and_shows_a_way_on(client, db):
    html = await get(client, "/search?q=unicorn")
    assert "Nothing found" in html
    assert 'value="unicorn"' in html
    assert 'href="/search"' in html


async def test_unknown_pages_are_not_found(client, db):
    for url in ("/c/nope", "/c/a/b/c", "/p/nope", "/p/%00", "/c/%00"):
        await get(client, url, 404)


async def test_the_menu_shows_what_there_is_to_buy(client):
    await make_product(category="Kitchen/Mugs", refresh=True)
    menu = (await get(client, "/search")).split("</nav>")[0]
    assert 'href="/c/kitchen"' in menu
    assert 'href="/c/kitchen/mugs"' in menu


async def test_a_product_page_tells_all_and_offers_each_variant(client):
    picture = ImageDraft("a" * 32 + ".webp", 800, 600, "From the front")
    mug = await make_product(
        "Mug",
        price=[1250, 1450],
        stock=[5, 0],
        options={"Color": ["Black", "White"]},
        category="Kitchen/Mugs",
        attributes={"Volume": 0.33, "Dishwasher safe": True},
        description_html="<p>Holds <b>tea</b></p>",
        images=(picture,),
        refresh=True,
    )
    html = await get(client, f"/p/{mug.slug}")
    for words in (
        "<h1>Mug</h1>",
        "€12.50",
        "<p>Holds <b>tea</b></p>",
        "0.33",
        "Yes",
        picture.name,
        mug.variants[0].sku,
    ):
        assert words in html
    assert 'href="/c/kitchen/mugs"' in html
    black, white = (
        re.search(rf'<input type="radio" name="variant_id" value="{v.id}"([^>]*)>', html)[1] for v in mug.variants
    )
    assert "checked" in black
    assert "disabled" in white


async def test_the_form_adds_the_chosen_variant_to_the_cart(client):
    mug = await make_product("Mug", options={"Color": ["Black", "White"]}, refresh=True)
    form = Form(await get(client, f"/p/{mug.slug}?variant={mug.variants[1].id}"), "/cart/lines")
    assert form.fields == {"variant_id": str(mug.variants[1].id), "quantity": "1"}


async def test_one_variant_needs_no_choice(client):
    mug = await make_product("Mug", refresh=True)
    form = Form(await get(client, f"/p/{mug.slug}"), "/cart/lines")
    assert form.fields == {"variant_id": str(mug.variant_id), "quantity": "1"}


async def test_many_variants_are_a_list(client):
    shirt = await make_product(options={"Size": list("ABCDE"), "Color": ["Red", "Blue", "Green"]}, refresh=True)
    form = Form(await get(client, f"/p/{shirt.slug}?variant={shirt.variants[7].id}"), "/cart/lines")
    assert form.fields["variant_id"] == str(shirt.variants[7].id)


@pytest.mark.parametrize("wanted", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_a_variant_that_is_not_there_gives_way_to_the_first_to_be_had(client, wanted):
    mug = await make_product(stock=[0, 4], options={"Color": ["Black", "White"]}, refresh=True)
    form = Form(await get(client, f"/p/{mug.slug}?variant={wanted}"), "/cart/lines")
    assert form.fields["variant_id"] == str(mug.variants[1].id)


async def test_the_chosen_variant_shows_its_price_and_picture(client):
    pictures = (ImageDraft("a" * 32 + ".webp", 8, 8), ImageDraft("b" * 32 + ".webp", 8, 8))
    mug = await make_product(price=[100, 200], options={"Color": ["Black", "White"]}, images=pictures, refresh=True)
    html = await get(client, f"/p/{mug.slug}?variant={mug.variants[1].id}")
    assert '<span class="price price-lg"><span>€2.00</span></span>' in html


async def test_a_sold_out_product_can_not_be_added(client):
    mug = await make_product(stock=0, refresh=True)
    html = await get(client, f"/p/{mug.slug}")
    assert "Add to cart" not in html
    assert re.search(r"<button[^>]* disabled[^>]*>Sold out", html)


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "archived"}, {"price": None}])
async def test_what_is_not_on_sale_has_no_page(client, fields):
    mug = await make_product(refresh=True, **fields)
    await get(client, f"/p/{mug.slug}", 404)
    assert (await client.get(f"/api/v1/products/{mug.slug}")).status_code == 404


async def test_a_product_as_programs_see_it(client):
    mug = await make_product(
        "Mug", stock=[4, 0], options={"Size": ["S", "L"], "Color": ["Red"]}, attributes={"Volume": 2}, refresh=True
    )
    body = (await client.get(f"/api/v1/products/{mug.slug}")).json()
    assert body["options"] == [{"name": "Size", "values": ["S", "L"]}, {"name": "Color", "values": ["Red"]}]
    assert body["attributes"] == [{"code": "volume", "label": "Volume", "type": "number", "value": 2}]
    assert [category["slug"] for category in body["categories"]] == ["kitchen"]
    assert body["variants"][0] == {
        "id": str(mug.variants[0].id),
        "sku": mug.variants[0].sku,
        "options": {"Size": "S", "Color": "Red"},
        "price": {"amount": 1999, "currency": "EUR"},
        "compare_at_price": None,
        "available": 4,
        "image": None,
    }
    assert body["variants"][1]["available"] == 0


async def test_a_product_keeps_its_statement_budget(client, record_statements):
    mug = await make_product(options={"Color": ["Black", "White"]}, refresh=True)
    for url in (f"/p/{mug.slug}", f"/api/v1/products/{mug.slug}"):
        with record_statements() as sent:
            await get(client, url)
        assert len(sent) <= 4, sent


async def test_pages_are_kept_for_visitors_without_a_session(client, record_statements, page_cache):
    mug = await make_product("Mug", refresh=True)
    for url in ("/c/kitchen", "/search?q=mug", f"/p/{mug.slug}"):
        first = await get(client, url)
        with record_statements() as sent:
            assert await get(client, url) == first
        assert sent == []


async def test_a_kept_page_is_dropped_when_a_price_changes(client, drain_outbox, page_cache):
    mug = await make_product("Mug", price=1000, refresh=True)
    await drain_outbox()
    urls = ("/c/kitchen", "/search?q=mug", f"/p/{mug.slug}")
    for url in urls:
        assert "€10.00" in await get(client, url)
    await write(port(Prices).set_prices, [Price(mug.variant_id, Money(900, "EUR"))])
    await drain_outbox()
    for url in urls:
        html = await get(client, url)
        assert "€9.00" in html
        assert "€10.00" not in html


async def test_a_kept_page_is_dropped_when_one_variant_sells_out(client, drain_outbox, page_cache):
    mug = await make_product("Mug", options={"Color": ["Black", "White"]}, refresh=True)
    await drain_outbox()
    assert "(sold out)" not in await get(client, f"/p/{mug.slug}")
    await write(port(Stock).set_on_hand, [StockLine(mug.variants[1].id, 0)], "test")
    await drain_outbox()
    assert "(sold out)" in await get(client, f"/p/{mug.slug}")


async def test_a_kept_page_is_dropped_when_its_product_goes(client, drain_outbox, page_cache):
    mug = await make_product("Mug", refresh=True)
    await drain_outbox()
    await get(client, f"/p/{mug.slug}")
    await write(edit_product, mug.id, ProductEdit(status="archived"))
    await drain_outbox()
    await get(client, f"/p/{mug.slug}", 404)


async def test_a_new_category_enters_the_kept_menu(client, page_cache):
    await make_product(category="Kitchen", refresh=True)
    await get(client, "/search")
    await make_product(category="Garden", refresh=True)
    assert 'href="/c/garden"' in await get(client, "/search")
