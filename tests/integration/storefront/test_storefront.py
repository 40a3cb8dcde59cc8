"""Home and the static pages: there for everybody, cacheable, and good without a single product."""

import re
from uuid import uuid4

import pytest

from shop.contracts.catalog import Card, ProductId, Showcase
from shop.kernel.money import Money
from shop.kernel.ports import overridden

STATIC = ["/about", "/shipping-returns", "/privacy", "/imprint"]


class ShowcaseFake:
    def __init__(self, *titles: str) -> None:
        self.titles = titles
        self.asked: list[tuple[str, int]] = []

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
    assert fake.asked == [("EUR", 8)]
    assert re.findall(r'href="(/products/[a-z]+)"', answer.text) == ["/products/mug", "/products/cup"]
    assert "€19.99" in answer.text
    assert "Rated 4.5 out of 5" in answer.text


async def test_home_of_an_empty_shop_says_so(client):
    with overridden(Showcase, ShowcaseFake()):
        answer = await client.get("/")
    assert answer.status_code == 200
    assert "The shelves are still empty" in answer.text


async def test_titles_are_text_and_never_markup(client):
    with overridden(Showcase, ShowcaseFake("<script>alert(1)</script>")):
        assert "<script>alert" not in (await client.get("/")).text


@pytest.mark.parametrize("path", ["/", *STATIC])
async def test_pages_for_everybody_set_no_cookie_and_may_be_cached(client, path):
    with overridden(Showcase, ShowcaseFake("Mug")):
        answer = await client.get(path)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"
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
    assert {"/account", "/admin", "/api/", "/cart", "/checkout"} <= set(disallowed)


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
