"""The home page as people meet it: a place by day and by night, a way to every shelf, and nothing that jumps."""

import pytest
from playwright.async_api import expect

from tests.e2e.examination import DESKTOP, PHONE

MOVED = """
new Promise(done => {
  let moved = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) moved += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(moved), 600);
})
"""


@pytest.mark.parametrize(("colors", "picture"), [("light", "fernweh-day"), ("dark", "fernweh-night")])
async def test_the_landscape_lies_in_the_light_of_the_visitors_screen(new_visitor, colors, picture):
    page = await new_visitor(color_scheme=colors)
    await page.goto("/")
    landscape = page.get_by_role("img", name="A hiker beside a tent at a mountain lake")
    await expect(landscape).to_have_js_property("complete", value=True)
    assert f"/pictures/{picture}." in await landscape.evaluate("image => image.currentSrc")


async def test_a_window_seat_leads_to_its_category(visitor):
    await visitor.goto("/")
    seats = visitor.get_by_role("region", name="Pick a window seat")
    assert await seats.get_by_role("link").count() >= 6
    await seats.get_by_role("link", name="Camp & Trail").click()
    await visitor.wait_for_url("**/c/camp-trail")


async def test_the_pick_of_the_week_can_be_looked_at(visitor):
    await visitor.goto("/")
    title = await visitor.locator("#home-pick").inner_text()
    await visitor.get_by_role("link", name="Have a closer look").click()
    await expect(visitor.get_by_role("heading", level=1)).to_have_text(title)


@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_nothing_moves_while_fonts_and_pictures_arrive(new_visitor, window):
    page = await new_visitor(viewport=window)
    await page.goto("/", wait_until="networkidle")
    assert await page.evaluate("document.fonts.check('680 16px \"Bricolage Grotesque\"')")
    assert await page.evaluate(MOVED) < 0.02
