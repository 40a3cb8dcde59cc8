"""Payments that don't go smoothly: a refusal is told in plain words, and the next try ends in one paid order."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.buying import expect_paid, fill_in_checkout, place_order, put_into_cart, try_again

DECLINED = "Your card was declined. Please try another one."
NOT_CONFIRMED = "The payment was not confirmed with your bank."


async def order_with(page: Page, card: str, email: str) -> None:
    await put_into_cart(page, "ember-kettle")
    await fill_in_checkout(page, email)
    await place_order(page, card)


async def expect_refused(page: Page, reason: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your payment did not go through")
    await expect(page.get_by_role("alert")).to_contain_text(reason)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_a_declined_card_is_told_and_another_one_pays(new_visitor, shop, scripts):
    email = f"declined-{scripts}@example.com".lower()
    page = await new_visitor(java_script_enabled=scripts)
    await order_with(page, "declined", email)
    await expect_refused(page, DECLINED)
    await try_again(page, "ok")
    number = await expect_paid(page)
    [order] = shop.orders_of(email)
    assert (order["number"], order["status"]) == (number, "paid")
    assert [payment["status"] for payment in order["payments"]] == ["failed", "captured"]
    assert shop.message(email, "payment_failed")
    assert shop.message(email, "order_confirmation")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_the_bank_confirms_under_whatever_name_the_shop_is_open(new_visitor, shop, host):
    email = f"confirmed-at-{host}@example.com"
    page = await new_visitor(base_url=shop.url.replace("localhost", host))
    await order_with(page, "3ds_ok", email)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Test bank")
    await page.get_by_role("button", name="Approve").click()
    await expect_paid(page)
    assert host in page.url
    [order] = shop.orders_of(email)
    assert order["status"] == "paid"


async def test_an_unconfirmed_payment_is_told_and_tried_again(visitor, shop):
    email = "unconfirmed@example.com"
    await order_with(visitor, "3ds_ok", email)
    await visitor.get_by_role("button", name="Decline").click()
    await expect_refused(visitor, NOT_CONFIRMED)
    await try_again(visitor, "3ds_ok")
    await visitor.get_by_role("button", name="Approve").click()
    await expect_paid(visitor)
    [order] = shop.orders_of(email)
    assert [payment["status"] for payment in order["payments"]] == ["failed", "captured"]


async def test_who_left_the_bank_finds_the_way_back_on_the_orders_page(visitor, shop):
    await order_with(visitor, "3ds_ok", "left@example.com")
    [order] = shop.orders_of("left@example.com")
    await visitor.goto(f"/orders/{order['id']}")
    await expect(visitor.get_by_role("heading", level=1)).to_have_text("One more step")
    await visitor.get_by_role("link", name="Continue to confirm").click()
    await visitor.get_by_role("button", name="Approve").click()
    await expect_paid(visitor)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_only_the_chosen_providers_fields_are_shown(new_visitor, scripts):
    page = await new_visitor(java_script_enabled=scripts)
    await put_into_cart(page, "vesper-candle")
    await page.goto("/checkout")
    test_card, card = page.get_by_role("radio", name="Test card"), page.get_by_role("radio", name="Card", exact=True)
    test_cards, words = page.get_by_role("group", name="Test card"), page.get_by_text("in Stripe's secure form")
    await test_card.check()
    await expect(test_cards).to_be_visible()
    await expect(words).to_be_hidden()
    await card.check()
    await expect(test_cards).to_be_hidden()
    await expect(words).to_be_visible()
