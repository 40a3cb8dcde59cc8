"""Suggestions below the search box: a fragment for everybody, with pictures, prices and the typed part marked."""

import re

import pytest

from tests.factories.catalog import make_product, refresh_catalog


@pytest.fixture
async def shelf(db):
    made = [
        await make_product(
            "Crème brûlée bowl", slug="creme-brulee-bowl", price=1250, category="Coffee & Kitchen/Bowls"
        ),
        await make_product("Coffee mill", slug="coffee-mill", price=8900, category="Coffee & Kitchen/Mills"),
        await make_product("Tent <b>", category="Camp"),
    ]
    await refresh_catalog(*(product.id for product in made))


async def suggest(client, typed):
    answer = await client.get("/search/suggest", params={"q": typed})
    assert answer.status_code == 200
    return answer


async def test_categories_then_goods_then_all_results(client, shelf):
    html = (await suggest(client, "coff")).text
    assert re.findall(r'role="option"[^>]* href="([^"]+)"', html) == [
        "/c/coffee-kitchen",
        "/p/coffee-mill",
        "/p/creme-brulee-bowl",
        "/search?q=coff",
    ]
    assert "<mark>Coff</mark>ee mill" in html
    assert "€89.00" in html
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


async def test_accents_make_no_difference_to_what_is_marked(client, shelf):
    assert "<mark>Crème</mark> <mark>brû</mark>lée bowl" in (await suggest(client, "creme bru")).text


@pytest.mark.parametrize("typed", ["", "  ", "zzzz", "&|!", "\x00"])
async def test_where_nothing_matches_nothing_is_shown(client, shelf, typed):
    assert (await suggest(client, typed)).text == ""


async def test_titles_and_what_is_typed_are_text(client, shelf):
    html = (await suggest(client, 'tent"><script>')).text
    assert "<script" not in html
    html = (await suggest(client, "tent")).text
    assert "<mark>Tent</mark> &lt;b&gt;" in html


async def test_they_may_be_kept_by_anybody_and_are_nothing_for_an_index(client, shelf):
    answer = await suggest(client, "coffee")
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "set-cookie" not in answer.headers


async def test_they_cost_one_statement(client, shelf, record_statements):
    await suggest(client, "coffee")
    with record_statements() as sent:
        await suggest(client, "mill")
    assert len(sent) <= 2  # one of them the category tree, which tests keep nowhere


async def test_too_long_a_text_is_refused(client):
    assert (await client.get("/search/suggest", params={"q": "x" * 201})).status_code in {400, 422}


async def test_what_only_a_description_says_suggests_nothing(client):
    mug = await make_product("Camp mug")
    lamp = await make_product("Lantern", description_html="<p>It must not get wet.</p>")
    await refresh_catalog(mug.id, lamp.id)
    html = (await suggest(client, "mu")).text
    assert "Camp" in html
    assert "Lantern" not in html


async def test_a_mistyped_word_is_suggested_as_it_was_meant(client, shelf):
    html = (await suggest(client, "cofee mil")).text
    assert re.findall(r'role="option"[^>]* href="([^"]+)"', html) == ["/p/coffee-mill", "/search?q=coffee+mil"]
    assert "<mark>Coffee</mark> <mark>mil</mark>l" in html
    assert "See all results for “coffee mil”" in html
