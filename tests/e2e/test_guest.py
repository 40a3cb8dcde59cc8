"""A guest buys: from the first page to the confirmation and the mail, with JavaScript and without."""

import pytest
from playwright.async_api import expect

from tests.e2e.buying import choose_option, expect_paid, fill_in_checkout, place_order, sign_in
from tests.e2e.running_shop import ADMIN, PASSWORD


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_a_guest_finds_chooses_and_buys(new_visitor, shop, scripts):
    email = f"guest-{scripts}@example.com".lower()
    page = await new_visitor(java_script_enabled=scripts)
    await page.goto("/")
    await page.get_by_role("link", name="Coffee & Kitchen").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Coffee & Kitchen")

    await page.get_by_role("checkbox", name="Enamelled steel").check()
    if not scripts:
        await page.get_by_role("button", name="Show products").click()
    await expect(page.locator("#list-count")).to_have_text("1 product")
    await expect(page.get_by_role("link", name="Remove filter Material: Enamelled steel")).to_be_visible()
    await page.get_by_role("link", name="Bothy Enamel Mug").click()

    await choose_option(page, "Forest")
    await page.get_by_label("Quantity").fill("2")
    await page.get_by_role("button", name="Add to cart").click()
    await expect(page.get_by_text("Bothy Enamel Mug is in your cart").filter(visible=True).first).to_be_visible()
    if scripts:
        await page.get_by_role("link", name="View cart").click()
    line = page.locator(".line-item")
    await expect(line).to_contain_text("Color: Forest")
    await expect(line).to_contain_text("€33.00")

    await fill_in_checkout(page, email)
    await place_order(page, "ok")
    number = await expect_paid(page)
    await expect(page.locator(".line-item")).to_contain_text("2 × €16.50")
    await expect(page.locator("address").first).to_contain_text("Seestraße 12")
    [order] = shop.orders_of(email)
    assert (order["number"], order["status"]) == (number, "paid")

    shop.message(email, "order_confirmation")
    staff = await new_visitor()
    await sign_in(staff, ADMIN, PASSWORD, "/admin")
    await staff.get_by_role("link", name="Mailbox").click()
    await staff.get_by_role("link", name=number).click()
    await expect(staff.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text("Thank you for your order")


async def test_the_link_of_the_mail_opens_the_order_for_whoever_holds_it(new_visitor, shop):
    order = shop.place_order("letter@example.com", "ok")
    link = shop.link_in(shop.message("letter@example.com", "order_confirmation"))
    stranger = await new_visitor()
    assert (await stranger.goto(f"/orders/{order['id']}")).status == 404
    holder = await new_visitor()
    await holder.goto(link)
    assert await expect_paid(holder) == order["number"]
    assert "token" not in holder.url
