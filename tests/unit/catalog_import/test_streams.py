"""Packed files: read like others, refused when they are bombs, damaged, or several at once."""

import gzip
import io
import lzma
import zipfile

import pytest

from shop.modules.catalog.importing import streams
from shop.modules.catalog.importing.reader import UnreadableFile
from tests.unit.catalog_import.conftest import rows

CSV = "id,x\na,ü\n".encode()


def zipped(members: dict[str, bytes], **options) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(CSV),
        gzip.compress(CSV[:5]) + gzip.compress(CSV[5:]),
        lzma.compress(CSV),
        zipped({"goods.csv": CSV}),
        zipped({"folder/": b"", "folder/goods.csv": CSV, "__MACOSX/goods.csv": b"x", "folder/.DS_Store": b"x"}),
        gzip.compress(CSV.decode().encode("utf-16")),
    ],
    ids=["gz", "gz in parts", "xz", "zip", "zip of a Mac", "gz of UTF-16"],
)
def test_what_is_packed_is_read_as_it_is_inside(opened, packed):
    assert [row.values for row in rows(opened(packed))] == [{"id": "a", "x": "ü"}]


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (zipped({"a.csv": CSV, "b.csv": CSV}), "holds 2 files where one is needed: a.csv, b.csv"),
        (zipped({}), "can't be unpacked|not UTF-8|binary|holds 0 files"),
        (zipped({"goods.csv": CSV * 100})[:-30], "can't be unpacked"),
        (gzip.compress(CSV * 1000)[:-20], "damaged"),
        (lzma.compress(CSV * 1000)[:-20], "damaged"),
        (b"\x1f\x8b" + b"rubbish" * 10, "damaged"),
        (b"PK\x03\x04rubbish", "can't be unpacked"),
        (
            zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
            "an Excel workbook: open it, save the sheet as CSV",
        ),
        (zipped({"mimetype": b"", "content.xml": b""}), "an OpenDocument workbook: open it"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an Excel workbook"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "a picture"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive: unpack it"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "a web page"),
    ],
    ids=[
        "two files",
        "empty zip",
        "cut zip",
        "cut gz",
        "cut xz",
        "no gz",
        "no zip",
        "xlsx",
        "ods",
        "xls",
        "png",
        "rar",
        "html",
    ],
)
def test_a_damaged_or_ambiguous_file_is_refused(opened, packed, words):
    with pytest.raises(UnreadableFile, match=words):
        opened(packed)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda data: zipped({"goods.csv": data})])
def test_a_bomb_is_refused_before_it_fills_the_disk(opened, pack, monkeypatch):
    monkeypatch.setattr(streams, "FREE_UNPACKED", 2**20)
    bomb = pack(b"id,x\n" + b"a,\n" * 4_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        opened(bomb)
