"""Category and search pages: what people see, without JavaScript, cached for those without a session."""

import re
from datetime import UTC, datetime
from html import unescape

from shop.contracts.pricing import Price, Prices
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.ports import port
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


async def test_a_filter_is_a_box_with_its_color_and_a_chosen_one_a_chip_that_lifts_it(client):
    mugs = [await make_product(f"Mug {n}", options={"Color": [color]}) for n, color in enumerate(["Red", "Blue"])]
    await refresh_catalog(*(mug.id for mug in mugs))
    html = await get(client, "/c/kitchen")
    box = re.search(r'<label><input [^>]*name="attr.color" value="Red">(.*?)</label>', html)
    assert '<path fill="#b8322b"' in box[1]
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
    form = Form(await get(client, "/c/kitchen?attr.material=Clay&sort=price_asc"), "/c/kitchen")
    assert form.fields["attr.material"] == "Clay"


async def test_filters_that_no_box_shows_are_carried_on(client):
    await make_product("Mug", attributes={"Material": "Clay"}, refresh=True)
    form = Form(await get(client, "/c/kitchen?attr.gone=1"), "/c/kitchen")
    assert form.fields["attr.gone"] == "1"


async def test_a_facet_shows_its_first_values_and_the_rest_on_demand(client):
    made = [await make_product(options={"Size": [f"{n} cm"]}) for n in range(9)]
    await refresh_catalog(*(each.id for each in made))
    html = await get(client, "/c/kitchen")
    assert "Show 3 more" in html
    before, more = html.split('id="facet-size-more"')
    assert before.count('name="attr.size"') == 6
    assert more.count('name="attr.size"') == 3


async def test_values_that_look_alike_have_ids_of_their_own(client):
    made = [await make_product(attributes={"Made of": value}) for value in ("Wool", "wool", "½", "¼")]
    await refresh_catalog(*(each.id for each in made))
    found = re.findall(r'<input type="checkbox" id="(f-made_of[^"]*)"', await get(client, "/c/kitchen"))
    assert len(found) == len(set(found)) == 4


async def test_a_long_list_goes_on_below_and_leads_back(client):
    made = [await make_product(f"Mug {n}") for n in range(30)]
    await refresh_catalog(*(each.id for each in made))
    html = await get(client, "/c/kitchen")
    assert "You have seen <span data-seen>24</span> of 30" in html
    [onward] = re.findall(r'<a [^>]*href="([^"]+)" rel="next"', html)
    rest = await get(client, unescape(onward))
    assert rest.count('<article class="product-card') == 6
    assert "Show previous" in rest
    assert 'rel="next"' not in rest


async def test_a_card_tells_colors_savings_and_what_is_scarce_or_new(client):
    mug = await make_product("Mug", price=1500, compare_at=2000, stock=[2, 0], options={"Color": ["Red", "Sky"]})
    old = await make_product("Cup", published_at=datetime(2020, 1, 1, tzinfo=UTC), stock=0)
    new = await make_product("Jug")
    await refresh_catalog(mug.id, old.id, new.id)
    jug, mug, cup = (await get(client, "/c/kitchen")).split("<article")[1:]
    assert "Colours: Red, Sky" in mug
    assert "Save 25%" in mug
    assert "Only a few left" in mug
    assert ">New<" in jug
    assert "Sold out" in cup
    assert ">New<" not in cup


async def test_nothing_found_says_so_and_shows_a_way_on(client, db):
    html = await get(client, "/search?q=unicorn")
    assert "Nothing found" in html
    assert 'value="unicorn"' in html
    assert 'href="/search"' in html


async def test_a_mistyped_search_shows_what_was_meant_and_says_so(client, db):
    await make_product("Camp lantern", options={"Colour": ["Red", "Sky"]}, refresh=True)
    html = await get(client, "/search?q=lantrn&sort=price_asc")
    assert "Camp lantern" in html
    assert "Nothing was found for “lantrn”" in html
    assert 'value="lantern"' in html
    assert html.count("lantrn") == 1


async def test_a_search_whose_filters_leave_nothing_is_not_taken_for_mistyped(client, db):
    await make_product("Camp lantern", refresh=True)
    html = await get(client, "/search?q=lantern&price_from=9999")
    assert "Nothing matches these filters" in html


async def test_unknown_pages_are_not_found(client, db):
    for url in ("/c/nope", "/c/a/b/c", "/p/nope"):
        await get(client, url, 404)


async def test_the_menu_shows_what_there_is_to_buy(client):
    await make_product(category="Kitchen/Mugs", refresh=True)
    menu = (await get(client, "/search")).split("</nav>")[0]
    assert 'href="/c/kitchen"' in menu
    assert 'href="/c/kitchen/mugs"' in menu


async def test_a_category_that_the_menu_has_no_room_for_is_where_the_menu_leads(client):
    for number in range(8):
        await make_product(f"Good {number}", category=f"Kind {number}", refresh=True)
    assert "All categories" not in await get(client, "/search")
    await make_product("The ninth", category="Ninth kind", refresh=True)
    html = await get(client, "/search")
    assert '<a href="/search" aria-current="page">All categories</a>' in html
    assert 'href="/c/ninth-kind"' in html
    assert 'href="/c/ninth-kind"' not in await get(client, "/search?q=good")


async def test_a_wall_of_categories_does_not_stand_before_the_goods(client):
    made = [await make_product(f"Good {number}", category=f"Kind {number}") for number in range(25)]
    await refresh_catalog(*(product.id for product in made))
    html = await get(client, "/search")
    folded = html.split('<details class="disclosure">')[1].split("</details>")[0]
    assert "25 categories" in folded
    assert folded.count('href="/c/kind-') == 25


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


async def test_a_new_category_enters_the_kept_menu(client, page_cache):
    await make_product(category="Kitchen", refresh=True)
    await get(client, "/search")
    await make_product(category="Garden", refresh=True)
    assert 'href="/c/garden"' in await get(client, "/search")


async def test_colors_and_sizes_come_first_among_the_filters(client):
    made = [
        await make_product(attributes={"Brand": str(n)}, options={"Size": [f"{n}"], "Color": ["Red", "Sky"]})
        for n in range(2)
    ]
    await refresh_catalog(*(each.id for each in made))
    assert re.findall(r'id="facet-(\w+)"', await get(client, "/c/kitchen")) == ["color", "size", "brand"]
