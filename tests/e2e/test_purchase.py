"""The whole purchase, from the home page to the confirmation: on a phone and on a desktop, with JavaScript and without.
What the buyer is told to pay is the same amount from the cart to the order."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.buying import CARDS, expect_paid, fill_in_checkout

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
AMOUNT = re.compile(r"€([\d,]+\.\d\d)")


async def amount_in(page: Page, selector: str) -> int:
    """The last amount, in cents, of the one element that is shown."""
    found = AMOUNT.findall(await page.locator(selector).filter(visible=True).first.inner_text())
    assert found, f"{selector} tells no amount"
    return int(found[-1].replace(",", "").replace(".", ""))


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_stranger_looks_around_and_buys(new_visitor, shop, window, scripts):
    email = f"stranger-{window['width']}-{scripts}@example.com".lower()
    page = await new_visitor(java_script_enabled=scripts, viewport=window)
    await page.goto("/")
    await page.locator("main").get_by_role("link", name="Coffee & Kitchen").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Coffee & Kitchen")
    await page.get_by_role("link", name="Ember").filter(visible=True).first.click()
    await page.wait_for_url("**/p/ember*")
    title = await page.get_by_role("heading", level=1).inner_text()

    await page.get_by_role("button", name="Add to cart").filter(visible=True).first.click()
    if scripts:
        drawer = page.get_by_role("dialog", name="Your cart")
        await expect(drawer.locator(".line-item")).to_contain_text(title)
        await drawer.get_by_role("button", name="One more").click()
        await expect(page.locator("#cart-count")).to_contain_text("2")
        subtotal = await amount_in(page, ".subtotal")
        await drawer.get_by_role("link", name="View cart").click()
    else:
        await page.get_by_label("Quantity of").fill("2")
        await page.get_by_role("button", name="Update").click()
        await expect(page.locator("#cart-count")).to_contain_text("2")
        subtotal = await amount_in(page, ".totals .grand")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your cart")
    assert await amount_in(page, ".line-item .amount") == subtotal
    assert await amount_in(page, ".totals .grand") == subtotal

    await fill_in_checkout(page, email)
    standard = await page.locator(".place-order").inner_text()
    await page.get_by_role("radio", name="Express").check()
    await expect(page.locator(".place-order")).not_to_have_text(standard)
    wide = window is DESKTOP
    total = await amount_in(page, ".place-order")
    assert total > subtotal
    assert await amount_in(page, "#summary-part .grand" if wide else ".phone-summary summary") == total
    if not wide:
        await page.get_by_text("Show your order").click()
        assert await amount_in(page, "#phone-summary-part .grand") == total
    test_card = page.get_by_role("radio", name="Test card", exact=True)
    await test_card.check()
    await page.get_by_role("radio", name=CARDS["3ds_ok"]).check()
    await page.get_by_role("button", name="Place order").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Test bank")
    assert await amount_in(page, ".bank .amount") == total
    await page.get_by_role("button", name="Approve").click()
    number = await expect_paid(page)
    assert await amount_in(page, ".order-facts .grand") == total
    await expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
    [order] = shop.orders_of(email)
    assert (order["number"], order["status"], order["totals"]["total"]["amount"]) == (number, "paid", total)
    assert order["payments"][0]["amount"]["amount"] == total
    await expect(page.locator("#cart-count")).to_be_hidden()


async def test_the_order_prints_as_one_sheet(visitor, shop):
    order = shop.place_order("paper@example.com", "ok")
    await visitor.goto(f"/orders/{order['id']}?token={order['access_token']}")
    sheet = visitor.locator(".order-sheet")
    await expect(sheet).to_be_hidden()
    await visitor.emulate_media(media="print", color_scheme="dark")
    await expect(sheet).to_be_visible()
    await expect(visitor.get_by_role("heading", level=1)).to_be_hidden()
    await expect(visitor.locator(".site-header")).to_be_hidden()
    for told in (order["number"], "Fernweh Goods", "Seestraße 12", order["lines"][0]["sku"], "Tax included, 19 %"):
        await expect(sheet).to_contain_text(told)
    total = f"€{order['totals']['total']['amount'] / 100:.2f}"
    await expect(sheet.locator("dd.sheet-total")).to_have_text(total)
    assert await sheet.evaluate("sheet => getComputedStyle(sheet).color") == "rgb(0, 0, 0)"
    document = await visitor.pdf(format="A4")
    assert document.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", document)) == 1


async def test_an_answer_that_comes_late_is_shown_by_itself(visitor, shop):
    order = shop.place_order("patient@example.com", "slow")
    await visitor.goto(f"/orders/{order['id']}?token={order['access_token']}")
    await expect_paid(visitor)


async def test_a_total_that_changed_is_told_as_it_was_and_as_it_is(new_visitor, shop):
    page = await new_visitor()
    await page.goto("/p/vesper-candle")
    await page.get_by_role("button", name="Add to cart").filter(visible=True).first.click()
    await page.get_by_role("dialog", name="Your cart").get_by_role("link", name="Checkout").click()
    await fill_in_checkout_fields(page)
    before = await page.locator(".place-order").inner_text()
    other = await page.context.new_page()
    await other.goto("/cart")
    await other.get_by_role("button", name="One more").click()
    await expect(other.locator("#cart-count")).to_contain_text("2")
    await page.get_by_role("button", name="Place order").click()
    was = AMOUNT.search(before)
    assert was
    await expect(page.get_by_role("alert")).to_contain_text(f"The total has changed from {was[0]} to €")
    await expect(page.locator(".place-order")).not_to_contain_text(was[0])
    assert shop.orders_of("changed@example.com") == []
    await page.get_by_role("radio", name=CARDS["ok"]).check()
    await page.get_by_role("button", name="Place order").click()
    await expect_paid(page)


async def fill_in_checkout_fields(page: Page) -> None:
    await page.get_by_label("E-mail").fill("changed@example.com")
    for label, text in (
        ("Full name", "Ada"),
        ("Street and number", "Weg 1"),
        ("Postal code", "10115"),
        ("City", "Berlin"),
    ):
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("radio", name="Test card", exact=True).check()
