"""How a page is examined: by axe for who can't see or can't use a mouse, for what sticks out of the window, in both
schemes on a phone and on a desktop; its HTML by the conformance checker."""

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Literal, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, ViewportSize

from tests.e2e.conformance import faults_of


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


async def examine(page: Page, url: str, sources: dict[str, str], looks: Sequence[Look] = LOOKS) -> list[str]:
    """What is wrong with the page at `url`; its HTML as it was sent goes into `sources`."""
    await page.set_viewport_size(looks[0].window)
    await page.emulate_media(color_scheme=looks[0].colors)
    answer = await page.goto(url)
    assert answer is not None
    sources[url] = await answer.text()
    return await examine_shown(page, looks)


async def examine_shown(page: Page, looks: Sequence[Look] = LOOKS) -> list[str]:
    """What is wrong with the page as it stands, in each of these looks."""
    wrong = []
    url = page.url
    await page.evaluate(AXE_SCRIPT)
    for look in looks:
        await page.set_viewport_size(look.window)
        # Else colours are measured half way from one scheme to the other.
        await page.emulate_media(color_scheme=look.colors, reduced_motion="reduce")
        width = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if width > 0:
            wrong.append(f"{url} ({look.name}): {width} px wider than the window")
        wrong += [
            f"{url} ({look.name}): {each['id']}, {json.dumps([node['html'][:200] for node in each['nodes'][:3]])}"
            for each in await page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
            if each["impact"] in GRAVE
        ]
    return wrong


async def examine_all(page: Page, *urls: str) -> None:
    sources: dict[str, str] = {}
    wrong = [fault for url in urls for fault in await examine(page, url, sources)]
    wrong += await asyncio.to_thread(faults_of, sources)
    assert not wrong, "\n".join(wrong)
