"""What the first visit of a listing costs over the wire: at most 250 kB, of which at most 40 kB are scripts."""

from collections import Counter
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.running_shop import Shop, open_shop

MOST_BYTES = 250_000
MOST_SCRIPT_BYTES = 40_000
MOST_SHIFT = 0.02
"""Of the layout, as Chromium scores it; up to 0.1 is called good."""
IMPORT_SECONDS = 180
SHIFT_SEEN = """new Promise(tell => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => tell(sum), 200);
})"""
DEVICES = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 3,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "sharp desktop": {"viewport": {"width": 1440, "height": 900}, "device_scale_factor": 2},
}


class Transfer:
    """Bytes over the wire, headers included, and how many answers, by kind as the browser tells it."""

    def __init__(self) -> None:
        self.bytes: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self._answers: dict[str, dict[str, Any]] = {}

    def answered(self, event: dict[str, Any]) -> None:
        self._answers[event["requestId"]] = event

    def finished(self, event: dict[str, Any]) -> None:
        answer = self._answers.get(event["requestId"])
        if answer is not None:
            self.bytes[answer["type"]] += int(event["encodedDataLength"])
            self.types[answer["response"]["mimeType"]] += 1


async def first_visit(chromium: Browser, url: str, device: str) -> Transfer:
    """With an empty cache, until nothing more is asked for without scrolling."""
    context = await chromium.new_context(**DEVICES[device], reduced_motion="reduce")
    try:
        page = await context.new_page()
        network = await context.new_cdp_session(page)
        transfer = Transfer()
        network.on("Network.responseReceived", transfer.answered)
        network.on("Network.loadingFinished", transfer.finished)
        await network.send("Network.enable")
        await page.goto(url, wait_until="networkidle", timeout=90_000)
        missing = await page.evaluate(
            "[...document.images].filter(i => i.loading !== 'lazy' && i.offsetWidth && !i.naturalWidth).map(i => i.currentSrc)"
        )
        assert missing == []
        assert await page.evaluate(SHIFT_SEEN) < MOST_SHIFT
        return transfer
    finally:
        await context.close()


def assert_light(transfer: Transfer) -> None:
    assert transfer.bytes["Document"] > 0
    assert transfer.bytes["Stylesheet"] > 0
    assert transfer.bytes["Image"] > 0
    assert sum(transfer.bytes.values()) < MOST_BYTES, transfer.bytes
    assert transfer.bytes["Script"] < MOST_SCRIPT_BYTES, transfer.bytes


@pytest.mark.parametrize("device", DEVICES)
async def test_a_list_of_drawings_is_light(shop, chromium, device):
    transfer = await first_visit(chromium, f"{shop.url}/search", device)
    assert_light(transfer)
    assert transfer.types["image/svg+xml"] >= 8


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("path", ["/", "/c/camp-trail", "/p/bothy-enamel-mug"])
async def test_the_pages_around_a_list_are_as_light(shop, chromium, path, device):
    assert_light(await first_visit(chromium, f"{shop.url}{path}", device))


@pytest.fixture(scope="module")
def shop_with_photographs(tmp_path_factory, real_data):
    """A shop of its own, whose newest goods have photographs."""
    folder = real_data("catalog-spree")
    with open_shop(tmp_path_factory.mktemp("photographs")) as opened:
        images, products = folder / "images", folder / "products.csv"
        process = opened.command("import", "products", "--preset", "spree", "--images", str(images), str(products))
        printed, _ = process.communicate(timeout=IMPORT_SECONDS)
        assert process.returncode == 0, printed
        opened.wait_for("/search?sort=newest", ".avif")
        yield opened


@pytest.mark.parametrize("device", DEVICES)
async def test_a_list_of_photographs_is_light(shop_with_photographs: Shop, chromium, device):
    """Also when the first to come is faster than the worker that makes the sizes."""
    transfer = await first_visit(chromium, f"{shop_with_photographs.url}/search?sort=newest", device)
    assert_light(transfer)
    assert transfer.types["image/avif"] >= 8
    assert transfer.types["image/jpeg"] + transfer.types["image/png"] + transfer.types["image/webp"] == 0


async def test_a_picture_in_the_newest_format_is_shown_by_a_browser_without_it(shop_with_photographs: Shop, chromium):
    """WebP stands in for AVIF: the same picture in the same width."""
    context = await chromium.new_context(**DEVICES["desktop"])
    try:
        page = await context.new_page()
        await page.goto(f"{shop_with_photographs.url}/search?sort=newest", timeout=90_000)
        shown = page.locator(".product-card picture img").first
        assert (await shown.evaluate("i => i.currentSrc")).endswith(".avif")
        await page.evaluate("document.querySelectorAll('source[type=\"image/avif\"]').forEach(s => s.remove())")
        await page.wait_for_function(
            "i => i.currentSrc.endsWith('.webp') && i.complete && i.naturalWidth > 0", arg=await shown.element_handle()
        )
    finally:
        await context.close()
