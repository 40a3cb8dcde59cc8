"""Amounts as PayPal writes them: decimals as text, and none at all in currencies for which it knows no minor unit."""

import re
from decimal import Decimal
from typing import Any, Final

from tests.fakes.paypal_api.refusals import malformed, unprocessable

WHOLE_ONLY: Final = frozenset({"HUF", "JPY", "TWD"})
CURRENCIES: Final = WHOLE_ONLY | {
    *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS"),
    *("MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
}
LARGEST: Final = Decimal("9999999.99")
WRITTEN: Final = re.compile(r"-?(\d+|\d*\.\d+)")


def read_amount(body: Any, field: str) -> tuple[Decimal, str]:
    """The amount and its currency. Raises Refusal."""
    if not isinstance(body, dict):
        raise malformed("MISSING_REQUIRED_PARAMETER", field)
    value, currency = body.get("value"), body.get("currency_code")
    if currency is None or value is None:
        raise malformed("MISSING_REQUIRED_PARAMETER", f"{field}/{'value' if value is None else 'currency_code'}")
    if not isinstance(currency, str) or not re.fullmatch("[A-Z]{3}", currency):
        raise malformed("INVALID_CURRENCY_CODE", f"{field}/currency_code")
    if not isinstance(value, str) or len(value) > 32 or not WRITTEN.fullmatch(value):
        raise malformed("INVALID_PARAMETER_SYNTAX", f"{field}/value")
    if currency not in CURRENCIES:
        raise unprocessable("CURRENCY_NOT_SUPPORTED", field=f"{field}/currency_code")
    amount, decimals = Decimal(value), len(value.partition(".")[2])
    if decimals and currency in WHOLE_ONLY:
        raise unprocessable("DECIMALS_NOT_SUPPORTED", field=f"{field}/value")
    if decimals > 2:
        raise unprocessable("DECIMAL_PRECISION", field=f"{field}/value")
    if amount <= 0:
        raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", field=f"{field}/value")
    if amount > LARGEST:
        raise unprocessable("MAX_VALUE_EXCEEDED", field=f"{field}/value")
    return amount, currency


def written(amount: Decimal, currency: str) -> dict[str, str]:
    value = f"{amount:.0f}" if currency in WHOLE_ONLY else f"{amount:.2f}"
    return {"currency_code": currency, "value": value}


def value_of(amount: dict[str, str]) -> Decimal:
    return Decimal(amount["value"])


def fee_on(amount: Decimal, currency: str) -> Decimal:
    """What PayPal keeps: 2.49 % and 0.35, as a merchant in Germany pays."""
    fee = (amount * Decimal("0.0249") + Decimal("0.35")).quantize(Decimal("0.01"))
    return min(fee.quantize(Decimal(1)) if currency in WHOLE_ONLY else fee, amount)
