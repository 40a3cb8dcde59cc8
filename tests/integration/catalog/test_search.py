"""Search finds what people mean, best first, whatever they type."""

import json

import pytest

from shop.kernel.db import write
from shop.modules.catalog.schemas import ProductEdit, VariantDraft
from shop.modules.catalog.service.edit_product import edit_product
from shop.modules.catalog.service.rebuild_cards import rebuild_cards
from tests.factories.catalog import make_product, refresh_catalog
from tests.integration.catalog.conftest import titles


@pytest.fixture
async def kitchen(db):
    """A handful of goods that share words in different places."""
    made = [
        await make_product("Red mug", description_html="<p>Holds any coffee well.</p>", category="Tableware"),
        await make_product("Coffee machine", category="Appliances", attributes={"Material": "Steel"}),
        await make_product("Steel pan", category="Coffee and tea/Pans"),
        await make_product("Crème brûlée bowl", category="Tableware", options={"Glaze": ["Cobalt", "Ivory"]}),
        await make_product("Box for beans", category="Storage", slug="box-bb12"),
    ]
    await refresh_catalog(*(product.id for product in made))
    return made


async def test_title_beats_category_beats_description(kitchen, search):
    assert titles(await search(q="coffee")) == ["Coffee machine", "Steel pan", "Red mug"]


async def test_a_title_beats_an_attribute(kitchen, search):
    assert titles(await search(q="steel")) == ["Steel pan", "Coffee machine"]


@pytest.mark.parametrize("q", ["machi", "coffee mach", "coff machine", "MACHINES", "machines coffees"])
async def test_beginnings_and_other_forms_of_words_are_found(kitchen, search, q):
    assert titles(await search(q=q)) == ["Coffee machine"]


async def test_a_whole_word_beats_a_beginning(db, search):
    await make_product("Carpet", refresh=True)
    await make_product("Car", refresh=True)
    await make_product("Cartoon", refresh=True)
    assert titles(await search(q="car"))[0] == "Car"


@pytest.mark.parametrize("q", ["creme brulee", "Crème", "BRÛLÉE", "brulee bowl"])
async def test_accents_and_case_make_no_difference(kitchen, search, q):
    assert titles(await search(q=q)) == ["Crème brûlée bowl"]


@pytest.mark.parametrize("q", ["BOX-BB12-1", "box-bb12", "boxbb121", "bb12"])
async def test_an_article_number_is_found_however_it_is_written(kitchen, search, q):
    assert titles(await search(q=q)) == ["Box for beans"]


async def test_an_option_is_found(kitchen, search):
    assert titles(await search(q="cobalt")) == ["Crème brûlée bowl"]


async def test_all_words_must_be_met(kitchen, search):
    assert titles(await search(q="red machine")) == []


async def test_little_words_do_not_keep_goods_from_being_found(kitchen, search):
    assert titles(await search(q="the machine for a coffee")) == ["Coffee machine"]


async def test_a_search_within_a_category(kitchen, search):
    assert titles(await search(q="coffee", category="tableware")) == ["Red mug"]


async def test_a_search_can_be_sorted_by_price(db, search):
    for price in (300, 100, 200):
        await make_product(f"Mug {price}", price=price, refresh=True)
    assert titles(await search(q="mug", sort="price_asc")) == ["Mug 100", "Mug 200", "Mug 300"]


async def test_relevance_without_a_search_is_newest_first(kitchen, search):
    assert titles(await search(sort="relevance")) == titles(await search(sort="newest"))


@pytest.mark.parametrize("q", ["!!!", "---", "🫖", "'", "&|"])
async def test_a_search_without_a_word_finds_nothing(kitchen, search, q):
    assert (await search(q=q))["total"] == 0


@pytest.mark.parametrize(
    "q",
    [
        "coffee' or 1=1 --",
        "coffee:*",
        "coffee & machine",
        "(coffee machine)",
        '"coffee machine"',
        "coffee <-> machine",
        "coffee\\",
    ],
)
async def test_operators_are_taken_as_text(kitchen, search, q):
    found = await search(q=q)
    assert found["total"] in {0, 1, 3}


async def test_a_quote_does_not_end_the_query(kitchen, search):
    assert titles(await search(q="coffee'); drop table catalog.card; --")) == []
    assert len(titles(await search())) == 5


async def test_a_query_of_200_characters_is_the_longest(client, kitchen):
    assert (await client.get("/api/v1/products", params={"q": "x" * 200})).status_code == 200
    answer = await client.get("/api/v1/products", params={"q": "x" * 201})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["q"]


async def test_any_string_from_anywhere_is_answered(client, kitchen, real_data):
    strings = json.loads((real_data("bad-input") / "blns" / "blns.json").read_text())
    assert len(strings) > 400
    for path in ("/api/v1/products", "/search", "/api/v1/search/suggest"):
        for string in strings:
            answer = await client.get(path, params={"q": string[:200]})
            assert answer.status_code == 200, (path, string, answer.text[:300])


async def test_any_string_is_shown_as_text(client, kitchen):
    page = (await client.get("/search", params={"q": "<script>alert(1)</script>"})).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_any_filter_from_anywhere_is_answered(client, kitchen, real_data):
    strings = json.loads((real_data("bad-input") / "blns" / "blns.json").read_text())
    for string in strings:
        for params in ({"attr.color": string}, {f"attr.{string}": "x"}, {"category": string}, {"cursor": string}):
            answer = await client.get("/api/v1/products", params=params)
            assert answer.status_code in {200, 404, 422}, (params, answer.text[:300])


async def test_suggestions_are_categories_then_products(kitchen, client):
    answer = (await client.get("/api/v1/search/suggest", params={"q": "coff"})).json()
    assert [(each["kind"], each["title"]) for each in answer["items"]] == [
        ("category", "Coffee and tea"),
        ("product", "Coffee machine"),
        ("product", "Steel pan"),
    ]


async def test_nothing_typed_suggests_nothing(kitchen, client):
    assert (await client.get("/api/v1/search/suggest")).json() == {"items": []}


async def test_a_renamed_product_is_found_by_its_new_name_only(db, search):
    mug = await make_product("Green jug", variants=(VariantDraft("SKU-1"),), refresh=True)
    assert titles(await search(q="green")) == ["Green jug"]
    await write(edit_product, mug.id, ProductEdit(title="Blue cup"))
    await write(rebuild_cards, [mug.id])
    assert titles(await search(q="blue cup")) == ["Blue cup"]
    assert titles(await search(q="green")) == []
