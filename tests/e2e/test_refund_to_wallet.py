"""An order given back to the wallet, in a browser: by staff on the order's page, and spent again by its buyer; on a phone and
on a desk."""

import itertools

import pytest
from playwright.async_api import expect

from tests.e2e.buying import expect_paid, fill_in_checkout, place_order, put_into_cart, sign_in
from tests.e2e.running_shop import ADMIN
from tests.e2e.running_shop import PASSWORD as ADMINS_PASSWORD
from tests.e2e.test_statements import choose

PASSWORD = "three small blue boats"
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 900}]
_numbers = itertools.count(1)


def shown(amount) -> str:
    return f"€{amount['amount'] / 100:,.2f}"


@pytest.fixture(params=SIZES, ids=lambda size: str(size["width"]))
def size(request):
    return request.param


@pytest.fixture
async def buyer(size, new_visitor, shop):
    """Her page, signed in, and her e-mail address; she has paid an order by card, and never had a wallet."""
    email = f"refunded-{next(_numbers)}@example.com"
    shop.sign_up(email, PASSWORD, "Ada Lovelace")
    page = await new_visitor(viewport=size)
    await sign_in(page, email, PASSWORD)
    await put_into_cart(page, "ember-kettle")
    await fill_in_checkout(page, None)
    await place_order(page, "ok")
    await expect_paid(page)
    return page, email


@pytest.fixture
async def staff(size, new_visitor):
    page = await new_visitor(viewport=size)
    page.on("dialog", lambda dialog: dialog.accept())
    await sign_in(page, ADMIN, ADMINS_PASSWORD, "/admin/orders")
    return page


async def test_what_staff_give_back_to_the_wallet_is_there_at_once_and_pays_the_next_order(buyer, staff, shop):
    page, email = buyer
    [order] = shop.orders_of(email)
    total = shown(order["totals"]["total"])

    await staff.get_by_role("link", name=order["number"]).first.click()
    await staff.get_by_text("Give money back", exact=True).click()
    await staff.get_by_role("radio", name="All that is left").check()
    await staff.get_by_role("radio", name="To the buyer's wallet").check()
    await staff.get_by_label("Reason").filter(visible=True).fill("Arrived with a dent")
    await staff.get_by_role("button", name="Give back", exact=True).click()
    await expect(staff.get_by_role("cell", name="to the wallet").first).to_contain_text(total)
    await expect(staff.get_by_text("Given back", exact=True).filter(visible=True).first).to_be_visible()
    assert shop.balance_of(email, PASSWORD) == order["totals"]["total"]["amount"]

    await page.goto("/account/wallet")
    await expect(page.locator(".wallet-sum")).to_have_text(total)
    newest = page.locator(".transaction").first
    await expect(newest).to_contain_text("Refund")
    await expect(newest).to_contain_text(order["number"])
    await expect(newest).to_contain_text(f"+{total}")

    await put_into_cart(page, "ember-kettle")
    await page.goto("/checkout")
    await page.get_by_role("checkbox", name="Use my balance").check()
    await page.get_by_role("button", name="Place order").click()
    second = await expect_paid(page)
    paid = next(each for each in shop.orders_of(email) if each["number"] == second)
    assert [(each["provider"], each["status"]) for each in paid["payments"]] == [("wallet", "captured")]
    assert shop.balance_of(email, PASSWORD) == 0

    await page.goto("/account/wallet/statement")
    await choose(page, 10)
    rows = page.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text(f"+{total}")
    await expect(rows.nth(1)).to_contain_text(order["number"])
    await expect(rows.nth(2)).to_contain_text(f"−{total}")
    await expect(rows.nth(2)).to_contain_text(second)
    await expect(page.get_by_text("Closing balance").locator("..")).to_contain_text("€0.00")
