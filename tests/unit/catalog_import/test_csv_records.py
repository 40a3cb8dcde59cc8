"""CSV as the world writes it: far-apart rows, marks, quotes; and what isn't CSV is told apart clearly."""

import csv
import io
import json
import time
import tracemalloc

import pytest

from shop.modules.catalog.importing import spool
from shop.modules.catalog.importing.reader import Source, UnreadableFile
from tests.unit.catalog_import.conftest import rows


def groups(source: Source) -> list[tuple[str, list[int]]]:
    return [(group.key, [row.number for row in group.rows]) for group in source.products()]


def test_rows_of_one_product_are_found_however_far_apart(opened):
    source = opened(b"id,x\na,1\na,2\nb,3\na,4\n\nb,5\n")
    assert groups(source) == [("a", [2, 3, 5]), ("b", [4, 7])]
    assert (source.row_count, source.product_count) == (5, 2)


def test_products_can_be_read_again_and_tell_how_far_they_are(opened):
    source = opened(b"id,x\na,1\nb,3\na,4\n")
    for _ in range(2):
        positions = [source.position for _ in source.products()]
        assert positions == sorted(positions)
        assert positions[-1] == source.size > 0


def test_rows_without_a_key_stand_alone(opened):
    assert groups(opened(b"id,x\n,1\na,2\n,3\n")) == [("", [2]), ("a", [3]), ("", [4])]


def test_a_filled_parent_is_the_key_of_a_row(opened):
    source = opened(b"id,up,x\na,,1\nb,a,2\nc,,3\n", rules='parent = "up"')
    assert groups(source) == [("a", [2, 3]), ("c", [4])]


@pytest.mark.parametrize("line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "sep=;;;\n"])
def test_a_line_that_tells_excel_the_delimiter_is_heeded_and_counted(opened, line):
    source = opened(f"{line}id;x\na;1,5\n".encode())
    assert source.columns == ("id", "x")
    assert [(row.number, row["x"]) for row in rows(source)] == [(3, "1,5")]


def test_cells_over_several_lines_are_one_row(opened):
    source = opened('id,x\r\na,"one\r\ntwo"\r\nb,"say ""hi"""\r\na,ü\r\n'.encode())
    assert {row.number: row["x"] for row in rows(source)} == {2: "one\r\ntwo", 3: 'say "hi"', 4: "ü"}


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_told_by_the_first_line(opened, delimiter):
    source = opened(f'id{delimiter}"x, or y"{delimiter}z\na{delimiter}1{delimiter}2\n'.encode())
    assert source.columns == ("id", "x, or y", "z")


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("\ufeffid,x\na,ü €\n".encode(), ""),
        ("id,x\na,ü €\n".encode("utf-16"), ""),
        ("\ufeffid,x\na,ü €\n".encode("utf-16-be"), ""),
        ("\ufeffid,x\na,ü €\n".encode("utf-32-le"), ""),
        ("id,x\na,ü €\n".encode("cp1252"), 'encoding = "cp1252"'),
        ("id,x\na,ü €\n".encode("utf-16-le"), 'encoding = "utf-16-le"'),
        ("id,x\ra,ü €\r".encode(), ""),
    ],
)
def test_an_encoding_that_is_marked_or_named_is_read_right(opened, content, settings):
    source = opened(content, settings=settings)
    assert [row.values for row in rows(source)] == [{"id": "a", "x": "ü €"}]


def test_a_row_with_too_few_or_too_many_cells_is_a_problem_of_its_own(opened):
    found = rows(opened(b"id,x\na\nb,1\nc,1,2\n"))
    assert [row.problem is None for row in found] == [False, True, False]


def test_a_stray_quote_costs_its_row_alone(opened):
    found = rows(opened(b'id,x\na,1\nb,"two" inches\nc,3\n'))
    assert [(row.number, row.problem is None) for row in found] == [(2, True), (3, False), (4, True)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"id,id\n", "is there twice"),
        (b"id,x\na,\xe4\n", "row 2: not UTF-8 text .byte 0xe4.*file.encoding"),
        ("id,x\na,ä\n".encode("utf-16-le"), "UTF-16 without a mark.*file.encoding"),
        (b'id,x\na,1\nb,"never closed\n', "row 3: not CSV: a quote is never closed"),
        (b"\x7fELF\x00\x00\x00", "binary"),
        (b"id,x\na," + b"x" * 1_000_001 + b"\n", "row 2, column 'x': a cell of more than 1,000,000 characters"),
        (b'id,x\na,"' + b"x\n" * 1_000_001, "row 2, column 'x': a cell of more than 1,000,000 characters"),
        (b"id,x\na," + b"x" * 17_000_000, "row 2, column 'x'"),
        (b"id,x\na" + b",b" * 9_000_000 + b"\n", "row 2: takes more than 16 MB"),
        (b'id,x\n"a\n' + b'","b\n' * 3_500_000, "row 2: takes more than 16 MB"),
        (b",".join(b"c%d" % number for number in range(1_000_000)), "names 1,000,000 columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_such_file_is_told_apart(opened, content, words):
    with pytest.raises(UnreadableFile, match=words):
        opened(content)


def test_a_cell_of_a_gigabyte_is_refused_at_once_and_in_little_memory(opened, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"id,x\n" + b"a,1\n" * 2000 + b'b,"')
    with path.open("r+b") as file:
        file.truncate(2**30)  # a hole: a gigabyte of NUL that takes no room on the disk
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(UnreadableFile, match="row 2002, column 'x': a cell of more than"):
            opened(None)
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 20


def test_a_product_of_endless_rows_is_one_problem(opened, monkeypatch):
    monkeypatch.setattr(spool, "MAX_ROWS", 100)
    (group, other) = list(opened(b"id,x\n" + b"a,1\n" * 101 + b"b,1\n").products())
    assert "more than 100 rows" in group.rows[0].problem
    assert other.rows[0].problem is None


def test_positions_hold_for_many_products(opened):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "x"])
    for turn in range(3):
        writer.writerows([f"p{n}", f'{turn} "{n}"\nü'] for n in range(500))
    seen = {group.key: [row["x"] for row in group.rows] for group in opened(text.getvalue().encode()).products()}
    assert seen == {f"p{n}": [f'{turn} "{n}"\nü' for turn in range(3)] for n in range(500)}


def test_the_spectrum_of_csv_is_read_as_expected(opened, real_data):
    folder = real_data("bad-input/csv-spectrum")
    for case in sorted((folder / "csvs").glob("*.csv")):
        # The copies of the CSV files have lost the carriage returns within cells that their JSON still has.
        expected = json.loads((folder / "json" / f"{case.stem}.json").read_text(encoding="utf-8").replace("\\r", ""))
        if isinstance(expected, dict):
            continue  # location_coordinates.json holds another phone number than its CSV
        key = next(csv.reader(io.StringIO(case.read_text(encoding="utf-8"))))[0]
        found = rows(opened(case.read_bytes(), key=key))
        assert [row.values for row in found] == [row for row in expected if any(row.values())], case.name
