"""JSON and JSON Lines as tables: what the values become, where the records are found, and what costs a record or a file."""

import json
import tracemalloc

import pytest

from shop.modules.catalog.importing.reader import UnreadableFile
from tests.unit.catalog_import.conftest import rows

RECORDS = [
    {"id": 1, "x": "Mug", "price": 19.9, "on": True, "off": False, "none": None, "size": {"cm": {"h": 9}}, "no": []},
    {"id": "2", "x": "ü €", "tags": ["a", "b"], "pics": [{"src": "1.png", "n": 1}, {"src": "2.png"}], "more": [[1, 2], 3]},
]  # fmt: skip
CELLS = [
    {"id": "1", "x": "Mug", "price": "19.9", "on": "true", "off": "false", "size.cm.h": "9"},
    {
        "id": "2", "x": "ü €", "tags": ["a", "b"], "pics.src": ["1.png", "2.png"], "pics.n": ["1", ""],
        "more": ["1, 2", "3"],
    },
]  # fmt: skip


def lines(records: list) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        (json.dumps(RECORDS).encode(), ""),
        (json.dumps(RECORDS, ensure_ascii=False, indent=2).encode("utf-16"), ""),
        (json.dumps({"meta": {"page": [1, 2]}, "products": RECORDS, "end": 1}).encode(), ""),
        (json.dumps({"a": [{"b": 1}], "data": {"items": RECORDS}}).encode(), 'records = "data.items"'),
        (lines(RECORDS), ""),
        (b"\n" + lines(RECORDS[:1]) + b"\n\n" + lines(RECORDS[1:]).strip(), ""),
        (lines(RECORDS), 'format = "jsonl"'),
    ],
)
def test_values_of_all_kinds_are_cells(opened, content, settings):
    source = opened(content, settings=settings)
    assert [row.values for row in rows(source)] == CELLS
    assert set(source.columns) == {column for cells in CELLS for column in cells}


def test_a_list_is_words_where_one_text_is_asked_for(opened):
    row = rows(opened(json.dumps(RECORDS).encode()))[1]
    assert row["tags"] == "a, b"
    assert row.parts("tags", "|") == ["a", "b"]


def test_variants_in_a_record_are_rows_after_it(opened):
    content = [{"id": "a", "x": "Mug", "variants": [{"sku": "S"}, {"sku": "L", "price": 2}]}, {"id": "b", "x": "Bowl"}]
    source = opened(json.dumps(content).encode(), settings='nested = "variants"')
    assert [(group.key, [row.values for row in group.rows]) for group in source.products()] == [
        ("a", [{"id": "a", "x": "Mug"}, {"variants.sku": "S"}, {"variants.sku": "L", "variants.price": "2"}]),
        ("b", [{"id": "b", "x": "Bowl"}]),
    ]  # fmt: skip


def test_numbers_are_told_as_they_are_written(opened):
    text = b'{"id": 1, "x": 0.10, "big": 12345678901234567890, "huge": 1e400, "tiny": 1e-9}'
    for content in (b"[" + text + b"]", text + b"\n" + text.replace(b'"id": 1', b'"id": 2')):
        row = rows(opened(content))[0]
        assert row["x"] in {"0.10", "0.1"}
        assert row["big"] == "12345678901234567890"
        assert row["huge"] in {"1E+400", "1e400"}


@pytest.mark.parametrize("deep", [b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_value_nested_without_end_costs_its_record_alone(opened, deep):
    record = b'{"id": 2, "x": ' + deep + b"}"
    for content in (b'[{"id": 1},' + record + b',{"id": 3}]', b'{"id": 1}\n' + record + b'\n{"id": 3}\n'):
        found = rows(opened(content))
        assert [row.problem is None for row in found] == [True, False, True]


@pytest.mark.parametrize(
    "bad",
    [
        b'{"x": NaN}',
        b'{"x": Infinity}',
        b'{"x": "\\ud800"}',
        b'{"x": 1' + b"0" * 5000 + b"}",
        b"{",
        b"5",
        b'{"x": "\xff"}',
    ],
)
def test_a_bad_line_costs_itself_alone(opened, bad):
    found = rows(opened(b'{"id": 1}\n' + bad + b'\n{"id": 3}\n'))
    assert [(row.number, row.problem is None) for row in found] == [(1, True), (2, False), (3, True)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'[{"id": 1}, {"id": NaN}]', "row [12]: not JSON"),
        (b'[{"id": 1}, {"id": Infinity}]', "row [12]: not JSON"),
        (b'[{"id": 1}, {"id": 1' + b"0" * 5000 + b"}]", "row [12]: not JSON"),
        (b'[{"id": 1}, {"id": "\xff"}]', "row [12]: not JSON"),
        (b'[{"id": 1}', "not JSON"),
        (b'[{"id": 1}] [', "not JSON"),
        (b'[{"id": 1}, {"x": "' + b"x" * 40_000_000, "row [12]: takes more than 16 MB"),
        (b"[" * 100_000, "holds no list of objects|not JSON"),
        (b"[1, 2]", "holds no list of objects"),
        (b'{"products":\n5}', "holds no list of objects"),
        (b"[{%s}]" % b",".join(b'"k%d":1' % number for number in range(1_000_000)), "row 1: more than 20,000 columns|16 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_list_of_records_is_refused_whole(opened, content, words):
    with pytest.raises(UnreadableFile, match=words):
        opened(content)


def test_a_lone_surrogate_never_gets_into_a_cell(opened):
    (row,) = rows(opened(b'[{"id": "a", "x": "\\ud800b"}]'))
    row["x"].encode()


def test_a_list_that_has_no_end_is_read_in_little_memory(opened, tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.write(b"[")
        for number in range(20_000):
            file.write(b'{"id": "%d", "x": "%s"},' % (number, b"x" * 2000))
        file.write(b'{"id": "last"}]')
    tracemalloc.start()
    try:
        source = opened(None)
        assert sum(1 for _ in source.products()) == 20_001
        assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    finally:
        tracemalloc.stop()


def test_every_file_of_the_json_suite_is_read_or_refused_in_words(opened, real_data):
    read = refused = 0
    for path in sorted((real_data("bad-input/json-test-suite") / "test_parsing").glob("*.json")):
        for settings in ('format = "json"', 'format = "jsonl"'):
            try:
                rows(opened(path.read_bytes(), settings=settings))
                read += 1
            except UnreadableFile:
                refused += 1
    assert read
    assert refused
