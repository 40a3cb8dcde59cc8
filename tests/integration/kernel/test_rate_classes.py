"""The classes of routes: told as they are, chosen by rule or by route, and told in the fields of answers."""

import re
from pathlib import Path

import pytest
from litestar import Litestar, get

from shop.app import build_litestar
from shop.kernel.config import settings
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import CLASSES, UNLIMITED, class_of, limits
from shop.kernel.http.route_plan import UnknownClass, check_classes
from tests.fakes.staff import BEARER, signed_in

DOCUMENT = Path(__file__).parents[3] / "docs" / "gateway.md"


@pytest.fixture
def classes(rate_limits, monkeypatch):
    """Set by `classes("browse=2/60")`; each test counts anew."""

    def choose(setting: str) -> None:
        monkeypatch.setenv("SHOP_RATE_LIMITS_BY_CLASS", setting)
        settings.cache_clear()
        limits.cache_clear()

    yield choose
    limits.cache_clear()


def test_the_document_tells_the_numbers_of_the_code():
    table = DOCUMENT.read_text().partition("<!-- classes -->")[2].partition("<!-- end of classes -->")[0]
    rows = re.findall(r"^\| ([a-z-]+) \| (\d+) \| (\d+) \| (\w+) \| (\w+)", table, re.MULTILINE)
    told = {name: (int(most), int(seconds), by, how == "exact") for name, most, seconds, by, how in rows}
    assert told == {name: (each.at_most, each.seconds, each.by, each.exact) for name, each in CLASSES.items()}


@pytest.mark.parametrize(
    ("kind", "method", "declared", "name"),
    [
        ("public", "GET", None, "browse"),
        ("public", "POST", None, "write"),
        ("public", "GET", "search", "search"),
        ("customer", "GET", None, "account"),
        ("customer", "DELETE", None, "account-write"),
        ("staff", "GET", None, "staff"),
        ("staff", "PUT", None, "staff-write"),
        ("signature", "POST", None, "webhook"),
    ],
)
def test_a_route_is_counted_by_its_rule_unless_it_says_otherwise(kind, method, declared, name):
    assert class_of(kind, method, declared) == name
    assert name in CLASSES


def test_what_changes_something_or_is_for_somebody_is_counted_exactly():
    for kind in ("customer", "staff", "signature"):
        for method in ("GET", "POST"):
            assert CLASSES[class_of(kind, method, None)].exact
    assert CLASSES[class_of("public", "POST", None)].exact


def test_no_route_that_changes_something_gets_away_with_counting_roughly(booted):
    rough = []
    for route in build_litestar().routes:
        for handler in getattr(route, "route_handlers", []):
            declared = handler.opt.get("limit")
            unsafe = set(handler.http_methods) - {"GET", "HEAD", "OPTIONS"}
            if declared and unsafe and (declared == UNLIMITED or not CLASSES[declared].exact):
                rough.append(route.path)
    assert rough == []


def test_a_class_that_is_not_there_refuses_to_boot():
    @get("/tea", guards=[public], opt={"limit": "brouse"})
    async def tea() -> str:
        return "tea"

    with pytest.raises(UnknownClass, match=r"'brouse' at .*/tea"):
        check_classes(Litestar([tea], openapi_config=None))


async def test_answers_of_the_api_tell_where_one_stands_and_pages_do_not(client, classes):
    classes("browse=50/60,account=9/60,write=7/60")
    read = await client.get("/api/v1/categories")
    assert read.headers["ratelimit-limit"] == "50"
    assert int(read.headers["ratelimit-remaining"]) < 50
    assert read.headers["ratelimit-policy"] == '"browse";q=50;w=60'
    assert re.fullmatch(r'"browse";r=\d+;t=\d+', read.headers["ratelimit"])
    with signed_in(client):
        mine = await client.get("/api/v1/orders", headers=BEARER)
    assert (mine.headers["ratelimit-limit"], mine.headers["ratelimit-remaining"]) == ("9", "8")
    written = await client.post("/api/v1/carts")
    assert written.headers["ratelimit-policy"] == '"write";q=7;w=60'
    page = await client.get("/about")
    assert not [name for name in page.headers if name.startswith("ratelimit")]


async def test_whoever_asks_too_often_is_told_when_to_come_back(client, classes):
    classes("browse=3/60,search=2/60")
    for path, media_type in (
        ("/search?q=tea", "text/html; charset=utf-8"),
        ("/api/v1/search/suggest", "application/problem+json"),
    ):
        answers = [await client.get(path) for _ in range(4)]
        refused = answers[-1]
        assert refused.status_code == 429, path
        assert refused.headers["content-type"] == media_type
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit-remaining"] == "0"
        assert refused.headers["cache-control"] == "private, no-store"
    assert (await client.get("/about")).status_code == 200


async def test_what_is_not_there_is_counted_too(client, classes):
    classes("browse=5/60")
    statuses = [(await client.get(f"/no-such-{number}")).status_code for number in range(7)]
    assert statuses == [404] * 5 + [429] * 2


async def test_guessing_tokens_is_counted_though_each_guess_is_refused(client, classes):
    classes("refused=4/60")
    statuses = [
        (await client.get("/api/v1/orders", headers={"authorization": f"Bearer guess-{number}"})).status_code
        for number in range(6)
    ]
    assert statuses == [401] * 4 + [429] * 2


async def test_one_account_is_counted_wherever_it_asks_from_and_another_is_not(client, classes):
    classes("account=3/60")
    with signed_in(client) as fake:
        statuses = [(await client.get("/api/v1/orders", headers=BEARER)).status_code for _ in range(5)]
        assert statuses == [200] * 3 + [429] * 2
    with signed_in(client) as other:
        assert other.principal.account_id != fake.principal.account_id
        assert (await client.get("/api/v1/orders", headers=BEARER)).status_code == 200


async def test_a_live_process_says_so_however_often_it_is_asked(client, classes):
    classes("browse=1/60,watch=1/60")
    assert {(await client.get("/healthz")).status_code for _ in range(5)} == {200}


async def test_switched_off_nobody_is_counted(client, classes, monkeypatch):
    classes("browse=1/60,write=1/60")
    monkeypatch.setenv("SHOP_RATE_LIMITS", "off")
    settings.cache_clear()
    for _ in range(4):
        assert (await client.get("/about")).status_code == 200
        assert (await client.post("/api/v1/carts")).status_code == 201
