"""`make pictures`: the pictures of the storefront and the back office that the README shows, from a demo shop of their own."""

import asyncio
import signal
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pyotp
from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, async_playwright

from tests.e2e.authenticator import with_authenticator
from tests.e2e.browser import ensure_chromium, launch_options
from tests.e2e.buying import expect_paid, fill_in_checkout, put_into_cart, sign_in
from tests.e2e.importing import upload
from tests.e2e.running_shop import ADMIN, PASSWORD, ROOT, Shop, open_shop

FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 250_000
WIDTH, HEIGHT = 1280, 860
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
PAPER = "#e9e3d6"
QUALITIES = (86, 80, 72, 60)
SHOPIFY = ROOT / "tests" / "integration" / "catalog_import" / "files" / "shopify.csv"
SHOWN = """() => [...document.images].every(image => {
  const { top, bottom, left, right } = image.getBoundingClientRect();
  return image.complete || !image.offsetWidth || top >= innerHeight || bottom <= 0 || left >= innerWidth || right <= 0;
})"""
"""Whether every picture within the window is there."""
BUYERS = (
    ("ada@example.com", "Ada Lovelace", "ok", "vesper-candle"),
    ("grace@example.com", "Grace Hopper", "declined", "fox-400-headlamp"),
    ("tove@example.com", "Tove Jansson", "ok", "skog-2-tent"),
    ("alexander@example.com", "Alexander von Humboldt", "ok", "lookout-pocket-binoculars"),
    ("maria@example.com", "Maria Sibylla Merian", "3ds_ok", "almanac-seed-tin"),
    ("fridtjof@example.com", "Fridtjof Nansen", "ok", "nordlys-sleeping-bag"),
    ("annie@example.com", "Annie Londonderry", "ok", "kattegat-weekender-40"),
)
STAFF = (
    ("bo@example.com", "Bo Andersson", "orders"),
    ("kim@example.com", "Kim Nguyen", "catalogue"),
    ("lee@example.com", "Lee Park", "viewer"),
)


class Photographer:
    """Makes pictures of the shop at `url` with this browser."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url

    async def visitor(self, **look: Any) -> Page:
        options = {"viewport": {"width": WIDTH, "height": HEIGHT}, "color_scheme": "light"} | look
        context = await self._browser.new_context(
            base_url=self._url, reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Berlin", **options
        )
        return await context.new_page()


async def picture_of(page: Page) -> Image.Image:
    """What is in the window, once its pictures and fonts are."""
    await page.wait_for_load_state("networkidle")
    await page.evaluate("document.fonts.ready")
    await page.wait_for_function(SHOWN)
    return Image.open(BytesIO(await page.screenshot())).convert("RGB")


def keep(name: str, picture: Image.Image) -> None:
    """As docs/pictures/NAME.webp, as good as fits into MOST_BYTES."""
    for quality in QUALITIES:
        written = BytesIO()
        picture.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= MOST_BYTES:
            break
    else:
        raise AssertionError(f"{name} takes {written.tell()} bytes")
    (FOLDER / f"{name}.webp").write_bytes(written.getvalue())
    print(f"{name}.webp  {picture.width} x {picture.height}  {written.tell() / 1000:.0f} kB")


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Phones on paper, 1280 wide."""
    gap = 44
    width = (WIDTH - gap * (len(pictures) + 1)) // len(pictures)
    height = round(width * pictures[0].height / pictures[0].width)
    sheet = Image.new("RGB", (WIDTH, height + 2 * gap), PAPER)
    rounded = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(rounded).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), 64, fill=255)
    mask = rounded.resize((width, height), Image.Resampling.LANCZOS)
    for place, picture in enumerate(pictures):
        small = picture.resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (gap + place * (width + gap), gap), mask)
    return sheet


async def photograph_storefront(photographer: Photographer) -> None:
    for scheme in ("light", "dark"):
        page = await photographer.visitor(color_scheme=scheme)
        await page.goto("/")
        keep(f"home-{scheme}", await picture_of(page))
    page = await photographer.visitor()
    await page.goto(
        "/c/camp-trail?in_stock=true&attr.material=Down&attr.material=Recycled+polyester&attr.material=Wood"
    )
    keep("listing", await picture_of(page))
    await page.goto("/p/bothy-enamel-mug")
    keep("product", await picture_of(page))
    await put_into_cart(page, "bothy-enamel-mug", quantity=2)
    await put_into_cart(page, "nordlys-sleeping-bag")
    await fill_in_checkout(page, "tove@example.com")
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    keep("checkout", await picture_of(page))


async def photograph_phones(photographer: Photographer) -> None:
    phones = []
    for scheme, path in (("dark", "/"), ("light", "/c/light-power"), ("light", "/p/nordlys-sleeping-bag")):
        page = await photographer.visitor(**PHONE, color_scheme=scheme)
        await page.goto(path)
        phones.append(await picture_of(page))
    await page.get_by_role("button", name="Add to cart").click()
    await page.locator("#cart-drawer[open] .line-item").wait_for()
    phones.append(await picture_of(page))
    keep("phone", side_by_side(phones))


async def photograph_account(photographer: Photographer, shop: Shop) -> None:
    """With a passkey and an app set up, by an authenticator of Chromium's own."""
    email, password = "hedy@example.com", "nanoseconds of wire"
    shop.sign_up(email, password, "Hedy Lamarr")
    page = await photographer.visitor()
    await with_authenticator(page)
    await sign_in(page, email, password)
    await page.goto("/account/security")
    await page.get_by_label("Name of the device").fill("Hedy's laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_role("link", name="I have kept them").click()
    await page.get_by_role("button", name="Set up an app").click()
    secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
    await page.get_by_label("Six digits").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Turn it on").click()
    await page.goto("/account/security")
    await page.evaluate("document.getElementById('passkeys').scrollIntoView()")
    keep("account", await picture_of(page))


async def photograph_wallet(photographer: Photographer, shop: Shop) -> None:
    """Filled, spent from and given back to."""
    email, password = "ada@example.com", "the engine weaves patterns"
    shop.sign_up(email, password, "Ada Lovelace")
    page = await photographer.visitor()
    await sign_in(page, email, password)
    shop.fill_wallet(email, password, 7500, "A present from the shop")
    await put_into_cart(page, "vesper-candle")
    await fill_in_checkout(page, None)
    await page.get_by_role("checkbox", name="Use my balance").check()
    await page.get_by_role("button", name="Place order").click()
    await expect_paid(page)
    order = shop.orders_of(email)[0]
    wish = {"amount": {"amount": 990, "currency": "EUR"}, "to": "wallet", "reason": "One was scratched"}
    shop.staff.post(f"/api/v1/admin/orders/{order['id']}/refunds", json=wish, headers={"Idempotency-Key": email})
    shop.fill_wallet(email, password, 1250, "Your parcel came late")
    await page.goto("/account/wallet")
    await page.evaluate("scrollTo(0, 170)")
    keep("wallet", await picture_of(page))


async def photograph_back_office(photographer: Photographer, shop: Shop) -> None:
    page = await photographer.visitor()
    await sign_in(page, ADMIN, PASSWORD, "/admin")
    await page.goto("/admin/orders")
    keep("admin-orders", await picture_of(page))
    await upload(page, "shopify-products.csv", SHOPIFY.read_text())
    await page.evaluate("scrollTo(0, 0)")
    keep("admin-import", await picture_of(page))
    for email, name, role in STAFF:
        shop.staff.post("/api/v1/admin/staff", json={"email": email, "name": name, "roles": [role]})
    variant = shop.product("bothy-enamel-mug")["variants"][0]["id"]
    for on_hand in (48, 36):
        shop.count_stock(variant, on_hand)
    role = {"code": "night-shift", "title": "Night shift", "permissions": ["orders.view", "stock.view", "stock.edit"]}
    shop.staff.post("/api/v1/admin/roles", json=role)
    wish = {"name": "Ledger", "redirect_uris": ["https://ledger.example/callback"], "confidential": True}
    shop.staff.post("/api/v1/admin/oauth/clients", json={**wish, "scopes": ["orders.read"]})
    await page.goto("/admin/audit")
    keep("admin-audit", await picture_of(page))
    await page.goto("/admin/ledger")
    await page.get_by_role("button", name="Check again").click()
    await page.get_by_text("entries looked at").wait_for()
    keep("admin-ledger", await picture_of(page))


async def photograph(shop: Shop) -> None:
    for email, name, card, slug in BUYERS:
        shop.place_order(email, card, slug, name)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        photographer = Photographer(browser, shop.url)
        await photograph_storefront(photographer)
        await photograph_phones(photographer)
        await photograph_account(photographer, shop)
        await photograph_wallet(photographer, shop)
        await photograph_back_office(photographer, shop)
        await browser.close()


def main() -> int:
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit("pictures: stopped")
    )  # by an exception, so that the shop is stopped
    ensure_chromium()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shop-pictures-") as folder, open_shop(Path(folder)) as shop:
        asyncio.run(photograph(shop))
    return 0


if __name__ == "__main__":
    sys.exit(main())
