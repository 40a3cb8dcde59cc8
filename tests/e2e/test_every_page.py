"""Every page, by light and in the dark: accessible (axe finds nothing serious), no wider than a phone, conforming HTML.

Faults in the console and of the Content-Security-Policy fail each of these tests too, as all browser tests.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Literal, NamedTuple

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize, expect

from tests.e2e.buying import fill_in_checkout, put_into_cart, sign_in
from tests.e2e.conformance import faults_of
from tests.e2e.conftest import watched_page
from tests.e2e.running_shop import ADMIN, PASSWORD


class Look(NamedTuple):
    """How somebody may see a page."""

    name: str
    window: ViewportSize
    colors: Literal["dark", "light"]


PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
LOOKS = (
    (Look("on a phone, dark", PHONE, "dark"), Look("on a desktop, light", DESKTOP, "light"))
    if os.environ.get("SHOP_RELIABILITY") != "full"
    else tuple(
        Look(f"{name}, {colors}", window, colors)
        for name, window in (("on a phone", PHONE), ("on a desktop", DESKTOP))
        for colors in ("dark", "light")
    )
)
"""Both sizes and both schemes; a full run sees each size in each scheme."""
GRAVE = {"serious", "critical"}
CUSTOMER = ("maria@example.com", "merianin surinam")


async def examine(page: Page, url: str, sources: dict[str, str], looks: Sequence[Look] = LOOKS) -> list[str]:
    """What is wrong with the page at `url`; its HTML as it was sent goes into `sources`."""
    await page.set_viewport_size(looks[0].window)
    await page.emulate_media(color_scheme=looks[0].colors)
    answer = await page.goto(url)
    sources[url] = await answer.text()
    return await examine_shown(page, looks)


async def examine_shown(page: Page, looks: Sequence[Look] = LOOKS) -> list[str]:
    wrong = []
    url = page.url
    for look in looks:
        await page.set_viewport_size(look.window)
        await page.emulate_media(color_scheme=look.colors)
        width = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if width > 0:
            wrong.append(f"{url} ({look.name}): {width} px wider than the window")
        found = await Axe().run(page)
        wrong += [
            f"{url} ({look.name}): {each['id']}, {json.dumps([node['html'][:200] for node in each['nodes'][:3]])}"
            for each in found.response["violations"]
            if each["impact"] in GRAVE
        ]
    return wrong


async def examine_all(page: Page, *urls: str) -> None:
    sources: dict[str, str] = {}
    wrong = [fault for url in urls for fault in await examine(page, url, sources)]
    wrong += await asyncio.to_thread(faults_of, sources)
    assert not wrong, "\n".join(wrong)


async def test_pages_of_the_catalogue(visitor):
    await examine_all(
        visitor,
        "/",
        "/c/camp-trail",
        "/c/camp-trail?attr.material=Down&in_stock=true",
        "/search?q=bag",
        "/search?q=nothing+of+the+kind",
        "/p/bothy-enamel-mug",
        "/p/drift-travel-pillow",
        "/about",
        "/privacy",
        "/no-such-page",
    )


async def test_the_description_of_the_api(visitor):
    sources: dict[str, str] = {}
    assert await examine(visitor, "/docs", sources, LOOKS[:1]) == []
    assert faults_of(sources) == []


async def test_pages_of_accounts(visitor):
    await examine_all(visitor, "/signup", "/signup/sent", "/signin", "/signin?next=/admin", "/forgot", "/cart")


async def test_pages_of_buying(visitor, shop):
    orders = [shop.place_order("axe@example.com", card) for card in ("ok", "declined", "3ds_ok")]
    await put_into_cart(visitor, "bothy-enamel-mug", quantity=2)
    pages = [f"/orders/{order['id']}?token={order['access_token']}" for order in orders]
    await examine_all(visitor, "/cart", "/checkout", *pages, orders[2]["payments"][0]["redirect_url"])


async def test_the_checkout_with_mistakes(visitor):
    await put_into_cart(visitor, "bothy-enamel-mug")
    await fill_in_checkout(visitor, "mistaken@example.com")
    await visitor.get_by_label("City").fill(" ")
    await visitor.get_by_role("button", name="Place order").click()
    await expect(visitor.get_by_role("alert")).to_be_focused()
    assert await examine_shown(visitor) == []


async def test_pages_of_a_customer(visitor, shop):
    shop.sign_up(*CUSTOMER, "Maria Sibylla Merian")
    await sign_in(visitor, *CUSTOMER)
    await examine_all(visitor, "/account", "/account/orders")


async def test_pages_of_the_back_office(visitor, shop):
    order = shop.place_order("axe@example.com", "declined")
    message = shop.message("axe@example.com", "payment_failed")
    product = shop.product("bothy-enamel-mug")
    await sign_in(visitor, ADMIN, PASSWORD, "/admin")
    await examine_all(
        visitor,
        "/admin",
        "/admin/orders",
        f"/admin/orders/{order['id']}",
        "/admin/products",
        f"/admin/products/{product['id']}",
        "/admin/mailbox",
        f"/admin/mailbox/{message['id']}",
        "/admin/outbox",
    )


async def test_pages_that_mails_lead_to(visitor, shop):
    shop.guest.post("/api/v1/auth/signup", json={"email": "new@example.com", "password": PASSWORD, "name": "New"})
    confirm = shop.link_in(shop.message("new@example.com", "verify_email"))
    shop.guest.post("/api/v1/auth/password/forgot", json={"email": ADMIN})
    choose = shop.link_in(shop.message(ADMIN, "reset_password"))
    await examine_all(visitor, confirm, choose, f"{confirm[:-9]}thatsnone")


async def test_a_fault_of_a_page_would_be_noticed(chromium, shop):
    async with await chromium.new_context(base_url=shop.url) as context:
        faults: list[str] = []
        page = await watched_page(context, faults)
        await page.goto("/about")
        assert faults == []
        await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"width: 200vw\">x</p>')")
        await page.evaluate("setTimeout(() => { throw new Error('a script that fails') })")
        await page.evaluate("document.querySelector('main').innerHTML = '<img src=\"/favicon.svg\">'")
        found = await examine_shown(page)
    assert faults_of({"/made-up": "<!doctype html><html lang=en><title>x</title><ul><p>no item</p></ul>"})
    assert any("Content Security Policy" in fault for fault in faults)
    assert any("a script that fails" in fault for fault in faults)
    assert any("image-alt" in fault for fault in found)


@pytest.mark.parametrize("button", ["Menu", "Filters"])
async def test_drawers_open_and_close_on_a_phone(new_visitor, button):
    page = await new_visitor(viewport=PHONE, java_script_enabled=False)
    await page.goto("/c/camp-trail")
    await page.get_by_role("button", name=button, exact=True).click()
    close = page.get_by_role("button", name=f"Close {'the menu' if button == 'Menu' else 'filters'}")
    await expect(close).to_be_visible()
    await close.click()
    await expect(close).to_be_hidden()


async def test_the_drawer_of_filters_is_accessible_too(new_visitor):
    page = await new_visitor(viewport=PHONE)
    await page.goto("/c/camp-trail")
    await page.get_by_role("button", name="Filters", exact=True).click()
    found = await Axe().run(page)
    assert [each["id"] for each in found.response["violations"] if each["impact"] in GRAVE] == []
