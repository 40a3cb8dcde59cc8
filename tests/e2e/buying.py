"""What a buyer does, step by step, as people do it: by the words that stand on the page."""

from playwright.async_api import Page, expect

from tests.e2e.running_shop import ADDRESS

LABELS = {"name": "Full name", "line1": "Street and number", "city": "City", "postal_code": "Postal code"}
CARDS = {
    "ok": "Card that works",
    "declined": "Declined card",
    "3ds_ok": "Card with 3-D Secure",
    "3ds_fail": "Card whose 3-D Secure fails",
}


async def put_into_cart(page: Page, slug: str, variant: str | None = None, quantity: int = 1) -> None:
    """Ends on the cart's page."""
    await page.goto(f"/p/{slug}")
    if variant:
        await choose_option(page, variant)
    if quantity != 1:
        await page.get_by_label("Quantity").fill(str(quantity))
    await page.get_by_role("button", name="Add to cart").click()
    await expect(page.locator("#cart-drawer[open] .line-item, #cart .line-item").first).to_be_visible()
    if await page.locator("#cart").count() == 0:
        await page.goto("/cart")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your cart")


async def choose_option(page: Page, value: str) -> None:
    """A value of an option: a radio button, and without JavaScript a link."""
    group = page.locator("[data-option]")
    choice = group.get_by_role("radio", name=value).or_(group.get_by_role("link", name=value))
    await choice.click()
    await expect(choice).to_have_attribute("aria-current", "true")


async def fill_in_checkout(page: Page, email: str | None) -> None:
    """From the cart to a checkout with everything but the card; `email` is None for who is signed in."""
    await page.get_by_role("link", name="Checkout").filter(visible=True).click()
    if email is not None:
        await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Country").select_option(ADDRESS["country"])
    for field, label in LABELS.items():
        await page.get_by_label(label, exact=True).fill(ADDRESS[field])


async def place_order(page: Page, card: str) -> None:
    """Ends wherever the shop leads."""
    await choose_card(page, card)
    await page.get_by_role("button", name="Place order").click()
    await page.wait_for_url(lambda url: "/checkout" not in url)


async def try_again(page: Page, card: str) -> None:
    await choose_card(page, card)
    await page.get_by_role("button", name="Try again").click()


async def choose_card(page: Page, card: str) -> None:
    await page.get_by_role("radio", name="Test card", exact=True).check()
    await page.get_by_role("radio", name=CARDS[card]).check()


async def expect_paid(page: Page) -> str:
    """The number of the order that the page thanks for."""
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order!")
    await expect(page.locator(".page-head .badge")).to_have_text("Paid")
    words = await page.locator(".page-head strong").inner_text()
    return words.removeprefix("Order ")


async def sign_in(page: Page, email: str, password: str, target: str = "/account") -> None:
    await page.goto(f"/signin?next={target}")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(target)
