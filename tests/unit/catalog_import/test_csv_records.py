"""CSV as the world writes it: far-apart rows, marks, quotes; and what isn't CSV is told apart clearly."""

import csv
import io
import json

import pytest

from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.mapping import parse_mapping
from shop.modules.catalog.importing.reader import Source, UnreadableFile


MAPPING = """
[rows]
group_by = "KEY"
product_when_filled = ["x"]
[product]
title = "x"
[variant]
sku = "x"
[[prices]]
amount = "x"
"""


@pytest.fixture
def opened(tmp_path, monkeypatch):
    sources = []

    def open_bytes(content: bytes, key: str = "id", settings: str = "") -> Source:
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        mapping = parse_mapping((MAPPING.replace("KEY", key) + "[file]\n" + settings).encode(), "test")
        sources.append(open_source(path, mapping))
        return sources[-1]

    yield open_bytes
    for source in sources:
        source.close()


def groups(source: Source) -> list[tuple[str, list[int]]]:
    return [(group.key, [row.number for row in group.rows]) for group in source.products()]


def test_rows_of_one_product_are_found_however_far_apart(opened):
    source = opened(b"id,x\na,1\na,2\nb,3\na,4\n\nb,5\n")
    assert groups(source) == [("a", [2, 3, 5]), ("b", [4, 7])]
    assert source.row_count == 5


def test_rows_without_a_key_stand_alone(opened):
    assert groups(opened(b"id,x\n,1\na,2\n,3\n")) == [("", [2]), ("", [4]), ("a", [3])]


def test_cells_over_several_lines_are_one_row(opened):
    source = opened('id,x\r\na,"one\r\ntwo"\r\nb,"say ""hi"""\r\na,ü\r\n'.encode())
    rows = {row.number: row["x"] for group in source.products() for row in group.rows}
    assert rows == {2: "one\r\ntwo", 3: 'say "hi"', 4: "ü"}


def test_a_byte_order_mark_is_not_part_of_the_first_column(opened):
    assert opened(b"\xef\xbb\xbfid,x\na,1\n").columns == ("id", "x")


def test_a_row_with_too_few_or_too_many_cells_is_a_problem_of_its_own(opened):
    rows = [row for group in opened(b"id,x\na\nb,1\nc,1,2\n").products() for row in group.rows]
    assert [row.problem is None for row in rows] == [False, True, False]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"id,id\n", "is there twice"),
        (b"id;name\na;b\n", "file.delimiter"),
        (b"id,x\na,\xe4\n", "row 2: not UTF-8 text .byte 0xe4"),
        ("id,x\na,ä\n".encode("utf-16"), "UTF-16"),
        (b'id,x\na,1\nb,"never closed\n', "row 3: not CSV"),
        (b"PK\x03\x04\x00\x00\x00", "binary"),
    ],
)
def test_what_is_no_such_file_is_told_apart(opened, content, words):
    with pytest.raises(UnreadableFile, match=words):
        opened(content)


def test_a_line_without_end_does_not_fill_the_memory(opened):
    with pytest.raises(UnreadableFile, match="longer than"):
        opened(b"id,x\na," + b"x" * 3_000_000)


def test_positions_hold_for_many_products(opened):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "x"])
    for turn in range(3):
        writer.writerows([f"p{n}", f'{turn} "{n}"\nü'] for n in range(500))
    seen = {group.key: [row["x"] for row in group.rows] for group in opened(text.getvalue().encode()).products()}
    assert seen == {f"p{n}": [f'{turn} "{n}"\nü' for turn in range(3)] for n in range(500)}


def test_the_spectrum_of_csv_is_read_as_expected(real_data):
    folder = real_data("bad-input/csv-spectrum")
    for case in sorted((folder / "csvs").glob("*.csv")):
        # The copies of the CSV files have lost the carriage returns within cells that their JSON still has.
        expected = json.loads((folder / "json" / f"{case.stem}.json").read_text(encoding="utf-8").replace("\\r", ""))
        if isinstance(expected, dict):
            continue  # location_coordinates.json holds another phone number than its CSV
        key = next(csv.reader(io.StringIO(case.read_text(encoding="utf-8"))))[0]
        source = CsvSource(case, ",", key)
        try:
            rows = sorted((row for group in source.products() for row in group.rows), key=lambda row: row.number)
        finally:
            source.close()
        assert [row.values for row in rows] == [row for row in expected if any(row.values())], case.name
