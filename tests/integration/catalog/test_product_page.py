"""A product's page: what it offers and tells, to people and to search engines, and that it stays true while it is kept."""

import json
import re

import pytest

from shop.contracts.inventory import Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.catalog.schemas import ImageDraft, ProductEdit, VariantDraft
from shop.modules.catalog.service.edit_product import edit_product
from tests.factories.catalog import make_product, refresh_catalog
from tests.factories.forms import Form, words


async def get(client, url, status=200):
    answer = await client.get(url)
    assert answer.status_code == status, answer.text
    return answer.text


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
    for told in (
        "<h1>Mug</h1>",
        "€12.50",
        "<p>Holds <b>tea</b></p>",
        "0.33",
        "Yes",
        picture.name,
        mug.variants[0].sku,
    ):
        assert told in html
    assert 'href="/c/kitchen/mugs"' in html
    black, white = (
        re.search(rf'<a class="([^"]*)" href="/p/{mug.slug}\?variant={v.id}"([^>]*)>', html).groups()
        for v in mug.variants
    )
    assert "aria-current" in black[1]
    assert "unavailable" in white[0]
    assert "White (sold out)" in words(html)


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


async def test_a_value_leads_to_the_variant_nearest_to_what_is_chosen(client):
    variants = tuple(
        VariantDraft(f"SHIRT-{color}-{size}".upper(), {"Color": color, "Size": size})
        for color, size in (("Red", "S"), ("Red", "L"), ("Blue", "S"), ("Blue", "XL"))
    )
    shirt = await make_product("Shirt", variants=variants, stock=[5, 5, 0, 3], refresh=True)
    red_s, red_l, blue_s, blue_xl = (f"/p/{shirt.slug}?variant={v.id}" for v in shirt.variants)
    links = await option_links(client, red_l)
    assert links["Red"] == (red_l, "color")
    assert links["Blue"] == (blue_xl, "color elsewhere")
    assert links["XL"] == (blue_xl, "pill elsewhere")
    assert links["S"] == (red_s, "pill")
    links = await option_links(client, red_s)
    assert links["Blue"] == (blue_s, "color unavailable")


async def option_links(client, url):
    """By value: where its link leads, and its class."""
    html = await get(client, url)
    found = re.findall(r'<a class="([^"]*)" href="([^"]*)" rel="nofollow" data-label="([^"]*)"', html)
    return {label: (target, css) for css, target, label in found}


async def test_what_a_script_needs_of_every_variant_is_in_the_page(client):
    mug = await make_product(
        "Mug", price=[1250, 1450], stock=[3, 200], options={"Color": ["</script>", "White"]}, refresh=True
    )
    html = await get(client, f"/p/{mug.slug}")
    offers = json.loads(re.search(r'<script type="application/json" id="offers">(.*?)</script>', html)[1])
    told = [(each["id"], each["price"], each["stock"], each["limit"], each["options"]) for each in offers]
    assert told == [
        (str(mug.variants[0].id), "€12.50", "Only 3 left", 3, [0]),
        (str(mug.variants[1].id), "€14.50", "In stock", 99, [1]),
    ]


async def test_the_quantity_is_bounded_by_what_is_there(client):
    mug = await make_product(stock=4, refresh=True)
    assert re.search(r'name="quantity"[^>]* max="4"', await get(client, f"/p/{mug.slug}"))


async def test_search_engines_read_the_offers_and_the_way(client):
    mug = await make_product(
        "Mug </script>",
        price=1250,
        stock=[1, 0],
        options={"Color": ["Red", "Sky"]},
        attributes={"Brand": "Bothy"},
        refresh=True,
    )
    html = await get(client, f"/p/{mug.slug}")
    product, way = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert (product["name"], product["brand"]["name"]) == ("Mug </script>", "Bothy")
    assert [(offer["price"], offer["priceCurrency"]) for offer in product["offers"]] == [("12.50", "EUR")] * 2
    assert [offer["availability"].rsplit("/", 1)[1] for offer in product["offers"]] == ["InStock", "OutOfStock"]
    assert [step["name"] for step in way["itemListElement"]] == ["Home", "Kitchen", "Mug </script>"]


async def test_a_product_leads_on_to_others_of_its_category_and_round(client):
    made = [await make_product(f"Mug {n}") for n in range(7)]
    stranger = await make_product("Lamp", category="Light")
    await refresh_catalog(stranger.id, *(each.id for each in made))
    assert await neighbours_of(client, made[5]) == ["Mug 4", "Mug 3", "Mug 2", "Mug 1"]
    assert await neighbours_of(client, made[1]) == ["Mug 0", "Mug 6", "Mug 5", "Mug 4"]
    assert await neighbours_of(client, stranger) == []


async def test_a_small_category_is_joined_by_the_one_above(client):
    cup, mug, pot, pan = [
        await make_product(title, category=f"Kitchen/{below}")
        for title, below in (("Cup", "Cups"), ("Mug", "Cups"), ("Pot", "Pots"), ("Pan", "Pots"))
    ]
    await refresh_catalog(cup.id, mug.id, pot.id, pan.id)
    assert await neighbours_of(client, cup) == ["Mug", "Pan", "Pot"]


async def neighbours_of(client, product):
    html = await get(client, f"/p/{product.slug}")
    return re.findall(r'<h3 class="title"><a [^>]*>([^<]*)</a>', html)


async def test_a_kept_page_is_dropped_when_a_neighbour_changes_its_price(client, drain_outbox, page_cache):
    cup, mug = await make_product("Cup", price=700, refresh=True), await make_product("Mug", refresh=True)
    await drain_outbox()
    assert "€7.00" in await get(client, f"/p/{mug.slug}")
    await write(port(Prices).set_prices, [Price(cup.variant_id, Money(900, "EUR"))])
    await drain_outbox()
    assert "€9.00" in await get(client, f"/p/{mug.slug}")


async def test_the_number_of_the_last_few_stays_true_on_a_kept_page(client, drain_outbox, page_cache):
    mug = await make_product("Mug", stock=5, refresh=True)
    await drain_outbox()
    assert "Only 5 left" in await get(client, f"/p/{mug.slug}")
    await write(port(Stock).set_on_hand, [StockLine(mug.variant_id, 4)], "test")
    await drain_outbox()
    assert "Only 4 left" in await get(client, f"/p/{mug.slug}")


async def test_the_form_adds_the_chosen_variant_to_the_cart(client):
    mug = await make_product("Mug", options={"Color": ["Black", "White"]}, refresh=True)
    form = Form(await get(client, f"/p/{mug.slug}?variant={mug.variants[1].id}"), "/cart/lines")
    assert form.fields == {"variant_id": str(mug.variants[1].id), "quantity": "1"}


async def test_one_variant_needs_no_choice(client):
    mug = await make_product("Mug", refresh=True)
    form = Form(await get(client, f"/p/{mug.slug}"), "/cart/lines")
    assert form.fields == {"variant_id": str(mug.variant_id), "quantity": "1"}


async def test_of_many_variants_the_chosen_one_is_bought(client):
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
    assert re.search(r"<button[^>]*data-buy disabled>.*?<span>Sold out", html, re.DOTALL)


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "archived"}, {"price": None}])
async def test_what_is_not_on_sale_has_no_page(client, fields):
    mug = await make_product(refresh=True, **fields)
    await get(client, f"/p/{mug.slug}", 404)
    assert (await client.get(f"/api/v1/products/{mug.slug}")).status_code == 404


async def test_a_product_keeps_its_statement_budget(client, record_statements):
    mug = await make_product(options={"Color": ["Black", "White"]}, refresh=True)
    for url in (f"/p/{mug.slug}", f"/api/v1/products/{mug.slug}"):
        with record_statements() as sent:
            await get(client, url)
        assert len(sent) <= 4, sent


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
