"""The search box by keyboard, by touch and without scripts: suggestions as one types, as a combobox ought to behave."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.examination import DESKTOP, GRAVE, PHONE

PAUSE_MS = 140
"""How long search.js waits for the next letter before it asks."""


def box(page):
    return page.get_by_role("combobox", name="Search products")


async def typed(page, text):
    """The list that opens when `text` is typed key by key; not one of its beginning, which is about to be replaced."""
    await box(page).click()
    await box(page).press_sequentially(text, delay=20)
    suggestions = page.get_by_role("listbox", name="Suggestions")
    await expect(suggestions.get_by_role("option").last).to_have_text(f"See all results for “{text}”")
    await expect(suggestions).to_be_visible()
    return suggestions


async def test_the_keyboard_moves_through_suggestions_and_opens_one(visitor):
    await visitor.goto("/")
    suggestions = await typed(visitor, "mug")
    await expect(box(visitor)).to_have_attribute("aria-expanded", "true")
    await expect(visitor.get_by_role("status").filter(has_text="suggestions")).to_have_count(1)
    first, last = suggestions.get_by_role("option").first, suggestions.get_by_role("option").last
    await visitor.keyboard.press("ArrowDown")
    await expect(first).to_have_attribute("aria-selected", "true")
    await expect(box(visitor)).to_have_attribute("aria-activedescendant", await first.get_attribute("id") or "-")
    await expect(box(visitor)).to_be_focused()
    await visitor.keyboard.press("ArrowUp")
    assert await box(visitor).get_attribute("aria-activedescendant") is None
    await visitor.keyboard.press("ArrowUp")
    await expect(last).to_have_attribute("aria-selected", "true")
    await expect(last).to_have_text("See all results for “mug”")
    await visitor.keyboard.press("ArrowDown")
    mug = suggestions.get_by_role("option", name=re.compile("Bothy Enamel Mug"))
    for _ in range(await suggestions.get_by_role("option").count()):
        await visitor.keyboard.press("ArrowDown")
        if await mug.get_attribute("aria-selected") == "true":
            break
    await visitor.keyboard.press("Enter")
    await visitor.wait_for_url("**/p/bothy-enamel-mug")


async def test_what_was_typed_is_marked_beside_picture_and_price(visitor):
    await visitor.goto("/")
    mug = (await typed(visitor, "ena")).get_by_role("option", name=re.compile("Bothy Enamel Mug"))
    await expect(mug.locator("mark")).to_have_text("Ena")
    await expect(mug).to_contain_text("€")
    await expect(mug.locator("img")).to_have_js_property("complete", value=True)


async def test_a_category_is_suggested_before_goods(visitor):
    await visitor.goto("/")
    suggestions = await typed(visitor, "camp")
    first = suggestions.get_by_role("option").first
    await expect(first).to_have_text("Camp & Trail")
    await first.click()
    await visitor.wait_for_url("**/c/camp-trail")


async def test_enter_without_a_choice_searches_for_what_was_typed(visitor):
    await visitor.goto("/")
    await typed(visitor, "mug")
    await visitor.keyboard.press("Enter")
    await visitor.wait_for_url("**/search?q=mug")
    await expect(box(visitor)).to_have_value("mug")


async def test_escape_closes_the_list_first_and_leaving_closes_it_too(visitor):
    await visitor.goto("/")
    suggestions = await typed(visitor, "mug")
    await visitor.keyboard.press("Escape")
    await expect(suggestions).to_be_hidden()
    await expect(box(visitor)).to_have_value("mug")
    await expect(box(visitor)).to_have_attribute("aria-expanded", "false")
    await visitor.keyboard.press("ArrowDown")
    await expect(suggestions).to_be_visible()
    await visitor.keyboard.press("Tab")
    await expect(suggestions).to_be_hidden()


async def test_fast_typing_asks_once_and_the_last_word_wins(visitor):
    """On a clock of the test's own, so that a slow machine types as fast; the first word's answer comes last."""
    asked, first_may_come = [], asyncio.Event()

    async def answer(route):
        asked.append(parse_qs(urlsplit(route.request.url).query)["q"][0])
        if asked[-1] == "lan":
            await first_may_come.wait()
        await route.continue_()

    async def type_fast(text):
        for letter in text:
            await visitor.clock.run_for(PAUSE_MS - 1)
            await box(visitor).press(letter)

    await visitor.route("**/search/suggest?*", answer)
    await visitor.clock.install(time=0)
    await visitor.goto("/")
    await visitor.clock.pause_at(3_600)
    await type_fast("lan")
    assert asked == []
    async with visitor.expect_request("**/search/suggest?q=lan") as first:
        await visitor.clock.run_for(PAUSE_MS)
    await type_fast("tern")
    await visitor.clock.run_for(PAUSE_MS)
    suggestions = visitor.get_by_role("listbox", name="Suggestions")
    everything = suggestions.get_by_role("option").last
    await expect(everything).to_have_text("See all results for “lantern”")
    first_may_come.set()
    assert (await (await first.value).response()) is None
    await expect(everything).to_have_text("See all results for “lantern”")
    assert asked == ["lan", "lantern"]
    await box(visitor).fill("")
    await visitor.clock.run_for(PAUSE_MS)
    await expect(suggestions).to_be_hidden()


async def test_where_nothing_matches_no_list_opens_and_that_is_told(visitor):
    await visitor.goto("/")
    await box(visitor).press_sequentially("qqqzzz", delay=15)
    await expect(visitor.get_by_role("status").filter(has_text="No suggestions.")).to_have_count(1)
    await expect(box(visitor)).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("colors", ["light", "dark"])
async def test_the_open_list_is_accessible_and_stays_within_the_window(new_visitor, window, colors):
    page = await new_visitor(viewport=window, color_scheme=colors)
    await page.goto("/about")
    suggestions = await typed(page, "camp")
    await page.keyboard.press("ArrowDown")
    frame = await suggestions.bounding_box()
    assert frame
    assert frame["x"] >= 0
    assert frame["x"] + frame["width"] <= window["width"]
    assert frame["y"] + frame["height"] <= window["height"]
    found = await Axe().run(page)
    faults = [each for each in found.response["violations"] if each["impact"] in GRAVE]
    assert faults == []


async def test_without_scripts_it_is_a_plain_search(new_visitor):
    page = await new_visitor(java_script_enabled=False)
    await page.goto("/")
    await page.get_by_role("searchbox", name="Search products").fill("mug")
    await page.get_by_role("button", name="Search", exact=True).click()
    await page.wait_for_url("**/search?q=mug")
    await expect(page.get_by_role("link", name="Bothy Enamel Mug")).to_be_visible()


async def test_the_row_with_menu_search_and_cart_stays_in_reach_on_a_phone(new_visitor):
    page = await new_visitor(viewport=PHONE)
    await page.goto("/")
    await page.evaluate("window.scrollTo(0, 2000)")
    for part in (page.get_by_role("button", name="Menu"), box(page), page.locator("a[data-cart-link]")):
        await expect(part).to_be_in_viewport(ratio=1)
    height = await page.locator(".site-header .bar").evaluate("bar => bar.getBoundingClientRect().bottom")
    assert height < 72
