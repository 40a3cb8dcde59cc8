"""Lists that change in place: filters, order, more of them, Back; in a drawer on a phone, and as pages without JavaScript."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.examination import PHONE

CATEGORY = "/c/coffee-kitchen"


def count(page: Page):
    return page.locator("#list-count")


async def test_ticking_a_box_changes_the_list_in_place_and_back_brings_it_back(visitor):
    await visitor.goto(CATEGORY)
    everything = await count(visitor).inner_text()
    await visitor.evaluate("window.stayed = true")
    box = visitor.get_by_role("checkbox", name="Enamelled steel")
    await box.check()
    await expect(count(visitor)).to_have_text("1 product")
    await expect(visitor.locator(".product-card")).to_have_count(1)
    await expect(box).to_be_focused()
    assert visitor.url.endswith("?attr.material=Enamelled+steel") or visitor.url.endswith("=Enamelled%20steel")
    await visitor.get_by_label("Sort by").select_option("Price: low to high")
    await visitor.wait_for_url("**sort=price_asc**")
    await expect(visitor.get_by_role("link", name="Remove filter Material: Enamelled steel")).to_be_visible()

    await visitor.go_back()
    await expect(visitor.get_by_label("Sort by")).to_have_value("newest")
    await visitor.go_back()
    await expect(count(visitor)).to_have_text(everything)
    await expect(box).not_to_be_checked()
    assert await visitor.evaluate("window.stayed")


async def test_a_chip_lifts_its_filter_and_leaves_the_focus_with_the_count(visitor):
    await visitor.goto(f"{CATEGORY}?attr.material=Enamelled+steel")
    await visitor.get_by_role("link", name="Remove filter Material: Enamelled steel").click()
    await expect(visitor.get_by_role("checkbox", name="Enamelled steel")).not_to_be_checked()
    await expect(count(visitor)).to_be_focused()
    await expect(visitor.get_by_role("link", name="Clear all")).to_have_count(0)


async def test_groups_stay_as_they_were_left(visitor):
    await visitor.goto(CATEGORY)
    group = visitor.locator("#facet-material")
    await group.locator("summary").first.click()
    await expect(group).not_to_have_attribute("open", "")
    await visitor.get_by_role("switch", name="In stock only").check()
    await expect(visitor.get_by_role("link", name="Remove filter In stock")).to_be_visible()
    await expect(group).not_to_have_attribute("open", "")


async def test_enter_in_a_price_is_one_step_back(visitor):
    await visitor.goto(CATEGORY)
    await visitor.get_by_label("From EUR").fill("80")
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_role("link", name="Remove filter From 80")).to_be_visible()
    assert visitor.url.endswith("?price_from=80")
    await visitor.go_back()
    await expect(visitor.get_by_role("link", name="Remove filter From 80")).to_have_count(0)
    assert visitor.url.endswith(CATEGORY)


async def test_more_goods_are_added_below_and_the_next_one_is_focused(visitor):
    await visitor.goto("/search")
    cards = visitor.locator("#cards > li")
    await expect(cards).to_have_count(24)
    await visitor.get_by_role("link", name="Show more").click()
    await expect(cards.nth(24).get_by_role("link")).to_be_focused()
    shown = await cards.count()
    await expect(visitor.locator("[data-seen]")).to_have_text(str(shown))
    await visitor.reload()
    await visitor.get_by_role("link", name="Show previous").click()
    await expect(cards).to_have_count(shown)


async def test_on_a_phone_the_drawer_stays_open_while_filters_are_ticked(new_visitor):
    page = await new_visitor(viewport=PHONE, has_touch=True)
    await page.goto(CATEGORY)
    await page.get_by_role("button", name="Filters", exact=True).click()
    await page.get_by_role("checkbox", name="Enamelled steel").check()
    done = page.get_by_role("button", name="Show 1 product")
    await expect(done).to_be_visible()
    await done.click()
    await expect(page.get_by_role("checkbox", name="Enamelled steel")).to_be_hidden()
    await expect(count(page)).to_have_text("1 product")
    await expect(page.get_by_role("button", name="Filters , chosen: 1")).to_be_visible()


@pytest.mark.parametrize("window", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
async def test_without_javascript_a_button_applies_the_filters(new_visitor, window):
    page = await new_visitor(viewport=window, java_script_enabled=False)
    await page.goto(f"{CATEGORY}?sort=price_asc")
    if window == PHONE:
        await page.get_by_role("button", name="Filters", exact=True).click()
    await page.get_by_role("checkbox", name="Enamelled steel").check()
    await page.get_by_role("button", name="Show products").click()
    await expect(count(page)).to_have_text("1 product")
    await expect(page.get_by_label("Sort by")).to_have_value("price_asc")
    await page.get_by_role("link", name="Clear all").click()
    await expect(page.get_by_role("link", name="Remove filter")).to_have_count(0)


async def test_a_list_that_does_not_answer_is_asked_for_as_a_page(chromium, shop):
    async with await chromium.new_context(base_url=shop.url) as context:
        page = await context.new_page()  # not watched: htmx tells of the failure in the console
        await page.goto(CATEGORY)

        async def fail_in_place(route, request):
            await (route.abort() if request.resource_type == "xhr" else route.continue_())

        await page.route("**/c/**", fail_in_place)
        await page.evaluate("window.stayed = true")
        await page.get_by_role("switch", name="In stock only").check()
        await page.wait_for_url("**in_stock=true")
        assert not await page.evaluate("window.stayed")
