"""Statements of a wallet in a browser: ten days at once, sixty made by a worker, watched, told of by mail, and downloaded."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.e2e.buying import sign_in
from tests.factories.pdf import ReadPdf

EMAIL, PASSWORD = "katherine@example.com", "orbital mechanics"


@pytest.fixture(scope="module")
def customer(shop):
    shop.sign_up(EMAIL, PASSWORD, "Katherine Johnson")
    shop.fill_wallet(EMAIL, PASSWORD, 5000)
    shop.fill_wallet(EMAIL, PASSWORD, 250)


def days(count):
    """The last so many, as fields for days take them."""
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    return str(today - timedelta(days=count - 1)), str(today)


async def choose(page, count):
    first, last = days(count)
    await page.get_by_label("From").fill(first)
    await page.get_by_label("To, included").fill(last)
    await page.get_by_role("button", name="Show").click()


async def test_ten_days_are_shown_at_once(visitor, customer):
    await sign_in(visitor, EMAIL, PASSWORD)
    await visitor.goto("/account/wallet")
    await visitor.get_by_role("link", name="Statements").click()
    await choose(visitor, 10)
    rows = visitor.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text("+€50.00")
    await expect(rows.nth(2)).to_contain_text("+€2.50")
    await expect(rows.nth(2)).to_contain_text("€52.50")
    await expect(visitor.get_by_text("Closing balance").locator("..")).to_contain_text("€52.50")


@pytest.mark.parametrize("script", [True, False])
async def test_sixty_days_are_made_and_downloaded(new_visitor, shop, customer, tmp_path, script):
    page = await new_visitor(java_script_enabled=script)
    await sign_in(page, EMAIL, PASSWORD)
    await page.goto("/account/wallet/statement")
    await choose(page, 60 if script else 61)
    await page.get_by_role("button", name="Make the statement").click()
    await expect(page.get_by_role("heading", name="Ready")).to_be_visible(timeout=30_000)

    async def downloaded(kind) -> bytes:
        async with page.expect_download() as coming:
            await page.get_by_role("main").get_by_role("link", name=f"{kind} of").click()
        path = Path(tmp_path / kind)
        await (await coming.value).save_as(path)
        return path.read_bytes()

    lines = list(csv.DictReader(io.StringIO((await downloaded("CSV")).decode("utf-8-sig"))))
    assert [line["balance"] for line in lines] == ["0.00", "50.00", "52.50", "52.50"]
    (words,) = [ReadPdf(await downloaded("PDF")).words(0)]
    assert {"Katherine Johnson", EMAIL, "Page 1 of 1", "52.50"} <= set(words)
    mail = shop.message(EMAIL, "statement_ready")
    assert "52.50" not in mail["text"]
    if script:
        await page.goto(shop.link_in(mail))
        await expect(page.get_by_role("heading", name="Ready")).to_be_visible()
