"""One shop for all browser tests, one Chromium for each test worker, and visitors of its own for each test.

Their pages must be without a fault: a message in the browser's console, a script's error or a violation of the
Content-Security-Policy fails the test.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.e2e.browser import launch_options
from tests.e2e.running_shop import Shop, open_shop

HERE = Path(__file__).parent
WAIT_MS = 30_000  # a machine that runs the other tests meanwhile
expect.set_options(timeout=WAIT_MS)

OFTEN_BOUGHT = ("ember-kettle", "vesper-candle")
"""More of them than all tests buy."""

NewVisitor = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all test workers of this run. (A group of pytest-xdist 3.8 is of no use: pytest 9.2 doesn't see its names.)"""
    own = tmp_path_factory.getbasetemp()
    with open_shop(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) as opened:
        for slug in OFTEN_BOUGHT:
            for variant in opened.product(slug)["variants"]:
                opened.count_stock(variant["id"], 1000)
        yield opened


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        yield browser
        await browser.close()


@pytest.fixture
async def new_visitor(shop: Shop, chromium: Browser) -> AsyncIterator[NewVisitor]:
    """`await new_visitor(java_script_enabled=False)`: a page of somebody with cookies of their own."""
    faults: list[str] = []
    async with contextlib.AsyncExitStack() as stack:

        async def make(**options: Any) -> Page:
            options = {"base_url": shop.url, "reduced_motion": "reduce", "locale": "en-GB"} | options
            context = await chromium.new_context(**options)
            stack.push_async_callback(context.close)
            return await watched_page(context, faults)

        yield make
    assert not faults


@pytest.fixture
async def visitor(new_visitor: NewVisitor) -> Page:
    return await new_visitor()


async def watched_page(context: BrowserContext, faults: list[str]) -> Page:
    """A page that writes what goes wrong on it into `faults`."""
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()

    def note(message: ConsoleMessage) -> None:
        # Chromium also tells that a page itself, or a form that htmx sent, was refused, which tests ask for on purpose.
        where = message.location["url"]
        told = message.text.startswith("Failed to load resource") and (where == page.url or "/cart/lines" in where)
        if message.type in {"error", "warning"} and not told:
            faults.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    return page
