"""Paying by more than a card: from the balance, with a card that is kept, by transfer, and in another way than was begun; on
a phone and on a desk."""

import itertools

import pytest
from playwright.async_api import Page, expect

from tests.e2e.buying import choose_card, expect_paid, fill_in_checkout, place_order, put_into_cart, sign_in, try_again

PASSWORD = "three small blue boats"
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 900}]
BALANCE = 500
_numbers = itertools.count(1)


@pytest.fixture(params=SIZES, ids=lambda size: str(size["width"]))
async def customer(request, new_visitor, shop):
    """Her page, signed in, and her e-mail address; there are five euros in her wallet."""
    email = f"buyer-{next(_numbers)}@example.com"
    shop.sign_up(email, PASSWORD, "Ada Lovelace")
    shop.fill_wallet(email, PASSWORD, BALANCE)
    page = await new_visitor(viewport=request.param)
    await sign_in(page, email, PASSWORD)
    return page, email


async def to_checkout(page: Page) -> None:
    await put_into_cart(page, "ember-kettle")
    await fill_in_checkout(page, None)


def paid_by(order) -> list[tuple[str, str]]:
    return [(payment["provider"], payment["status"]) for payment in order["payments"]]


def received(order) -> int:
    return sum(payment["captured"]["amount"] for payment in order["payments"] if "captured" in payment)


async def choose(page: Page, way: str) -> None:
    await page.get_by_role("radio", name=way, exact=True).check()


async def test_the_balance_pays_its_part_and_the_card_the_rest(customer, shop):
    page, email = customer
    await to_checkout(page)
    left = page.get_by_text("left to pay").filter(visible=True)
    words = page.get_by_text("of it comes from your balance").filter(visible=True)
    await expect(words).to_have_count(0)
    await page.get_by_role("checkbox", name="Use my balance").check()
    await expect(words).to_have_count(1)
    before = await left.first.inner_text()
    await page.get_by_role("radio", name="Express").check()
    await expect(left.first).not_to_have_text(before)
    await place_order(page, "ok")
    await expect_paid(page)
    await expect(page.locator(".order-facts")).to_contain_text("€5.00 from your balance")
    [order] = shop.orders_of(email)
    assert paid_by(order) == [("wallet", "captured"), ("sandbox", "captured")]
    assert received(order) == order["totals"]["total"]["amount"]
    assert shop.balance_of(email, PASSWORD) == 0


async def test_a_balance_that_covers_all_hides_the_other_ways(customer, shop):
    page, email = customer
    shop.fill_wallet(email, PASSWORD, 100_000)
    await to_checkout(page)
    card = page.get_by_role("radio", name="Test card", exact=True)
    await expect(card).to_be_visible()
    await page.get_by_role("checkbox", name="Use my balance").check()
    await expect(card).to_be_hidden()
    await page.get_by_role("button", name="Place order").click()
    await expect_paid(page)
    [order] = shop.orders_of(email)
    assert paid_by(order) == [("wallet", "captured")]


async def test_if_the_card_fails_the_balance_is_back_and_pays_the_next_try(customer, shop):
    page, email = customer
    await to_checkout(page)
    await page.get_by_role("checkbox", name="Use my balance").check()
    await place_order(page, "declined")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your payment did not go through")
    assert shop.balance_of(email, PASSWORD) == BALANCE
    await page.get_by_role("checkbox", name="Use my balance").check()
    await try_again(page, "ok")
    await expect_paid(page)
    [order] = shop.orders_of(email)
    assert received(order) == order["totals"]["total"]["amount"]


async def test_a_card_is_kept_pays_the_next_order_and_is_removed(customer, shop):
    page, email = customer
    await to_checkout(page)
    await choose_card(page, "ok")
    await page.get_by_role("checkbox", name="Keep this card for next time").check()
    await page.get_by_role("button", name="Place order").click()
    await expect_paid(page)
    await put_into_cart(page, "vesper-candle")
    await page.goto("/checkout")
    await expect(page.get_by_role("radio", name="Test card •••• 4242")).to_be_checked()
    await page.get_by_role("button", name="Place order").click()
    await expect_paid(page)
    assert [order["status"] for order in shop.orders_of(email)] == ["paid", "paid"]
    await page.goto("/account/payment-methods")
    await page.get_by_text("Remove", exact=False).first.click()
    await page.get_by_role("button", name="Yes, remove it").click()
    await expect(page.get_by_text("Nothing kept yet")).to_be_visible()
    assert shop.message(email, "payment_methods_changed")


async def test_a_transfer_is_waited_for_with_all_that_the_bank_wants_to_know(customer, shop):
    page, email = customer
    await to_checkout(page)
    await choose(page, "Bank transfer")
    await page.get_by_role("button", name="Place order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("We wait for your transfer")
    [order] = shop.orders_of(email)
    reference = order["payments"][0]["instructions"]["Reference"]
    await expect(page.get_by_text(reference)).to_be_visible()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy reference").click()
    await expect(page.locator("[data-copied]")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == reference
    assert reference in shop.message(email, "order_held")["text"]
    await page.get_by_text("Use another way to pay").click()
    await choose_card(page, "ok")
    await page.get_by_role("button", name="this way").click()
    await expect_paid(page)
    [order] = shop.orders_of(email)
    assert paid_by(order) == [("bank_transfer", "cancelled"), ("sandbox", "captured")]


async def test_cash_at_the_door_is_thanked_for(customer, shop):
    page, email = customer
    await to_checkout(page)
    await choose(page, "Cash on delivery")
    await page.get_by_role("button", name="Place order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order!")
    await expect(page.get_by_text("in cash when it arrives")).to_be_visible()
    assert shop.message(email, "order_held")


async def test_who_left_the_bank_takes_another_way_and_pays_once(customer, shop):
    page, email = customer
    await to_checkout(page)
    await page.get_by_role("checkbox", name="Use my balance").check()
    await place_order(page, "3ds_ok")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Test bank")
    bank = page.url
    [order] = shop.orders_of(email)
    await page.goto(f"/orders/{order['id']}")
    await page.get_by_text("Use another way to pay").click()
    await page.get_by_role("checkbox", name="Use my balance").check()
    await choose_card(page, "ok")
    await page.get_by_role("button", name="this way").click()
    await expect_paid(page)
    [order] = shop.orders_of(email)
    assert received(order) == order["totals"]["total"]["amount"]
    assert shop.balance_of(email, PASSWORD) == 0
    await page.goto(bank)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order!")
    assert received(shop.orders_of(email)[0]) == order["totals"]["total"]["amount"]


async def test_without_javascript_all_of_it_works(new_visitor, shop):
    email = f"buyer-{next(_numbers)}@example.com"
    shop.sign_up(email, PASSWORD, "Ada Lovelace")
    shop.fill_wallet(email, PASSWORD, BALANCE)
    page = await new_visitor(java_script_enabled=False)
    await sign_in(page, email, PASSWORD)
    await to_checkout(page)
    await page.get_by_role("checkbox", name="Use my balance").check()
    await page.get_by_role("button", name="Update").click()
    await expect(page.get_by_role("checkbox", name="Use my balance")).to_be_checked()
    await place_order(page, "ok")
    await expect_paid(page)
    [order] = shop.orders_of(email)
    assert paid_by(order) == [("wallet", "captured"), ("sandbox", "captured")]
