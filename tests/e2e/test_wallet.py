"""A wallet in a browser: filled by a card, by the word of a bank and by a gift card, paid out, and seen by staff."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.e2e.buying import CARDS, sign_in
from tests.e2e.running_shop import ADMIN, PASSWORD

WALLET = "/account/wallet"


@pytest.fixture
def person(shop):
    """`person("Ada")`: the address of a customer whose password is PASSWORD."""

    def make(name: str) -> str:
        email = f"{name.lower()}-{uuid4().hex[:8]}@example.com"
        shop.sign_up(email, PASSWORD, name)
        return email

    return make


@pytest.fixture
def customer(person, new_visitor):
    """`page, email = await customer("Ada")`: before the wallet of somebody new."""

    async def come(name: str, **options) -> tuple[Page, str]:
        email = person(name)
        page = await new_visitor(**options)
        await sign_in(page, email, PASSWORD, WALLET)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your wallet")
        return page, email

    return come


@pytest.fixture
async def staff(new_visitor) -> Page:
    page = await new_visitor()
    page.on("dialog", lambda dialog: dialog.accept())
    await sign_in(page, ADMIN, PASSWORD, "/admin/wallets")
    return page


async def open_way(page: Page, title: str) -> None:
    """One of the page's forms, which stand behind their titles."""
    way = page.locator("details.wallet-way").filter(has_text=title)
    if await way.get_attribute("open") is None:
        await way.locator("summary").click()
    await expect(way).to_have_attribute("open", "")


async def top_up(page: Page, card: str, suggested: str | None = "€50", amount: str | None = None) -> None:
    await open_way(page, "Top up")
    if suggested:
        await page.locator(".pill").filter(has_text=re.compile(f"^{suggested}$")).click()
    if amount:
        await page.get_by_label("Another amount").fill(amount)
    await page.get_by_role("radio", name="Test card", exact=True).check()
    await page.get_by_role("radio", name=CARDS[card]).check()
    await page.get_by_role("button", name="Top up your wallet").click()


async def expect_balance(page: Page, amount: str) -> None:
    await expect(page.locator(".wallet-sum")).to_have_text(amount)


async def expect_newest(page: Page, title: str, amount: str) -> None:
    newest = page.locator(".transaction").first
    await expect(newest.locator(".title")).to_contain_text(title)
    await expect(newest.locator(".amount")).to_contain_text(amount)


async def expect_green_books(staff: Page) -> None:
    await staff.goto("/admin/ledger")
    await staff.get_by_role("button", name=re.compile("Check (again|now)")).click()
    await expect(staff.get_by_text("Checked: the books balance.")).to_be_visible()
    await expect(staff.get_by_role("heading", level=2).first).to_have_text("The books balance")
    await expect(staff.get_by_role("img", name="Yes")).to_have_count(8)
    await expect(staff.get_by_role("img", name="No", exact=True)).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_a_card_fills_the_wallet_at_once(customer, shop, staff, scripts):
    page, email = await customer("Ada", java_script_enabled=scripts)
    await expect_balance(page, "€0.00")
    await expect(page.get_by_role("heading", name="What a wallet is good for")).to_be_visible()
    await top_up(page, "ok")
    await expect(page.get_by_role("status").filter(has_text="€50.00 are in your wallet.")).to_be_visible()
    await expect_balance(page, "€50.00")
    await expect_newest(page, "Top-up", "+€50.00")
    assert "€50.00 have come into your wallet" in shop.message(email, "wallet_credited")["text"]
    await top_up(page, "ok", suggested=None, amount="12,50")
    await expect_balance(page, "€62.50")
    await expect(page.get_by_text("Between €0.00 and €62.50, €62.50 now")).to_be_visible()
    await expect_green_books(staff)


async def test_the_bank_is_asked_and_leads_back_to_the_wallet(customer, staff):
    page, _ = await customer("Berta")
    await top_up(page, "3ds_ok")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Test bank")
    await page.goto(WALLET)
    await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    await expect_balance(page, "€0.00")
    await page.get_by_role("link", name="Continue to confirm").click()
    await page.get_by_role("button", name="Approve").click()
    await page.wait_for_url(f"**{WALLET}")
    await expect_balance(page, "€50.00")
    await expect(page.get_by_role("heading", name="One more step")).to_have_count(0)
    await expect_green_books(staff)


async def test_a_declined_card_changes_nothing(customer, staff):
    page, _ = await customer("Clara")
    await top_up(page, "declined")
    await expect(page.get_by_role("alert")).to_contain_text("nothing was charged")
    await expect(page.get_by_role("alert")).to_contain_text("Your card was declined.")
    await expect_balance(page, "€0.00")
    await expect(page.locator(".transaction.void .badge")).to_have_text("Failed")
    await top_up(page, "3ds_ok")
    await page.get_by_role("button", name="Decline").click()
    await page.wait_for_url(f"**{WALLET}")
    await expect_balance(page, "€0.00")
    await expect_green_books(staff)


async def test_a_gift_card_is_issued_printed_and_redeemed_once(customer, staff):
    await staff.goto("/admin/gift-cards")
    await staff.get_by_label("Amount of each").fill("25")
    await staff.get_by_label("How many").fill("2")
    await staff.get_by_role("button", name="Issue them").click()
    await expect(staff.get_by_role("heading", level=1)).to_have_text("2 gift cards")
    await expect(staff.get_by_role("button", name="Print")).to_be_visible()
    codes = await staff.locator(".gift-card-code").all_inner_texts()

    page, _ = await customer("Dora")
    await open_way(page, "Redeem a gift card")
    await page.get_by_label("Code").fill(codes[0].lower())
    await page.get_by_role("button", name="Redeem").click()
    await expect_balance(page, "€25.00")
    await expect_newest(page, "Gift card redeemed", "+€25.00")
    await open_way(page, "Redeem a gift card")
    await page.get_by_label("Code").fill(codes[0])
    await page.get_by_role("button", name="Redeem").click()
    await expect(page.get_by_role("alert")).to_contain_text("has been used already")
    await expect_balance(page, "€25.00")

    await staff.goto("/admin/gift-cards")
    left = staff.get_by_role("row").filter(has_text=codes[1][-4:])
    await expect(left).to_contain_text("Valid")
    await left.get_by_role("button", name="Disable").click()
    await expect(staff.get_by_role("row").filter(has_text=codes[1][-4:])).to_contain_text("Disabled")
    await expect_green_books(staff)


async def test_a_withdrawal_is_asked_for_and_paid_out(customer, shop, staff):
    page, email = await customer("Emma")
    await top_up(page, "ok")
    await expect_balance(page, "€50.00")
    for amount in ("20", "10"):
        await open_way(page, "Have it paid out")
        await page.get_by_label("Amount in EUR", exact=True).fill(amount)
        await page.get_by_role("button", name="Ask for it").click()
        await expect(page.get_by_role("status").filter(has_text="We have your request")).to_be_visible()
    await expect_balance(page, "€20.00")
    await expect(page.locator(".wallet-card-facts")).to_contain_text("To be paid out")

    await staff.goto("/admin/wallets")
    asked = staff.locator(".payout").filter(has_text=email)
    await asked.filter(has_text="€20.00").get_by_role("button", name="Refund to its source").click()
    await expect(staff.get_by_role("status").filter(has_text="on its way back")).to_be_visible()
    refused = staff.locator(".payout").filter(has_text=email).filter(has_text="€10.00")
    await refused.get_by_label("Or refuse it, because").fill("Please ask for all of it at once")
    await refused.get_by_role("button", name="Refuse").click()
    await expect(staff.get_by_role("status").filter(has_text="It is refused")).to_be_visible()

    assert "Please ask for all of it at once" in shop.message(email, "wallet_withdrawal_refused")["text"]
    assert "€20.00" in shop.message(email, "wallet_withdrawal_paid")["text"]
    await page.goto(WALLET)
    await expect_balance(page, "€30.00")
    await expect(page.locator(".wallet-card-facts")).to_have_count(0)
    await expect(page.get_by_text("Please ask for all of it at once")).to_be_visible()
    await expect_green_books(staff)


async def test_credit_by_staff_is_seen_by_the_customer_and_can_be_taken_back(customer, staff):
    page, email = await customer("Frida")
    await staff.get_by_role("searchbox").fill(email)
    await staff.keyboard.press("Enter")
    await staff.get_by_role("link", name="Frida").click()
    await staff.get_by_role("radio", name="Give credit").check()
    await staff.locator("#f-amount").fill("15")
    await staff.locator("#f-reason").fill("Sorry for the dent")
    await staff.get_by_role("button", name="Move the money").click()
    await expect(staff.get_by_role("status").filter(has_text="€15.00 are in the wallet.")).to_be_visible()
    await page.reload()
    await expect_balance(page, "€15.00")
    await expect(page.locator(".transaction").first).to_contain_text("Sorry for the dent")

    await staff.get_by_role("radio", name="Purchase").check()
    await staff.locator("#f-amount").fill("5")
    await staff.locator("#f-reason").fill("A spare part")
    await staff.get_by_role("button", name="Move the money").click()
    await staff.get_by_role("link", name="Purchase").click()
    await staff.get_by_label("Reason").fill("It did not fit")
    await staff.get_by_role("button", name="Give it back").click()
    await expect(staff.get_by_role("status").filter(has_text="€5.00 are given back.")).to_be_visible()
    await page.reload()
    await expect_balance(page, "€15.00")
    await expect_newest(page, "Money back", "+€5.00")
    await page.goto("/account")
    await expect(page.locator(".wallet-line")).to_contain_text("€15.00")
    await expect_green_books(staff)
