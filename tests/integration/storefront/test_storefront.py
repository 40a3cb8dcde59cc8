"""Home and the static pages: there for everybody, cacheable, and good without a single product."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from uuid import uuid4

import msgspec
import pytest

from shop.contracts.catalog import Card, ProductId, Showcase
from shop.kernel.http.templating import environment
from shop.kernel.money import Money
from shop.kernel.ports import overridden
from shop.modules.storefront import pages
from shop.modules.storefront.linked_data import as_linked_data

STATIC = ["/about", "/shipping-returns", "/privacy", "/imprint"]


class ShowcaseFake:
    def __init__(self, *titles: str) -> None:
        self.titles = titles
        self.asked: list[tuple[str, int]] = []

    async def openings(self, uow, ids):
        return dict.fromkeys(ids, "Told in two sentences. Or so.")

    async def newest(self, uow, currency, limit):
        self.asked.append((currency, limit))
        return [
            Card(
                id=ProductId(uuid4()),
                slug=title.lower(),
                title=title,
                price=Money(1999, currency),
                compare_at_price=Money(2999, currency),
                in_stock=True,
                image=f"/media/{title.lower()}.webp",
                url=f"/products/{title.lower()}",
                rating_average=4.5,
                rating_count=3,
            )
            for title in self.titles[:limit]
        ]


async def test_home_shows_the_newest_products(client):
    fake = ShowcaseFake("Mug", "Cup")
    with overridden(Showcase, fake):
        answer = await client.get("/")
    assert answer.status_code == 200
    assert fake.asked == [("EUR", 12)]
    shelf = answer.text[answer.text.index("Just unpacked") : answer.text.index("home-section pick")]
    assert re.findall(r'href="(/products/[a-z]+)"', shelf) == ["/products/mug", "/products/cup"]
    assert "€19.99" in answer.text
    assert "Rated 4.5 out of 5" in answer.text


async def test_home_of_an_empty_shop_says_so(client):
    with overridden(Showcase, ShowcaseFake()):
        answer = await client.get("/")
    assert answer.status_code == 200
    assert "The shelves are still empty" in answer.text


async def test_there_is_another_pick_each_week(client, monkeypatch):
    shown = set()
    for day in (2, 9, 16):
        monkeypatch.setattr(pages, "now", lambda day=day: datetime(2026, 11, day, tzinfo=UTC))
        with overridden(Showcase, ShowcaseFake(*(f"Good{n}" for n in range(12)))):
            html = (await client.get("/")).text
        shown.add(re.search(r'<h2 id="home-pick">([^<]+)<', html)[1])
        assert "Told in two sentences. Or so." in html
    assert shown == {"Good9", "Good10", "Good11"}


async def test_a_shop_that_is_no_demo_is_shown_by_its_own_name_and_goods_alone(client, monkeypatch):
    facts = environment().globals["shop"]
    monkeypatch.setitem(environment().globals, "shop", msgspec.structs.replace(facts, name="Mug & Co", demo=False))
    with overridden(Showcase, ShowcaseFake("Mug", "Cup")):
        html = (await client.get("/")).text
    assert "<h1>Mug &amp; Co</h1>" in html
    assert "New arrivals" in html
    assert "mended" not in html
    assert "/static/pictures/" not in html


async def test_home_says_whose_it_is_to_those_who_share_or_index_it(client):
    with overridden(Showcase, ShowcaseFake("Mug")):
        html = (await client.get("/")).text
    meta = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html))
    assert meta["og:title"] == "Fernweh Goods"
    assert meta["og:url"] == re.search(r'<link rel="canonical" href="([^"]+)"', html)[1]
    assert meta["description"]
    graph = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])["@graph"]
    assert [each["@type"] for each in graph] == ["Organization", "WebSite"]
    assert graph[1]["potentialAction"]["target"]["urlTemplate"].endswith("/search?q={search_term_string}")


def test_linked_data_can_not_end_its_script():
    told = str(as_linked_data({"name": "</script><script>alert(1)//<!-- & \u2028"}))
    assert "<" not in told
    assert json.loads(told)["name"] == "</script><script>alert(1)//<!-- & \u2028"


@pytest.mark.parametrize("path", STATIC)
async def test_a_static_page_tells_search_engines_what_it_is_about(client, path):
    html = (await client.get(path)).text
    meta = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html))
    assert 30 < len(unescape(meta["description"])) < 160
    assert meta["og:url"].endswith(path)


async def test_titles_are_text_and_never_markup(client):
    with overridden(Showcase, ShowcaseFake("<script>alert(1)</script>")):
        assert "<script>alert" not in (await client.get("/")).text


@pytest.mark.parametrize("path", ["/", *STATIC])
async def test_pages_for_everybody_set_no_cookie_and_may_be_cached(client, path):
    with overridden(Showcase, ShowcaseFake("Mug")):
        answer = await client.get(path)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "public, no-cache"
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1


async def test_home_asks_the_database_nothing_of_its_own(client, record_statements):
    with overridden(Showcase, ShowcaseFake("Mug")):
        await client.get("/")
        with record_statements() as sent:
            await client.get("/")
    assert len(sent) <= 2


async def test_every_static_page_is_linked_in_the_footer(client):
    text = (await client.get("/about")).text
    assert [path for path in STATIC if f'<a href="{path}">' not in text] == []


async def test_robots_stay_out_of_what_is_personal(client):
    answer = await client.get("/robots.txt")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    disallowed = re.findall(r"^Disallow: (\S+)$", answer.text, re.MULTILINE)
    assert {"/account", "/admin", "/api/", "/cart"} <= set(disallowed)
    checkout = await client.get("/checkout")
    assert (checkout.status_code, checkout.headers["location"]) == (303, "/cart")
    assert re.search(r"^Sitemap: https?://\S+/sitemap\.xml$", answer.text, re.MULTILINE)


async def test_the_manifest_of_the_web_app_names_icons_that_are_there(client):
    answer = await client.get("/site.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert manifest["start_url"] == "/"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert (await client.get(icon["src"])).headers["content-type"] == "image/png"


async def test_the_api_reference_tells_every_operation(client):
    answer = await client.get("/docs")
    document = (await client.get("/openapi.json")).json()
    assert answer.status_code == 200
    shown = answer.text.replace("<wbr>", "")
    missing = [path for path in document["paths"] if f"<code>{path}</code>" not in shown]
    assert missing == []
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in answer.text
    linked = set(re.findall(r'href="#([^"]+)"', answer.text))
    assert linked <= set(re.findall(r'id="([^"]+)"', answer.text))
