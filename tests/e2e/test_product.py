"""A product's page: the choice of a variant, with JavaScript and without, and pictures that can be looked at closely."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.buying import choose_option
from tests.e2e.examination import PHONE

MUG = "/p/bothy-enamel-mug"
BAG = "/p/nordlys-sleeping-bag"


SHOWN_PICTURE = """() => {
    const frame = document.querySelector(".slides"), { left } = frame.getBoundingClientRect();
    const near = (a) => Math.abs(a.getBoundingClientRect().left - left);
    return [...frame.querySelectorAll("a")].sort((a, b) => near(a) - near(b))[0].getAttribute("href");
}"""
"""The address of the picture in the gallery's window."""


async def expect_loaded(picture: Locator) -> None:
    """It has its size only then."""
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("complete", value=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_price_number_stock_picture_and_address_follow_the_choice(new_visitor, shop, scripts):
    page = await new_visitor(java_script_enabled=scripts)
    long = next(each for each in shop.product("nordlys-sleeping-bag")["variants"] if each["options"]["Size"] == "Long")
    await page.goto(BAG)
    before = await page.locator("[data-price]").inner_text()
    await choose_option(page, "Long")
    await expect(page.locator("[data-price]")).not_to_have_text(before)
    await expect(page.locator("[data-sku]")).to_have_text(long["sku"])
    assert page.url.endswith(f"?variant={long['id']}")
    assert await page.locator("[name=variant_id]").input_value() == long["id"]
    limit = str(min(99, long["available"]))
    await expect(page.get_by_label("Quantity")).to_have_attribute("max", limit)

    sky = next(each for each in shop.product("bothy-enamel-mug")["variants"] if each["options"]["Color"] == "Sky")
    await page.goto(MUG)
    await choose_option(page, "Sky")
    if scripts:
        await expect(page.locator(".thumbs [aria-current]")).to_be_visible()
        await page.wait_for_function(f"wanted => ({SHOWN_PICTURE})() === wanted", arg=sky["image"])
    else:
        await expect(page.locator(".slides a").first).to_have_attribute("href", sky["image"])


async def test_arrow_keys_choose_and_keep_the_focus(visitor):
    await visitor.goto(MUG)
    group = visitor.get_by_role("radiogroup", name="Color")
    await group.get_by_role("radio", name="Cream").focus()
    await visitor.keyboard.press("ArrowRight")
    await expect(group.get_by_role("radio", name="Forest")).to_be_focused()
    await expect(group.get_by_role("radio", name="Forest")).to_be_checked()
    await expect(visitor.locator("[data-sku]")).to_have_text("BOT-FOR")
    await visitor.keyboard.press("Tab")
    assert await visitor.evaluate("document.activeElement.getAttribute('role')") != "radio"


async def test_a_variant_that_is_sold_out_is_told_and_can_be_looked_at(visitor, shop):
    mug = shop.product("bothy-enamel-mug")
    brick = next(each["id"] for each in mug["variants"] if each["options"]["Color"] == "Brick")
    shop.count_stock(brick, 0)
    await visitor.goto(f"{MUG}?variant={brick}")
    await expect(visitor.get_by_role("button", name="Sold out")).to_be_disabled()
    await choose_option(visitor, "Cream")
    await expect(visitor.get_by_role("button", name="Add to cart")).to_be_enabled()
    await choose_option(visitor, "Brick")
    await expect(visitor.get_by_role("button", name="Sold out")).to_be_disabled()
    await expect(visitor.locator("[data-stock]")).to_have_text("Sold out")
    await expect(visitor.get_by_label("Quantity")).to_be_hidden()


async def test_the_viewer_is_driven_by_keys(visitor):
    await visitor.goto(MUG)
    trigger = visitor.get_by_role("link", name="Enlarge").first
    await trigger.focus()
    await visitor.keyboard.press("Enter")
    viewer = visitor.get_by_role("dialog", name="Pictures of Bothy Enamel Mug")
    picture = viewer.locator("img")
    await expect_loaded(picture)
    first = await picture.get_attribute("src")
    width = (await picture.bounding_box())["width"]
    await visitor.keyboard.press("+")
    await visitor.wait_for_function("document.querySelector('.viewer').classList.contains('zoomed')")
    assert (await picture.bounding_box())["width"] > width * 1.4
    await visitor.keyboard.press("0")
    await expect(viewer).not_to_have_class("viewer zoomed")
    await visitor.keyboard.press("ArrowRight")
    await expect(picture).not_to_have_attribute("src", first)
    await visitor.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(visitor.get_by_role("link", name="Enlarge").nth(1)).to_be_focused()


async def test_the_viewer_zooms_by_wheel_and_double_click_and_is_moved_by_dragging(visitor):
    await visitor.goto(MUG)
    await visitor.locator(".slides a").first.click()
    picture = visitor.locator(".viewer img")
    await expect_loaded(picture)
    box = await picture.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await visitor.mouse.dblclick(*middle)
    await expect(visitor.locator(".viewer")).to_have_class("viewer zoomed")
    larger = await picture.bounding_box()
    assert larger["width"] == pytest.approx(box["width"] * 2.5, rel=0.01)
    await visitor.mouse.down()
    await visitor.mouse.move(middle[0] + 90, middle[1] + 60)
    await visitor.mouse.up()
    moved = await picture.bounding_box()
    assert (moved["x"] - larger["x"], moved["y"] - larger["y"]) == (pytest.approx(90, abs=1), pytest.approx(60, abs=1))
    await visitor.mouse.wheel(0, 3000)
    await expect(visitor.locator(".viewer")).not_to_have_class("viewer zoomed")


async def test_without_javascript_a_picture_is_a_link_to_itself(new_visitor):
    page = await new_visitor(java_script_enabled=False)
    await page.goto(MUG)
    link = page.get_by_role("link", name="Enlarge").first
    assert (await page.goto(await link.get_attribute("href"))).status == 200


async def test_on_a_phone_the_way_to_buy_stays_in_reach(new_visitor):
    page = await new_visitor(viewport=PHONE, has_touch=True)
    await page.goto(BAG)
    bar = page.locator("[data-buy-bar]")
    await page.locator(".assurances").scroll_into_view_if_needed()
    await page.locator("[data-buy]").scroll_into_view_if_needed()
    await expect(bar).not_to_be_visible()
    await page.locator(".site-footer").scroll_into_view_if_needed()
    await expect(bar).to_be_visible()
    await expect(bar.get_by_role("button")).to_have_text("Add · €279.00")
