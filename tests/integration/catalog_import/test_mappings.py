"""What a mapping of one's own can say about somebody else's file."""

import re
from collections import Counter
from pathlib import Path

import pytest

from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.importer import import_products, preview_products
from shop.modules.catalog.importing.mapping import ImportMapping, load_preset, parse_mapping
from tests.integration.catalog_import.conftest import GOODS, ask, census, issues, run

SIMPLE = """
[rows]
group_by = "id"
product_when_filled = ["name"]
[product]
title = "name"
[variant]
sku = "id"
[[prices]]
amount = "price"
"""


def mapping(toml: str, base: str = SIMPLE, **replaced: str) -> ImportMapping:
    for before, after in replaced.items():
        base = re.sub(rf"(?m)^{before} = .*$", after, base)
    return parse_mapping((base + toml).encode(), "mine.toml")


@pytest.fixture
def table(tmp_path):
    def write(content: str) -> Path:
        path = tmp_path / "table.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


async def attributes() -> list[tuple]:
    return await ask("select slug, attributes from catalog.product order by 1")


async def test_a_parent_column_names_the_product_of_a_variant(table):
    path = table(
        "id,up,name,size,price\nSHIRT,,Shirt,,9\nS,SHIRT,Shirt small,S,9\nL,SHIRT,Shirt large,L,10\nCUP,,Cup,,5\n"
    )
    chosen = mapping(
        "", group_by='group_by = "id"\nparent = "up"', sku='sku = "id"\noptions = [{ label = "Size", value = "size" }]'
    )
    report = await run(path, chosen)
    assert report.products == Counter(created=2)
    assert report.issues == []
    assert await ask(
        "select p.slug, v.sku, v.options from catalog.variant v join catalog.product p on p.id = v.product_id"
        " order by 1, v.position"
    ) == [("cup", "CUP", []), ("shirt", "S", [["Size", "S"]]), ("shirt", "L", [["Size", "L"]])]


async def test_a_variant_without_its_parent_is_told(table):
    chosen = mapping("", group_by='group_by = "id"\nparent = "up"')
    report = await run(table("id,up,name,price\nS,SHIRT,Shirt small,9\nCUP,,Cup,5\n"), chosen)
    assert report.products == Counter(created=1, refused=1)
    assert issues(report) == [(2, "up")]
    assert "'SHIRT'" in report.issues[0].message


async def test_the_first_filled_of_several_columns_counts(table):
    chosen = mapping(
        "", title='title = ["name", "title"]\ncategories = { columns = ["a", "b"], first_of = true }',
        product_when_filled='product_when_filled = ["id"]',
    )  # fmt: skip
    await run(table("id,name,title,price,a,b\n1,,Mug,5,,Kitchen > Mugs\n2,Bowl,Other,5,Table,Kitchen\n"), chosen)
    assert await ask(
        "select p.title, c.slug from catalog.product p join catalog.product_category pc on pc.product_id = p.id"
        " join catalog.category c on c.id = pc.category_id order by 1"
    ) == [("Bowl", "table"), ("Mug", "kitchen/mugs")]


@pytest.mark.parametrize(
    ("toml", "header", "cells"),
    [
        ('packed = { column = "specs" }', "specs", "Volt: 230 | Color: red: dark"),
        ('packed = { column = "specs", separator = ";", assignment = "=" }', "specs", "Volt=230;Color=red: dark"),
        ('packed = { column = "specs" }', "specs", '"{""Volt"": 230, ""Color"": ""red: dark"", ""no"": null}"'),
        ('pairs = [{ name = "a", value = "b" }, { name = "c", value = "d" }]', "a,b,c,d", "Volt,230,Color,red: dark"),
        ('columns = ["Volt", "Color"]', "Volt,Color", "230,red: dark"),
        ('prefix = "x."', "x.Volt,x.Color", "230,red: dark"),
        ('prefixes = { t_ = "text", n_ = "text" }', "n_Volt,t_Color", "230,red: dark"),
    ],
)
async def test_attributes_stand_in_columns_pairs_or_packed_in_one_cell(table, toml, header, cells):
    report = await run(table(f"id,name,price,{header}\n1,Mug,5,{cells}\n"), mapping(f"[attributes]\n{toml}\n"))
    assert report.issues == []
    assert await attributes() == [("1", {"volt": "230", "color": "red: dark"})]


@pytest.mark.parametrize("cell", ["no assignment", '"{""a"": "', "{"])
async def test_a_packed_cell_that_is_none_is_told(table, cell):
    path = table("id,name,price,specs\n1,Mug,5,CELL\n2,Cup,5,\n".replace("CELL", cell.replace('"{""a"": "', "{a")))
    report = await run(path, mapping('[attributes]\npacked = { column = "specs" }\n'))
    assert report.products == Counter(created=1, refused=1)
    assert issues(report) == [(2, "specs")]


@pytest.mark.parametrize(
    ("price", "cell", "amount"),
    [
        ('amount = "price"\nnotation = "minor"', "1999", 1999),
        ('amount = "price"\ndecimal_separator = ","', '"1.999,90"', 199990),
        ('amount = "price"\ncurrency = "JPY"', "1999", 1999),
        ('amount = "price"', "19.9", 1990),
    ],
)
async def test_prices_are_read_as_the_mapping_says(table, price, cell, amount):
    await run(table(f"id,name,price\n1,Mug,{cell}\n"), mapping("", amount=price))
    assert await ask("select amount from pricing.price") == [(amount,)]


async def test_defaults_fill_what_the_source_lacks(table):
    defaults = (
        '[defaults]\nstock = 7\nstatus = "draft"\ncategory = "All > New"\ncurrency = "USD"\ntax_class = "reduced"\n'
    )
    await run(table("id,name,price\n1,Mug,5\n"), mapping(defaults))
    assert await ask(
        "select p.status, r.currency, r.tax_class, s.on_hand, c.slug from catalog.product p"
        " join catalog.variant v on v.product_id = p.id join pricing.price r on r.variant_id = v.id"
        " join inventory.stock_item s on s.variant_id = v.id join catalog.product_category pc on pc.product_id = p.id"
        " join catalog.category c on c.id = pc.category_id"
    ) == [("draft", "USD", "reduced", 7, "all/new")]


async def test_made_skus_are_the_same_at_the_next_run_and_never_too_long(table):
    chosen = mapping("", sku='make_sku = true\noptions = [{ label = "Size", value = "size" }]',
                     product_when_filled='product_when_filled = ["name"]\nvariant_when_filled = ["size"]')  # fmt: skip
    path = table(f"id,name,price,size\nmug,Mug,5,Extra large\nmug,,6,{'X' * 90}\n")
    assert (await run(path, chosen)).products == Counter(created=1)
    skus = [sku for (sku,) in await ask("select sku from catalog.variant order by position")]
    assert skus[0] == "mug-extra-large"
    assert len(skus[1]) <= 80
    assert (await run(path, chosen)).products == Counter(unchanged=1)


async def test_a_long_text_is_cut_with_a_warning_only_where_the_mapping_says_so(table):
    path = table(f"id,name,price\n1,{'word ' * 60},5\n")
    assert (await run(path, mapping(""))).products == Counter(refused=1)
    report = await run(path, mapping("", title='title = "name"\ncut_long_texts = true'))
    assert report.products == Counter(created=1)
    assert [(issue.row, issue.column, issue.warning) for issue in report.issues] == [(2, "name", True)]
    ((title,),) = await ask("select title from catalog.product")
    assert len(title) <= 200
    assert title.endswith("word…")


async def test_two_titles_that_make_one_address_are_told_apart(table):
    report = await run(table("id,name,price\n1,Mug,5\n2,Mug,6\n"), mapping("", title='title = "name"\nslug = ["name"]'))
    assert report.products == Counter(created=1, refused=1)
    assert report.issues[0].row == 3


async def test_a_preview_shows_the_first_products_and_their_issues_and_changes_nothing(shop_csv):
    before = await census()
    chosen = load_preset("shop")
    source = open_source(shop_csv(GOODS[0], GOODS[1] | {"price_eur": "?"}, *GOODS[2:]), chosen)
    try:
        bound = bind(chosen, source.columns)
        first, second = preview_products(source, bound)
        assert [variant.draft.sku for variant in first.variants] == ["MUG-S"]
        assert [(issue.row, issue.column) for issue in first.issues] == [(3, "price_eur")]
        assert second.draft.title == "Blue bowl"
        assert [plan.key for plan in preview_products(source, bound, first=1)] == ["red-mug"]
        assert await census() == before
        report = await import_products(source, bound)
        assert report.products == Counter(created=2)
    finally:
        source.close()


async def test_an_import_tells_how_far_it_is_and_stops_after_a_batch(shop_csv, monkeypatch):
    from shop.modules.catalog.importing import importer

    monkeypatch.setattr(importer, "BATCH", 1)
    chosen = load_preset("shop")
    told = []
    source = open_source(shop_csv(), chosen, lambda done, total: told.append((done, total)))
    try:
        assert told[-1][0] == told[-1][1] == shop_csv().stat().st_size
        positions = []
        report = await import_products(
            source, bind(chosen, source.columns), on_rows=lambda rows: positions.append((rows, source.position)),
            stop=lambda: True,
        )  # fmt: skip
    finally:
        source.close()
    assert report.stopped
    assert report.products == Counter(created=1)
    assert len(positions) == 1
    assert positions[0][0] == 2
    assert 0 < positions[0][1] < source.size


def test_the_mapping_that_the_guide_shows_can_be_used():
    guide = Path(__file__).parents[3] / "docs" / "import.md"
    (toml,) = re.findall(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    shown = parse_mapping(toml.encode(), "docs/import.md")
    for section in ("file", "rows", "product", "variant", "attributes", "images", "values", "defaults"):
        part = getattr(shown, section)
        for field in part.__struct_fields__:
            assert re.search(rf"(?m)^{field} = ", toml), f"the guide doesn't tell {section}.{field}"
