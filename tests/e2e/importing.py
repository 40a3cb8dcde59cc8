"""Staff with a file of products in the browser."""

from playwright.async_api import Page, expect

GOODS = """slug,title,sku,price_eur,price_usd,stock,categories,description_html
tin-whistle,Tin whistle,WHISTLE,12.50,14,25,Fireside > Music,<p>In D.</p>
=cmd,A formula,FORMULA,free,1,1,Fireside,
camp-guitar,Camp guitar,GUITAR,189,199,4,Fireside > Music,<p>Small enough for a rucksack.</p>
"""


async def upload(page: Page, name: str, content: str) -> str:
    """The address of the import, whose check has ended."""
    await page.goto("/admin/imports")
    await page.get_by_label("File with products").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    )
    await page.get_by_role("button", name="Check the file").click()
    await expect(page.get_by_role("heading", name="This is what would happen")).to_be_visible(timeout=20_000)
    return page.url
