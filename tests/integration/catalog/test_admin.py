"""Staff find a product and change its words, its prices and its stock; what can't be is told beside its field."""

from uuid import uuid4

import pytest

from shop.contracts.inventory import Reservations, Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.money import Money
from shop.kernel.ports import port
from tests.factories.catalog import make_product
from tests.factories.forms import Form
from tests.factories.identity import make_account, sign_in_browser


async def sign_in(client, *permissions):
    account = await make_account("staff@example.com", permissions=permissions)
    await sign_in_browser(client, account)


@pytest.fixture
async def staff(client):
    await sign_in(client, "products.view", "products.edit", "stock.view", "stock.edit")
    return client


async def form_of(client, product, part=""):
    answer = await client.get(f"/admin/products/{product.id}")
    assert answer.status_code == 200, answer.text
    return Form(answer.text, f"/admin/products/{product.id}{part}")


async def price_of(product):
    return (await read(port(Prices).prices, [product.variant_id], "EUR")).get(product.variant_id)


async def level_of(product):
    return (await read(port(Stock).levels, [product.variant_id]))[product.variant_id]


async def test_products_are_found_by_title_sku_and_status(staff):
    mug = await make_product("Mug 100% clay")
    await make_product("Cup", status="draft")
    for query, found, missing in (
        ("q=100%25", "Mug", "Cup"),
        (f"q={mug.variants[0].sku}", "Mug", "Cup"),
        ("status=draft", "Cup", "Mug"),
    ):
        html = (await staff.get(f"/admin/products?{query}")).text
        assert f">{found}" in html
        assert f">{missing}" not in html


async def test_a_long_list_has_pages(staff):
    for n in range(26):
        await make_product(f"Mug {n}")
    first = (await staff.get("/admin/products")).text
    assert "cursor=" in first
    assert "Mug 25" in first
    assert ">Mug 0<" not in first


async def test_the_words_of_a_product_are_changed_and_made_safe(staff, rows):
    mug = await make_product("Mug")
    form = await form_of(staff, mug)
    answer = await form.send(staff, title="Better mug", description_html="<p>Good</p><script>x</script>")
    assert answer.status_code == 303
    [product] = await rows("product")
    assert (product.title, product.description_html) == ("Better mug", "<p>Good</p>")


async def test_a_blank_title_is_told_beside_its_field_and_nothing_changes(staff, rows):
    mug = await make_product("Mug")
    answer = await (await form_of(staff, mug)).send(staff, title=" ", description_html="kept words")
    assert answer.status_code == 422
    assert "kept words" in answer.text
    assert 'href="#f-title"' in answer.text
    assert [p.title for p in await rows("product")] == ["Mug"]


async def test_a_price_is_changed_with_its_tax_class_kept(staff):
    mug = await make_product(price=1000, tax_class="reduced")
    key = f"price.{mug.variant_id}"
    form = await form_of(staff, mug, "/prices")
    assert form.fields[key] == "10.00"
    answer = await form.send(staff, **{key: "12.5", f"compare_at.{mug.variant_id}": "20"})
    assert answer.status_code == 303
    assert await price_of(mug) == Price(mug.variant_id, Money(1250, "EUR"), Money(2000, "EUR"), "reduced")


@pytest.mark.parametrize(
    ("price", "former", "words"),
    [
        ("cheap", "", "is not a number"),
        ("9.999", "", "more decimals"),
        ("-1", "", "negative"),
        ("", "", "A price is needed"),
        ("10", "9", "must be higher"),
        ("1e300", "", "is not a number"),
        ("NaN", "", "is not a number"),
    ],
)
async def test_a_price_that_can_not_be_is_told_and_none_is_changed(staff, price, former, words):
    mug = await make_product(price=1000)
    form = await form_of(staff, mug, "/prices")
    answer = await form.send(staff, **{f"price.{mug.variant_id}": price, f"compare_at.{mug.variant_id}": former})
    assert answer.status_code == 422
    assert words in answer.text
    assert (await price_of(mug)).amount == Money(1000, "EUR")


async def test_stock_is_counted(staff):
    mug = await make_product(stock=5)
    answer = await (await form_of(staff, mug, "/stock")).send(staff, **{f"on_hand.{mug.variant_id}": "8"})
    assert answer.status_code == 303
    assert (await level_of(mug)).on_hand == 8


async def test_a_count_that_was_not_touched_does_not_undo_a_sale(staff):
    mug = await make_product(stock=[5, 5], options={"Color": ["Black", "White"]})
    form = await form_of(staff, mug, "/stock")
    await write(port(Stock).set_on_hand, [StockLine(mug.variants[1].id, 3)], "sold meanwhile")
    await form.send(staff, **{f"on_hand.{mug.variants[0].id}": "9"})
    levels = await read(port(Stock).levels, [v.id for v in mug.variants])
    assert [levels[v.id].on_hand for v in mug.variants] == [9, 3]


@pytest.mark.parametrize("count", ["-1", "1.5", "many", "99999999999999999999", "٣"])
async def test_a_count_that_is_none_is_refused(staff, count):
    mug = await make_product(stock=5)
    answer = await (await form_of(staff, mug, "/stock")).send(staff, **{f"on_hand.{mug.variant_id}": count})
    assert answer.status_code == 422
    assert "A whole number" in answer.text
    assert (await level_of(mug)).on_hand == 5


async def test_a_count_below_what_is_promised_is_refused(staff):
    mug = await make_product(stock=5)
    await write(port(Reservations).reserve, uuid4(), [StockLine(mug.variant_id, 4)], clock.now().replace(year=2099))
    answer = await (await form_of(staff, mug, "/stock")).send(staff, **{f"on_hand.{mug.variant_id}": "3"})
    assert answer.status_code == 409
    assert "promised" in answer.text
    assert (await level_of(mug)).on_hand == 5


async def test_a_variant_of_another_product_is_left_alone(staff):
    mug, cup = await make_product(stock=5), await make_product(stock=5)
    form = await form_of(staff, mug, "/stock")
    form.names.add(f"on_hand.{cup.variant_id}")
    await form.send(staff, **{f"on_hand.{cup.variant_id}": "1"})
    assert (await level_of(cup)).on_hand == 5


async def test_who_may_only_look_changes_nothing(client, rows):
    mug = await make_product("Mug", stock=5)
    await sign_in(client, "products.view")
    form = await form_of(client, mug)
    assert "Save the product" not in (await client.get(f"/admin/products/{mug.id}")).text
    for part in ("", "/prices", "/stock"):
        form.action = f"/admin/products/{mug.id}{part}"
        assert (await form.send(client)).status_code == 403
    assert [p.title for p in await rows("product")] == ["Mug"]


async def test_customers_are_kept_out(client):
    mug = await make_product()
    account = await make_account()
    await sign_in_browser(client, account)
    for url in ("/admin/products", f"/admin/products/{mug.id}"):
        assert (await client.get(url)).status_code == 403


async def test_a_product_that_is_not_there_is_not_found(staff):
    assert (await staff.get(f"/admin/products/{uuid4()}")).status_code == 404
