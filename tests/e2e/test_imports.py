"""Staff bring the goods of another shop in: upload, look, import, and find them in the storefront."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.buying import sign_in
from tests.e2e.examination import examine_shown
from tests.e2e.importing import GOODS, upload
from tests.e2e.running_shop import ADMIN, PASSWORD

SHOPIFY = Path(__file__).parents[1] / "integration" / "catalog_import" / "files" / "shopify.csv"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_an_export_of_shopify_becomes_goods_of_this_shop(new_visitor, scripts):
    page = await new_visitor(java_script_enabled=scripts)
    await sign_in(page, ADMIN, PASSWORD, "/admin")
    content = (
        SHOPIFY.read_text().replace("linen-shirt", f"linen-shirt-{int(scripts)}").replace("LS-", f"L{int(scripts)}-")
    )
    url = await upload(page, "shopify.csv", content)
    await expect(page.get_by_text("Read as: Shopify product export.")).to_be_visible()
    await expect(page.get_by_role("region", name="The first products")).to_contain_text("Linen shirt")
    await page.get_by_role("button", name="Import ").click()
    await expect(page.get_by_text("Imported").first).to_be_visible(timeout=20_000)
    assert page.url == url
    shown = None
    for _ in range(40):
        shown = await page.goto(f"/p/linen-shirt-{int(scripts)}")
        if shown.status == 200:
            break
        await asyncio.sleep(0.25)
    await expect(page.get_by_role("heading", name="Linen shirt", level=1)).to_be_visible()


async def test_problems_stand_by_row_and_column_and_come_down_as_csv(visitor):
    await sign_in(visitor, ADMIN, PASSWORD, "/admin")
    await upload(visitor, "goods.csv", GOODS)
    table = visitor.get_by_role("region", name="Problems by row and column")
    await expect(table).to_contain_text("is not a price")
    assert await examine_shown(visitor) == []
    async with visitor.expect_download() as loading:
        await visitor.get_by_role("link", name="Download as CSV").click()
    assert "price_eur" in Path(await (await loading.value).path()).read_text()
    await visitor.get_by_role("button", name="Delete the upload").click()
    await expect(visitor.get_by_text("The upload is deleted")).to_be_visible()


async def test_the_catalogue_is_taken_home(visitor):
    await sign_in(visitor, ADMIN, PASSWORD, "/admin")
    await visitor.goto("/admin/products")
    async with visitor.expect_download() as loading:
        await visitor.get_by_role("link", name="Export products").click()
    text = Path(await (await loading.value).path()).read_text(encoding="utf-8-sig")
    assert text.startswith("slug,title,status,")
    assert "bothy-enamel-mug" in text
