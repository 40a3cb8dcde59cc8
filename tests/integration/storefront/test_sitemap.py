"""The sitemap: every page that may be found, none that may not, in the form that its schema asks for."""

from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from shop.kernel.db import write
from shop.modules.catalog.schemas import ProductEdit
from shop.modules.catalog.service.edit_product import edit_product
from shop.modules.storefront import machines
from tests.factories.catalog import make_product

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XSD = "{http://www.w3.org/2001/XMLSchema}"


async def get(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    assert "set-cookie" not in answer.headers
    return ET.fromstring(answer.text)


def paths(document):
    return ["/" + loc.text.split("/", 3)[3] for loc in document.iter(f"{SITEMAP}loc")]


def breaches(document, schema):
    """What of `document` the schema's own rules for a <url> and its parts don't allow."""
    url = schema.find(f"{XSD}complexType[@name='tUrl']/{XSD}sequence")
    parts = [part.get("name") for part in url.findall(f"{XSD}element")]
    needed = {part.get("name") for part in url.findall(f"{XSD}element") if part.get("minOccurs") != "0"}
    loc = schema.find(f"{XSD}simpleType[@name='tLoc']/{XSD}restriction")
    shortest, longest = (int(loc.find(f"{XSD}{name}").get("value")) for name in ("minLength", "maxLength"))
    if document.tag != f"{SITEMAP}urlset" or not len(document):
        yield f"the root is {document.tag} with {len(document)} parts"
    for each in document:
        names = [part.tag.removeprefix(SITEMAP) for part in each]
        if (
            each.tag != f"{SITEMAP}url"
            or names != [name for name in parts if name in names]
            or not needed <= set(names)
        ):
            yield f"{each.tag}: {names}"
        for part in each:
            if part.tag == f"{SITEMAP}loc" and not shortest <= len(part.text) <= longest:
                yield f"loc of {len(part.text)} characters"
            if part.tag == f"{SITEMAP}lastmod" and datetime.fromisoformat(part.text).tzinfo is None:
                yield f"lastmod without a time zone: {part.text}"


async def test_it_names_home_static_pages_categories_and_products_as_the_schema_wants(client, real_data):
    await make_product("Crème & brûlée bowl", slug="creme-brulee-bowl", category="Kitchen/Bowls")
    document = await get(client, "/sitemap.xml")
    assert paths(document) == [
        *("/", "/about", "/shipping-returns", "/privacy", "/imprint"),
        *("/c/kitchen", "/c/kitchen/bowls", "/p/creme-brulee-bowl"),
    ]
    schema = ET.parse(real_data("conformance/sitemap-xsd") / "sitemap.xsd").getroot()
    assert list(breaches(document, schema)) == []


async def test_the_check_against_the_schema_would_find_a_fault(real_data):
    schema = ET.parse(real_data("conformance/sitemap-xsd") / "sitemap.xsd").getroot()
    body = "<url><lastmod>2026-11-21T10:00:00</lastmod><loc>http://x</loc></url>"
    document = ET.fromstring(f'<urlset xmlns="{SITEMAP[1:-1]}">{body}</urlset>')
    assert len(list(breaches(document, schema))) == 3


async def test_what_is_not_on_sale_is_not_named(client):
    product = await make_product("Mug", slug="mug")
    await write(edit_product, product.id, ProductEdit(status="archived"))
    assert "/p/mug" not in paths(await get(client, "/sitemap.xml"))


async def test_too_many_for_one_file_are_parted_without_gap_or_overlap(client, monkeypatch):
    monkeypatch.setattr(machines, "FILE_SIZE", 2)
    for n in range(5):
        await make_product(f"Mug {n}", slug=f"mug-{n}")
    index = await get(client, "/sitemap.xml")
    assert index.tag == f"{SITEMAP}sitemapindex"
    files = paths(index)
    assert files == ["/sitemaps/pages.xml", "/sitemaps/1.xml", "/sitemaps/2.xml", "/sitemaps/3.xml"]
    found = [path for file in files[1:] for path in paths(await get(client, file))]
    assert found == [f"/p/mug-{n}" for n in range(5)]
    assert "/c/kitchen" in paths(await get(client, files[0]))


@pytest.mark.parametrize("name", ["0.xml", "2.xml", "-1.xml", "1", "99999.xml", "²", "x.xml"])
async def test_a_part_that_is_none_is_not_found(client, name):
    await make_product("Mug")
    assert (await client.get(f"/sitemaps/{name}")).status_code == 404
