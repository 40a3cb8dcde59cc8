"""A customer: signed up by the link of a mail, buys, finds the order again, and is out after signing out."""

from playwright.async_api import expect

from tests.e2e.buying import expect_paid, fill_in_checkout, place_order, put_into_cart, sign_in
from tests.e2e.running_shop import ADMIN
from tests.e2e.running_shop import PASSWORD as ADMIN_PASSWORD

EMAIL = "grace@example.com"
PASSWORD = "nanoseconds of wire"


async def test_a_customer_signs_up_buys_and_sees_the_order(new_visitor, shop):
    page = await new_visitor()
    await put_into_cart(page, "hearth-cast-iron-pan")
    await page.goto("/signup")
    await page.get_by_label("Name").fill("Grace Hopper")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    shop.message(EMAIL, "verify_email")

    staff = await new_visitor()
    await sign_in(staff, ADMIN, ADMIN_PASSWORD, "/admin/mailbox")
    await staff.get_by_role("row", name=EMAIL).get_by_role("link").click()
    link = staff.frame_locator("iframe").get_by_role("link", name="Confirm")
    await page.goto(await link.first.get_attribute("href"))
    await page.get_by_role("button", name="Confirm my address").click()

    await sign_in(page, EMAIL, PASSWORD)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Grace Hopper")
    await page.goto("/cart")
    await expect(page.locator(".line-item")).to_contain_text("Hearth Cast-Iron Pan")
    await fill_in_checkout(page, None)
    await place_order(page, "ok")
    number = await expect_paid(page)
    await page.goto("/account/orders")
    await page.get_by_role("link", name=f"Order {number}").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order!")

    await page.goto("/account")
    await page.get_by_role("button", name="Sign out").click()
    await page.goto("/account/orders")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_a_wrong_password_is_told_beside_the_form(visitor):
    await visitor.goto("/signin")
    await visitor.get_by_label("E-mail").fill("nobody@example.com")
    await visitor.get_by_label("Password").fill("not the right one")
    await visitor.get_by_role("button", name="Sign in").click()
    await expect(visitor.get_by_role("alert")).to_be_visible()
    await expect(visitor.get_by_label("E-mail")).to_have_value("nobody@example.com")
    await expect(visitor.get_by_label("Password")).to_have_value("")
