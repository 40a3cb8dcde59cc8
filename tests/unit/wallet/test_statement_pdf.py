"""A printed statement: a file that a strict reader takes, with every line, sums that go on from page to page, and columns."""

import io
from datetime import date
from itertools import pairwise
from uuid import UUID

import msgspec
import pytest

from shop.modules.wallet.statement_files.helvetica import REGULAR, encoded, is_readable, shortened, width
from shop.modules.wallet.statement_files.lines import Line
from shop.modules.wallet.statement_files.pdf import (
    BALANCE,
    DETAILS,
    LEFT,
    LINES,
    LINES_FIRST,
    MONEY_IN,
    MONEY_OUT,
    RIGHT,
    TIME,
    Facts,
    grouped,
    page_count,
    print_pages,
)
from shop.modules.wallet.statement_files.pdf_objects import PdfFile
from shop.modules.wallet.statement_rules import Period
from tests.factories.pdf import ReadPdf

FACTS = Facts(
    statement_id=UUID(int=5),
    shop="Fernweh Goods",
    name="Ada Lovelace",
    email="ada@example.com",
    period=Period(date(2026, 1, 1), date(2026, 12, 31)),
    currency="EUR",
    made_at="1 January 2027, 08:15",
    zone="Europe/Berlin",
    entries=0,
    opening="20.00",
    closing="20.00",
    money_in="0.00",
    money_out="0.00",
    longest=8,
)


def line(number, amount="-1.00", balance=None, *, operation="purchase", order="", description=""):
    return Line(
        "2026-03-09", "14:05:59", operation, description, order, str(number), amount, balance or f"{number}.00", "EUR"
    )


def printed(lines=(), **facts):
    file = io.BytesIO()
    told = list(print_pages(file, msgspec.structs.replace(FACTS, entries=len(lines), **facts), iter(lines)))
    assert told[-1] == len(lines)
    return ReadPdf(file.getvalue())


@pytest.mark.parametrize(
    ("entries", "pages"),
    [
        (0, 1),
        (1, 1),
        (LINES_FIRST, 1),
        (LINES_FIRST + 1, 2),
        (LINES_FIRST + LINES, 2),
        (LINES_FIRST + LINES + 1, 3),
        (1_000_000, 20_001),
    ],
)
def test_pages_are_counted_before_they_are_printed(entries, pages):
    assert page_count(entries) == pages
    if entries < 1000:
        assert len(printed([line(each) for each in range(entries)]).pages) == pages


def test_every_line_is_printed_once_and_in_order():
    lines = [line(each, description=f"no. {each}") for each in range(500)]
    read = printed(lines)
    told = [each.text for page in read.pages for each in page if "no. " in each.text]
    assert told == [f"Purchase · no. {each}" for each in range(500)]


def test_pages_are_numbered_and_each_has_the_head_of_the_table():
    read = printed([line(each) for each in range(LINES_FIRST + 2 * LINES)])
    for number, page in enumerate(read.pages, start=1):
        words = [each.text for each in page]
        assert f"Page {number} of 3" in words
        for title in ("Date", "Time", "Details", "Money out", "Money in", "Balance"):
            assert words.count(title) == (2 if number == 1 and title.startswith("Money") else 1)  # a sum of that name


def test_the_balance_is_carried_from_page_to_page():
    read = printed([line(each, balance=f"{1000 + each}.50") for each in range(LINES_FIRST + LINES + 7)])

    def beside(page, title):
        (named,) = [each for each in page if each.text == title and each.x == DETAILS]
        return next(each.text for each in page if each.y == named.y and each.x > DETAILS)

    first, second, third = read.pages
    assert beside(first, "Opening balance") == "20.00"
    assert beside(first, "Carried forward") == beside(second, "Brought forward") == "1,031.50"
    assert beside(second, "Carried forward") == beside(third, "Brought forward") == "1,081.50"
    assert beside(third, "Closing balance") == "1,088.50"


def test_figures_end_where_their_columns_end():
    amounts = [("-1.00", "1,111,111.11"), ("2222.22", "0.07"), ("-33333.33", "44.44")]
    read = printed([line(0, amount, balance.replace(",", "")) for amount, balance in amounts])
    (page,) = read.pages
    by_text = {each.text: each for each in page}
    for text, edge in (
        ("1.00", MONEY_OUT),
        ("33,333.33", MONEY_OUT),
        ("2,222.22", MONEY_IN),
        ("1,111,111.11", BALANCE),
        ("0.07", BALANCE),
        ("44.44", BALANCE),
    ):
        assert by_text[text].ends == pytest.approx(edge, abs=0.01)


def test_nothing_runs_into_its_neighbour_or_off_the_page_however_long():
    most = "10000000000000.00"
    lines = [line(0, f"-{most}", most, order="SO-1234567", description="W" * 300), line(1, most, most)]
    long = {"shop": "W" * 200, "name": "M" * 200, "email": "m" * 250 + "@m", "longest": len(most)}
    sums = dict.fromkeys(("opening", "closing", "money_in", "money_out"), most)
    for page in printed(lines * 40, **long, **sums).pages:
        rows: dict[float, list] = {}
        for each in page:
            assert each.ends <= RIGHT + 0.01
            assert each.x >= LEFT - 0.01
            rows.setdefault(each.y, []).append(each)
        for row in rows.values():
            row.sort()
            for one, other in pairwise(row):
                assert one.ends < other.x, (one, other)


def test_a_line_tells_when_what_and_how_much():
    read = printed([line(7, "25.00", "45.00", operation="gift_card", order="SO-7", description="Thanks (again)\\")])
    row = [each for each in read.pages[0] if each.y == next(e.y for e in read.pages[0] if "SO-7" in e.text)]
    assert [(each.x if each.x in {LEFT, TIME, DETAILS} else None, each.text) for each in row] == [
        (LEFT, "9 Mar 2026"),
        (TIME, "14:05"),
        (DETAILS, "Gift card redeemed · SO-7 · Thanks (again)\\"),
        (None, "25.00"),
        (None, "45.00"),
    ]


def test_the_first_page_says_whose_it_is_and_of_when():
    words = printed([line(1)], money_in="5.00", money_out="1234.50", closing="98765.43").words(0)
    for told in (
        "Fernweh Goods",
        "Wallet statement",
        "1 January 2026 to 31 December 2026",
        "Ada Lovelace",
        "ada@example.com",
        "EUR",
        "1 January 2027, 08:15",
        "Europe/Berlin",
        "00000000-0000-0000-0000-000000000005",
        "1,234.50",
        "98,765.43",
    ):
        assert told in words


def test_an_empty_statement_says_so_on_one_page():
    words = printed().words(0)
    assert "Nothing happened in this wallet on these days." in words
    assert "Page 1 of 1" in words


def test_readers_are_told_title_and_language():
    read = printed()
    assert b"/Lang(en)" in read.catalog
    assert b"/ViewerPreferences<</DisplayDocTitle true>>" in read.catalog
    title = "Wallet statement, 1 January 2026 to 31 December 2026".encode("utf-16-be").hex().encode()
    assert b"/Title <FEFF" + title + b">" in read.info


@pytest.mark.parametrize(("pages", "depth"), [(1, 2), (100, 2), (101, 3), (200, 3), (10_000, 3), (10_001, 4)])
def test_pages_are_found_by_few_steps_however_many(pages, depth):
    file = io.BytesIO()
    pdf = PdfFile(file, (100, 100), {"R": "Helvetica"})
    for number in range(pages):
        pdf.add_page(b"BT\n/R 8 Tf 0 g\n1 0 0 1 0.00 0.00 Tm (%d) Tj\nET" % number)
    pdf.close(title="T", author="A", language="en", identity=bytes(16))
    read = ReadPdf(file.getvalue())
    assert read.depth == depth
    assert b"/MediaBox[0 0 100 100]/Resources<</Font<</R 1 0 R>>>>" in read.root
    assert [content.split(b"(")[1].split(b")")[0] for content in read.contents] == [b"%d" % n for n in range(pages)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Zoë Müller-Ærø €", "Zoë Müller-Ærø €"),
        ("Łukasz Żółć", "Lukasz Zólc"),
        ("Nguyễn Thị Đào", "Nguyen Thi Dào"),
        ("Иван Щербаков", "Ivan Shcherbakov"),
        ("ЁЖ", "EZh"),
        ("Γιώργος", "Giorgos"),
        ("Şimşek İpek ıı", "Simsek Ipek ii"),
        ("ﬁne e\u0301", "fine é"),
        ("王小明", "???"),
        ("A\N{GRINNING FACE}?", "A??"),
    ],
)
def test_letters_that_the_fonts_lack_are_told_by_their_likeness(name, told):
    assert encoded(name).decode("cp1252") == told


def test_a_name_without_any_likeness_is_left_to_the_address():
    assert not is_readable("王小明")
    words = printed(name="王小明").words(0)
    assert "ada@example.com" in words
    assert "???" not in words
    assert "Ivan?" in printed(name="Иван?").words(0)


def test_what_is_too_long_ends_in_an_ellipsis_within_its_width():
    text = b"Wallet statement"
    assert shortened(text, REGULAR, width(text, REGULAR)) == text
    short = shortened(text, REGULAR, width(text, REGULAR) - 1)
    assert short.endswith("…".encode("cp1252"))
    assert width(short, REGULAR) <= width(text, REGULAR) - 1
    assert shortened(text, REGULAR, 0) == "…".encode("cp1252")


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0.00", "0.00"), ("-0.50", "-0.50"), ("1234567.89", "1,234,567.89"), ("-1000", "-1,000"), ("999", "999")],
)
def test_amounts_are_grouped_by_thousands(amount, told):
    assert grouped(amount) == told
