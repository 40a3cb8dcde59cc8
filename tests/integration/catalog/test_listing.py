"""Lists: filters and facets count right, pages are complete and stable, and few statements do."""

import itertools
import re

import pytest
from sqlalchemy import text

from shop.kernel.db import read, sql, write
from shop.modules.catalog.facet_index import VALUES
from shop.modules.catalog.schemas import ProductEdit
from shop.modules.catalog.service import count_listing
from shop.modules.catalog.service.edit_product import edit_product
from shop.modules.catalog.service.rebuild_cards import rebuild_cards
from tests.conftest import as_owner
from tests.factories.catalog import make_image, make_product, refresh_catalog
from tests.integration.catalog.conftest import facet, titles

API = "/api/v1/products"


async def many(count, **fields):
    made = [await make_product(f"P{n:02}", price=100 + n % 4, **fields) for n in range(count)]
    await refresh_catalog(*(product.id for product in made))
    return made


@pytest.fixture
async def shirts(db):
    made = [
        await make_product("A", options={"Color": ["Red", "Blue"]}, attributes={"Brand": "X"}, price=1000),
        await make_product("B", options={"Color": ["Red"]}, attributes={"Brand": "Y"}, price=2000, stock=0),
        await make_product("C", options={"Color": ["Green"]}, attributes={"Brand": "X"}, price=3000),
        await make_product("D", attributes={"Brand": "Z", "Washable": True}, price=4000, category="Other"),
    ]
    await refresh_catalog(*(product.id for product in made))
    return made


async def test_an_item_has_the_shape_that_clients_rely_on(client, search):
    mug = await make_product("Mug", price=1500, compare_at=2000, refresh=True)
    [item] = (await search())["items"]
    assert item.pop("published_at").endswith("Z")
    assert item == {
        "id": str(mug.id),
        "slug": mug.slug,
        "sku": mug.variants[0].sku,
        "title": "Mug",
        "price": {"amount": 1500, "currency": "EUR"},
        "compare_at_price": {"amount": 2000, "currency": "EUR"},
        "price_varies": False,
        "in_stock": True,
        "rating": {"average": 0.0, "count": 0},
        "image": None,
        "url": f"/p/{mug.slug}",
        "image_alternate": None,
        "low_stock": False,
        "colors": [],
    }


async def test_a_card_tells_its_colors_its_second_picture_and_that_few_are_left(search):
    pictures = (make_image("a" * 32 + ".webp"), make_image("b" * 32 + ".webp"))
    options = {"Color": ["Red", "Blue"], "Size": ["S", "L"]}
    await make_product(options=options, stock=[1, 2, 0, 0], images=pictures, refresh=True)
    [item] = (await search())["items"]
    assert item["colors"] == ["Red", "Blue"]
    assert item["image_alternate"].endswith("b" * 32 + ".webp")
    assert item["low_stock"]


async def test_a_list_without_filters_tells_total_facets_and_no_suggestion(shirts, search):
    found = await search(category="kitchen")
    assert titles(found) == ["C", "B", "A"]
    assert (found["total"], found["suggestion"], found["next_cursor"]) == (3, None, None)
    assert facet(found, "color") == {"Red": 2, "Blue": 1, "Green": 1}
    assert facet(found, "brand") == {"X": 2, "Y": 1}


async def test_values_of_one_attribute_are_alternatives(shirts, search):
    assert titles(await search(attr__color=["Blue", "Green"])) == ["C", "A"]


async def test_different_attributes_must_all_be_met(shirts, search):
    assert titles(await search(attr__color="Red", attr__brand="X")) == ["A"]


async def test_a_facet_counts_as_if_it_were_not_chosen_from(shirts, search):
    found = await search(attr__color="Red")
    assert (titles(found), found["total"]) == (["B", "A"], 2)
    assert facet(found, "color") == {"Red": 2, "Blue": 1, "Green": 1}
    assert facet(found, "brand") == {"X": 1, "Y": 1}


async def test_two_chosen_facets_narrow_each_other(shirts, search):
    found = await search(attr__color="Red", attr__brand="X")
    assert facet(found, "color") == {"Red": 1, "Blue": 1, "Green": 1}
    assert facet(found, "brand") == {"X": 1, "Y": 1}


async def test_filters_that_nothing_meets_still_offer_a_way_out(shirts, search):
    found = await search(attr__color="Green", attr__brand="Y")
    assert (found["items"], found["total"]) == ([], 0)
    assert facet(found, "brand") == {"X": 1}


async def test_prices_bound_a_list_both_ends_included(shirts, search):
    assert titles(await search(price_min=2000, price_max=3000)) == ["C", "B"]


async def test_only_what_is_in_stock(shirts, search):
    found = await search(in_stock="true")
    assert (titles(found), found["total"]) == (["D", "C", "A"], 3)


async def test_yes_and_no_have_labels(shirts, search):
    values = next(each["values"] for each in (await search())["facets"] if each["code"] == "washable")
    assert values == [{"value": "true", "label": "Yes", "count": 1}]


async def test_an_unknown_attribute_is_met_by_nothing(shirts, search):
    assert (await search(attr__nonsense="x"))["total"] == 0


async def test_a_category_holds_what_is_below_it(search):
    mug = await make_product("Mug", category="Kitchen/Mugs/Big", refresh=True)
    for path in ("kitchen", "kitchen/mugs", "kitchen/mugs/big"):
        assert [item["id"] for item in (await search(category=path))["items"]] == [str(mug.id)]


async def test_an_unknown_category_is_not_found(client, db):
    answer = await client.get(API, params={"category": "nope"})
    assert (answer.status_code, answer.json()["code"]) == (404, "category_not_found")


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({"limit": "0"}, {"limit"}),
        ({"limit": "101"}, {"limit"}),
        ({"limit": "x", "sort": "best", "price_min": "-1"}, {"limit", "sort", "price_min"}),
        ({"price_max": "1.5"}, {"price_max"}),
        ({"price_max": str(10**18)}, {"price_max"}),
        ({"in_stock": "maybe"}, {"in_stock"}),
        ({"cursor": "nonsense"}, {"cursor"}),
        ({"cursor": "W10"}, {"cursor"}),
        ({"currency": "XXXX"}, {"currency"}),
        ({"currency": "ZZZ"}, {"currency"}),
        ({"attr.color": "a\x00b"}, {"attr.color"}),
    ],
)
async def test_what_cannot_be_meant_is_refused_field_by_field(client, db, params, fields):
    answer = await client.get(API, params=params)
    assert answer.status_code == 422, answer.text
    assert {error["field"] for error in answer.json()["errors"]} == fields


async def test_too_many_filters_are_refused(client, db):
    answer = await client.get(API, params={f"attr.a{n}": "x" for n in range(9)})
    assert answer.status_code == 422


async def walk(client, **params):
    """All titles of a list, page by page."""
    found, cursor = [], None
    for _ in range(50):
        answer = await client.get(API, params={**params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += titles(body)
        cursor = body["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("the list never ends")


@pytest.mark.parametrize("sort", ["newest", "price_asc", "price_desc", "rating", "relevance"])
async def test_pages_of_any_order_are_complete_and_without_repeats(client, sort):
    await many(23)
    q = {"q": "p"} if sort == "relevance" else {}
    whole = await walk(client, sort=sort, limit=100, **q)
    assert len(whole) == 23
    for limit in (1, 4, 23):
        assert await walk(client, sort=sort, limit=limit, **q) == whole


async def test_filtered_pages_are_complete(client):
    await many(7, options={"Color": ["Red"]})
    await many(7, options={"Color": ["Blue"]})
    assert len(await walk(client, limit=3, **{"attr.color": "Red"})) == 7


async def test_what_comes_in_meanwhile_shifts_no_page(client, search):
    made = await many(10)
    first = await search(limit=4)
    late = await make_product("Late")
    await write(rebuild_cards, [late.id])
    rest = await search(limit=100, cursor=first["next_cursor"])
    assert titles(first) + titles(rest) == [product.title for product in reversed(made)]


async def test_what_goes_meanwhile_skips_no_other(client, search):
    made = await many(6)
    first = await search(limit=3)

    async def archive(uow):
        await edit_product(uow, made[3].id, ProductEdit(status="archived"))
        await rebuild_cards(uow, [made[3].id])

    await write(archive)
    rest = await search(limit=100, cursor=first["next_cursor"])
    assert titles(rest) == ["P02", "P01", "P00"]


async def test_a_cursor_of_another_order_is_refused(client, search):
    await many(3)
    cursor = (await search(limit=1, sort="price_asc"))["next_cursor"]
    for sort in ("price_desc", "newest", "rating"):
        assert (await client.get(API, params={"sort": sort, "cursor": cursor})).status_code == 422


async def test_pages_lead_back_as_they_lead_on(client):
    await many(60)

    def link(html, rel):
        found = re.search(rf'href="([^"]+)" rel="{rel}"', html)
        return found and found[1].replace("&amp;", "&")

    def shown(html):
        return re.findall(r'<h2 class="title"><a [^>]*>([^<]+)</a>', html)

    pages = [(await client.get("/search")).text]
    while url := link(pages[-1], "next"):
        pages.append((await client.get(url)).text)
    assert [len(shown(page)) for page in pages] == [24, 24, 12]
    back = (await client.get(link(pages[-1], "prev"))).text
    assert shown(back) == shown(pages[1])
    first = (await client.get(link(back, "prev"))).text
    assert shown(first) == shown(pages[0])
    assert link(first, "prev") is None


BUDGETS = {
    "/api/v1/products": 3,
    "/api/v1/products?category=kitchen": 3,
    "/c/kitchen": 3,
    "/c/kitchen?sort=price_asc": 3,
    "/c/kitchen?attr.color=Red&in_stock=true&price_from=1": 3,
    "/search?q=p": 4,
    "/api/v1/products?q=p&category=kitchen&attr.color=Red": 4,
    "/api/v1/search/suggest?q=p": 2,
    "/api/v1/categories": 1,
}


@pytest.mark.parametrize("url", BUDGETS)
async def test_lists_keep_their_statement_budget(client, record_statements, url):
    await many(30, options={"Color": ["Red", "Blue"]})
    with record_statements() as sent:
        answer = await client.get(url)
    assert answer.status_code == 200
    assert len(sent) <= BUDGETS[url], sent


async def test_an_unfiltered_category_in_memory_costs_one_statement(client, record_statements, page_cache):
    await many(3)
    for _ in range(2):
        with record_statements() as sent:
            await client.get(API, params={"category": "kitchen"})
    assert len(sent) == 1, sent


async def test_the_first_page_of_a_large_category_is_read_from_its_index(db):
    await many(2)

    async def fill(uow):
        await sql(uow).execute(
            text(
                """
                insert into catalog.card_category (product_id, category_id, currency, published_at, price)
                select gen_random_uuid(), category_id, currency, published_at - n * interval '1 minute', n
                from catalog.card_category, generate_series(1, 5000) n
                """
            )
        )

    async def explain(uow):
        plan = await sql(uow).execute(
            text(
                """
                explain select product_id from catalog.card_category
                where category_id = '00000000-0000-0000-0000-000000000000' and currency = 'EUR'
                order by published_at desc, product_id desc limit 25
                """
            )
        )
        return "\n".join(plan.scalars())

    await write(fill)
    as_owner("analyze catalog.card_category")
    plan = await read(explain)
    assert "ix_card_category_newest" in plan
    assert "Sort" not in plan


async def test_orders_are_what_they_say(client, search):
    made = await many(9)
    by_sort = {
        sort: [item["price"]["amount"] for item in (await search(sort=sort))["items"]]
        for sort in ("price_asc", "price_desc")
    }
    assert all(a <= b for a, b in itertools.pairwise(by_sort["price_asc"]))
    assert by_sort["price_desc"] == by_sort["price_asc"][::-1]
    assert titles(await search(sort="newest")) == [product.title for product in reversed(made)]


async def test_the_category_tree_counts_what_is_in_it(client):
    await make_product(category="Kitchen/Mugs", refresh=True)
    await make_product(category="Kitchen", refresh=True)
    [kitchen] = (await client.get("/api/v1/categories")).json()["items"]
    assert (kitchen["slug"], kitchen["url"], kitchen["product_count"]) == ("kitchen", "/c/kitchen", 2)
    [mugs] = kitchen["children"]
    assert (mugs["slug"], mugs["title"], mugs["product_count"], mugs["children"]) == ("kitchen/mugs", "Mugs", 1, [])


@pytest.mark.parametrize("sort", ["newest", "price_asc", "price_desc"])
async def test_looking_up_few_and_walking_among_many_find_the_same(search, monkeypatch, sort):
    products = [
        await make_product(
            f"Cup {number}",
            price=100 + number * 7 % 50,
            stock=number % 4,
            attributes={"Material": ["Steel", "Clay", "Glass"][number % 3]},
        )
        for number in range(30)
    ]
    await refresh_catalog(*(product.id for product in products))
    asked = {"attr__material": "Steel", "in_stock": "true", "price_min": 105, "sort": sort, "limit": 3}

    async def all_pages():
        found = await search(**asked)
        pages = [titles(found)]
        while found["next_cursor"]:
            found = await search(**asked, cursor=found["next_cursor"])
            pages.append(titles(found))
        return pages

    looked_up = await all_pages()
    monkeypatch.setattr(count_listing, "FEW", 0)
    walked = await all_pages()
    assert sum(map(len, looked_up)) == 7
    assert walked == looked_up


async def test_a_value_too_rare_for_the_index_is_found_all_the_same(search):
    products = [
        await make_product(f"Cup {number}", attributes={"Glaze": f"G{number:02}", "Size": "S" if number % 2 else "L"})
        for number in range(VALUES + 2)
    ]
    await refresh_catalog(*(product.id for product in products))
    found = await search(attr__glaze=f"G{VALUES + 1}", attr__size="S")
    assert (titles(found), found["total"]) == ([f"Cup {VALUES + 1}"], 1)
    assert facet(found, "size") == {"S": 1}
