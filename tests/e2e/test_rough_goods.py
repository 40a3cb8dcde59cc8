"""Goods as strangers enter them: words longer than a phone is wide, no picture, no words at all, forty choices. Their
pages hold, from the list to the order."""

import json

import pytest

from tests.e2e.buying import fill_in_checkout, put_into_cart, sign_in
from tests.e2e.examination import examine_all, examine_shown
from tests.e2e.running_shop import ADMIN, PASSWORD, open_shop

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
CATEGORY = f"{LONG_WORD} > Ünder {LONG_WORD}"
FACTS = {
    f"attribute.{LONG_WORD}": LONG_WORD,
    "attribute.<b>Bold & brave</b>": "</script><script>alert(1)</script>",
    "number.Depth": "0.0000001",
    **{f"attribute.Fact {n}": f"value {n} " * 8 for n in range(40)},
}
GOODS = [
    {
        "slug": "rough-long",
        "title": f"{LONG_WORD} {LONG_WORD}",
        "description_html": f"<h2>{LONG_WORD}</h2><p>{LONG_WORD}</p><table><tr>{f'<td>{LONG_WORD}</td>' * 4}</tr></table>"
        f"<ul><li><a href='https://example.com/{LONG_WORD}'>{LONG_WORD}</a></li></ul><pre>{LONG_WORD * 3}</pre>",
        "categories": CATEGORY,
        "sku": "R" * 64,
        "price_eur": "9999999.99",
        "compare_at_eur": "12345678.90",
        "stock": "1",
        **FACTS,
    },
    {"slug": "rough-bare", "title": "X", "categories": CATEGORY, "sku": "bare", "price_eur": "0.01", "stock": "500"},
    *(
        {
            "slug": "rough-many",
            "title": "More than one can choose from" if n == 0 else "",
            "categories": CATEGORY if n == 0 else "",
            "sku": f"many-{n}",
            "option1_name": LONG_WORD[:60],
            "option1_value": f"{LONG_WORD} {n // 2}",
            "option2_name": "Finish",
            "option2_value": ("gloss", "matt")[n % 2],
            "price_eur": f"{n + 1}.00",
            "stock": str(n % 3),
        }
        for n in range(40)
    ),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """In place of everybody's shop, whose lists others look at."""
    folder = tmp_path_factory.mktemp("rough")
    file = folder / "goods.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in GOODS))
    with open_shop(folder / "shop") as opened:
        process = opened.command("import", "products", "--preset", "shop", str(file))
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == 0, printed
        for each in ("rough-long", "rough-bare", "rough-many"):
            opened.wait_for("/search?sort=newest", f"/p/{each}")
        opened.wait_for("/p/rough-bare", f">Ünder {LONG_WORD}</a>")
        yield opened


async def test_their_pages_hold(visitor, shop):
    category = shop.product("rough-bare")["categories"][-1]["url"]
    goods = [f"/p/{slug}" for slug in ("rough-long", "rough-bare", "rough-many")]
    await examine_all(visitor, "/", category, "/search?sort=newest", f"/search?q={LONG_WORD}", *goods)


async def test_they_are_bought(visitor, shop):
    await put_into_cart(visitor, "rough-bare", quantity=99)
    await put_into_cart(visitor, "rough-long")
    await examine_all(visitor, "/cart", "/checkout")
    order = shop.place_order("rough@example.com", "ok", "rough-long")
    await examine_all(visitor, f"/orders/{order['id']}?token={order['access_token']}")


async def test_the_drawer_of_the_cart_holds(visitor):
    await visitor.goto("/p/rough-bare")
    await visitor.get_by_role("button", name="Add to cart").click()
    await visitor.locator("#cart-drawer[open] .line-item").wait_for()
    assert await examine_shown(visitor) == []


async def test_the_checkout_holds_what_somebody_types(visitor):
    await put_into_cart(visitor, "rough-bare")
    await fill_in_checkout(visitor, f"{'x' * 60}@example.com")
    await visitor.get_by_label("Full name").fill(LONG_WORD)
    await visitor.get_by_label("City").fill(" ")
    await visitor.get_by_role("button", name="Place order").click()
    await visitor.get_by_role("alert").wait_for()
    assert await examine_shown(visitor) == []


async def test_the_back_office_holds(visitor, shop):
    order = shop.place_order("rough@example.com", "ok", "rough-bare")
    await sign_in(visitor, ADMIN, PASSWORD, "/admin")
    product = f"/admin/products/{shop.product('rough-many')['id']}"
    long = f"/admin/products/{shop.product('rough-long')['id']}"
    await examine_all(visitor, "/admin/products", product, long, f"/admin/orders/{order['id']}", "/admin/orders")
