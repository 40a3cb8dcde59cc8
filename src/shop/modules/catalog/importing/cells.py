"""Cells to values, each with a refusal that says what to write instead. Pure."""

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from html import escape
from typing import Final
from urllib.parse import unquote, urlsplit

from shop.kernel.money import MAX_AMOUNT, Money, is_currency, minor_digits, parse_decimal
from shop.modules.catalog.importing.mapping import GRAMS, PriceColumns
from shop.modules.catalog.schemas import AttributeType, AttributeValue

MAX_STOCK: Final = 1_000_000_000
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.0+)?")
_THOUSANDS: Final = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]*)(?:,[0-9]*)?")
"""A number with a decimal comma: points may part its thousands and nothing else."""
SIGNS: Final = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "¥",
    "CAD": "$",
    "AUD": "$",
    "PLN": "zł",
    "INR": "₹",
}
"""What spreadsheets write beside an amount of money, and save with it."""
_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n\s*")
_NOT_IN_A_LINE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
YES: Final = {"true", "yes", "1", "y"}
NO: Final = {"false", "no", "0", "n"}


class BadCell(ValueError):
    """The cell holds no such value; the message says what would."""


def read_currency(cell: str) -> str:
    code = cell.upper()
    if not is_currency(code):
        raise BadCell(f"{cell!r} is not an ISO 4217 code such as EUR")
    return code


def read_price(cell: str, currency: str, columns: PriceColumns) -> Money:
    try:
        if columns.notation == "minor":
            return _not_negative(Money(_whole(cell), currency), cell)
        amount = without_sign(cell, currency)
        number = _with_point(amount) if columns.decimal_separator == "," else amount
        if number is None or not re.fullmatch(r"[+-]?[0-9]{1,15}(?:\.[0-9]*)?|[+-]?\.[0-9]+", number):
            usual = "19.99" if minor_digits(currency) else "1999"
            raise BadCell(f"{cell!r} is not a price such as {usual.replace('.', columns.decimal_separator)}")
        return _not_negative(parse_decimal(number, currency), cell)
    except ValueError as error:
        raise BadCell(str(error)) from None


def without_sign(cell: str, currency: str) -> str:
    """`9,90 €` is 9,90 where euros are meant; another currency's sign stays, and makes it no price."""
    for sign in (currency, SIGNS.get(currency)):
        if sign and cell.startswith(sign):
            return cell.removeprefix(sign).strip()
        if sign and cell.endswith(sign):
            return cell.removesuffix(sign).strip()
    return cell


def _with_point(cell: str) -> str | None:
    """`1.299,00` as 1299.00; None where a point parts no thousands, which would make 990 of 9.90."""
    return cell.replace(".", "").replace(",", ".") if _THOUSANDS.fullmatch(cell) else None


def _not_negative(price: Money, cell: str) -> Money:
    if not 0 <= price.amount <= MAX_AMOUNT:
        raise BadCell(f"{cell!r} is not a price that a shop can ask")
    return price


def read_stock(cell: str) -> int:
    count = _whole(cell)
    if not 0 <= count <= MAX_STOCK:
        raise BadCell(f"{cell!r} is not a count from 0 to {MAX_STOCK}")
    return count


def _whole(cell: str) -> int:
    if not _WHOLE.fullmatch(cell):
        raise BadCell(f"{cell!r} is not a whole number")
    return int(cell.split(".", maxsplit=1)[0])


def read_grams(cell: str, unit: str, decimal_separator: str = ".") -> int:
    """Rounded to the gram, halves up; anything above nothing weighs at least one."""
    factor = GRAMS.get(unit.lower().rstrip("s"))
    if factor is None:
        raise BadCell(f"{unit!r} is none of the units {', '.join(GRAMS)}")
    try:
        grams = Decimal((_with_point(cell) or "") if decimal_separator == "," else cell) * Decimal(factor)
    except InvalidOperation:
        raise BadCell(f"{cell!r} is not a weight such as 1{decimal_separator}5") from None
    if not grams.is_finite() or not 0 <= grams <= 10_000_000:
        raise BadCell(f"{cell!r} {unit} is not a weight that can be sent")
    return max(int(grams.quantize(Decimal(1), ROUND_HALF_UP)), 1 if grams else 0)


def read_time(cell: str) -> datetime:
    """A date is its midnight in UTC, as is a time without an offset."""
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise BadCell(f"{cell!r} is not a date such as {date(2026, 5, 31)}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_attribute(cell: str, kind: AttributeType) -> AttributeValue:
    if kind == "number":
        try:
            number = Decimal(cell)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) > MAX_AMOUNT:
            raise BadCell(f"{cell!r} is not a number")
        return int(number) if number == number.to_integral_value() else float(number)
    if kind == "bool":
        if cell.lower() not in YES | NO:
            raise BadCell(f"{cell!r} is neither yes nor no")
        return cell.lower() in YES
    return cell


def as_html(text: str, *, is_html: bool) -> str:
    """Text as paragraphs; a single line break stays one. HTML stays as it is where it has tags at all."""
    if is_html and "<" in text:
        return text
    escaped = text if is_html else escape(text, quote=False)
    paragraphs = [part.strip() for part in _PARAGRAPHS.split(escaped.replace("\r\n", "\n")) if part.strip()]
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)


def cut(text: str, longest: int) -> str:
    """One line of at most `longest` characters, whole words where that keeps most of it."""
    line = _NOT_IN_A_LINE.sub(" ", text).strip()
    if len(line) <= longest:
        return line
    short = line[: longest - 1]
    words = short.rsplit(" ", 1)[0] if " " in short[longest // 2 :] else short
    return f"{words.rstrip(' ,;')}…"


def as_label(name: str) -> str:
    """`room_coverage` as people write it: Room coverage. What has capitals or spaces is written for people already."""
    if name != name.lower() or " " in name:
        return name.strip()
    words = re.sub(r"[_\-.]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def file_name(cell: str) -> str:
    """The last part of an address or path: what to look for in the folder of images."""
    try:
        path = urlsplit(cell).path if "://" in cell else cell
    except ValueError:  # such as http://[
        path = cell
    return unquote(path).replace("\\", "/").rsplit("/", 1)[-1]
