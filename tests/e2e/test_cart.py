"""The cart and the checkout as forms: what is changed is counted, what can't be had is told."""

import pytest
from playwright.async_api import expect

from tests.e2e.buying import fill_in_checkout, put_into_cart


async def test_a_stepper_changes_the_quantity_by_itself(visitor):
    await put_into_cart(visitor, "brick-power-bank")
    await expect(visitor.get_by_role("button", name="Update")).to_be_hidden()
    more = visitor.get_by_role("button", name="One more")
    await more.click()
    await more.click()
    await expect(visitor.locator("#cart-words")).to_contain_text("Your cart is up to date")
    await expect(visitor.locator(".line-item .amount")).to_contain_text("€147.00")
    await expect(visitor.locator(".site-header .count")).to_contain_text("3")


async def test_without_javascript_a_button_changes_the_quantity(new_visitor):
    page = await new_visitor(java_script_enabled=False)
    await put_into_cart(page, "brick-power-bank")
    await page.get_by_label("Quantity of").fill("4")
    await page.get_by_role("button", name="Update").click()
    await expect(page.locator(".totals .grand")).to_contain_text("€196.00")


async def test_an_article_is_removed(visitor):
    await put_into_cart(visitor, "brick-power-bank")
    await put_into_cart(visitor, "vesper-candle")
    await visitor.get_by_role("button", name="Remove Brick").click()
    await expect(visitor.locator(".line-item")).to_have_count(1)
    await visitor.get_by_role("button", name="Remove").click()
    await expect(visitor.get_by_text("Your cart is empty")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_more_than_there_is_is_refused_with_the_number_left(new_visitor, shop, scripts):
    page = await new_visitor(java_script_enabled=scripts)
    variants = shop.product("brick-power-bank")["variants"]
    await put_into_cart(page, "brick-power-bank")
    for variant in variants:
        shop.count_stock(variant["id"], 4)
    await page.get_by_label("Quantity of").fill("5")
    if scripts:
        await page.get_by_label("Quantity of").blur()
    else:
        await page.get_by_role("button", name="Update").click()
    await expect(page.get_by_role("alert").first).to_contain_text("only 4")
    await expect(page.get_by_label("Quantity of")).to_have_value("1")
    for variant in variants:
        shop.count_stock(variant["id"], 500)


async def test_what_was_sold_meanwhile_stops_the_checkout(visitor, shop):
    [variant] = shop.product("sol-21-solar-panel")["variants"]
    shop.count_stock(variant["id"], 1)
    await put_into_cart(visitor, "sol-21-solar-panel")
    await fill_in_checkout(visitor, "late@example.com")
    shop.count_stock(variant["id"], 0)
    await visitor.get_by_role("button", name="Place order").click()
    await expect(visitor.get_by_role("heading", level=1)).to_have_text("Your cart")
    await expect(visitor.get_by_text("Sold out")).to_be_visible()
    await expect(visitor.get_by_role("button", name="Checkout")).to_be_disabled()
    assert shop.orders_of("late@example.com") == []


async def test_goods_that_are_sold_out_have_no_button(visitor):
    await visitor.goto("/p/drift-travel-pillow")
    await expect(visitor.get_by_role("button", name="Sold out")).to_be_disabled()
    await expect(visitor.get_by_role("button", name="Add to cart")).to_have_count(0)


async def test_the_summary_follows_country_delivery_and_invoice_and_keeps_what_was_typed(visitor):
    await put_into_cart(visitor, "vesper-candle")
    await fill_in_checkout(visitor, "careful@example.com")
    total = visitor.locator("#summary-part .grand").filter(visible=True)
    await expect(total).to_contain_text("€33.90")
    await visitor.get_by_role("radio", name="Express").check()
    await expect(total).to_contain_text("€38.90")
    await expect(visitor.get_by_role("radio", name="Express")).to_be_focused()
    await visitor.get_by_label("Country").select_option("FR")
    await expect(visitor.get_by_role("heading", name="Delivery to France")).to_be_visible()
    await visitor.get_by_label("The invoice goes to another address").check()
    await expect(visitor.get_by_role("heading", name="Invoice address")).to_be_visible()
    await expect(visitor.get_by_label("Street and number").first).to_have_value("Seestraße 12")
    await expect(visitor.get_by_label("Country").first).to_be_visible()


async def test_the_country_decides_what_an_address_is_asked_for(visitor):
    await put_into_cart(visitor, "vesper-candle")
    await fill_in_checkout(visitor, "abroad@example.com")
    await expect(visitor.get_by_label("State")).to_have_count(0)
    await visitor.get_by_label("Country").select_option("US")
    state = visitor.get_by_label("State", exact=True)
    [chosen] = await state.select_option(label="Oregon")
    await expect(visitor.get_by_label("ZIP code")).to_have_value("10115")
    await visitor.get_by_label("Country").select_option("DE")
    await expect(state).to_have_count(0)
    await visitor.get_by_label("Country").select_option("US")
    await expect(state).to_have_value(chosen)
    await expect(visitor.locator(".place-order")).to_contain_text(
        await visitor.locator("#summary-part .grand dd").filter(visible=True).inner_text()
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_a_form_with_gaps_names_them_and_keeps_the_rest(new_visitor, shop, scripts):
    page = await new_visitor(java_script_enabled=scripts)
    await put_into_cart(page, "vesper-candle")
    await fill_in_checkout(page, "gaps@example.com")
    await page.get_by_label("City").fill(" ")
    await page.get_by_role("button", name="Place order").click()
    summary = page.get_by_role("alert")
    await expect(summary).to_contain_text("Your order was not placed yet")
    await summary.get_by_role("link", name="City").click()
    await expect(page.get_by_label("City")).to_be_focused()
    await expect(page.get_by_label("Full name")).to_have_value("Ada Lovelace")
    assert shop.orders_of("gaps@example.com") == []
