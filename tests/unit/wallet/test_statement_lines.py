"""Lines of a statement's CSV: written as spreadsheets read them, and read back as they were meant."""

import io
from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from shop.modules.wallet.statement_files.lines import CLOSING, COLUMNS, OPENING, CsvLines, Notation, read_lines

EURO = Notation("EUR", 2, ZoneInfo("Europe/Berlin"))


def entry(**facts):
    plain = {
        "created_at": datetime(2026, 7, 31, 22, 30, 1, 999_999, tzinfo=UTC),
        "operation": "purchase",
        "reason": "",
        "order_id": None,
        "transaction_id": UUID(int=7),
        "amount": -5,
        "balance_after": 100,
    }
    return SimpleNamespace(**(plain | facts))


def written(*lines):
    file = io.StringIO(newline="")
    CsvLines(file).write(lines)
    return file.getvalue()


@pytest.mark.parametrize(
    ("currency", "digits", "minor", "told"),
    [
        ("EUR", 2, 0, "0.00"),
        ("EUR", 2, -5, "-0.05"),
        ("EUR", 2, -1990, "-19.90"),
        ("EUR", 2, 10**15, "10000000000000.00"),
        ("JPY", 0, -1990, "-1990"),
        ("BHD", 3, -1, "-0.001"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(currency, digits, minor, told):
    assert Notation(currency, digits, ZoneInfo("UTC")).amount(minor) == told


def test_moments_are_of_the_shops_time_zone():
    line = EURO.line(entry(), {})
    assert (line.date, line.time) == ("2026-08-01", "00:30:01")


def test_a_file_begins_with_its_mark_and_its_columns_and_ends_lines_as_rfc_4180_does():
    text = written(EURO.balance(OPENING, date(2026, 1, 1), 5000), EURO.balance(CLOSING, date(2026, 1, 31), 1))
    assert text == (
        f"\ufeff{','.join(COLUMNS)}\r\n"
        "2026-01-01,,opening_balance,,,,,50.00,EUR\r\n"
        "2026-01-31,,closing_balance,,,,,0.01,EUR\r\n"
    )


@pytest.mark.parametrize(
    ("reason", "cell"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+49 30", "'+49 30"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'=1"),
        ("'=1", "''=1"),
        ("two\r\nlines", "two lines"),
        ('say "hi", then', 'say "hi", then'),
        ("  ", ""),
    ],
)
def test_what_people_wrote_is_one_line_and_no_formula_and_comes_back(reason, cell):
    line = EURO.line(entry(reason=reason), {})
    assert line.description == cell
    (back,) = read_lines(io.StringIO(written(line), newline=""))
    assert back.description == " ".join(reason.split())
    assert back._replace(description=cell) == line


def test_orders_go_by_the_numbers_that_are_known():
    known, unknown = UUID(int=1), UUID(int=2)
    assert EURO.line(entry(order_id=known), {known: "SO-1"}).order == "SO-1"
    assert EURO.line(entry(order_id=unknown), {known: "SO-1"}).order == str(unknown)
    assert EURO.line(entry(), {known: "SO-1"}).order == ""
