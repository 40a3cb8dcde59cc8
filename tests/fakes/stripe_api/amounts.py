"""What Stripe takes as an amount: at least docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, at most 8 digits."""

import re

from tests.fakes.stripe_api.errors import StripeRefusal, missing
from tests.fakes.stripe_api.forms import Params

LARGEST = 99_999_999
SMALLEST = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
WHOLE = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def words(amount: int, currency: str) -> str:
    number = f"{amount:,}" if currency in WHOLE else f"{amount / 100:,.2f}"
    return f"{SIGNS[currency]}{number}" if currency in SIGNS else f"{number} {currency}"


def charged(params: Params) -> tuple[int, str]:
    """The amount and currency of a new payment."""
    amount, currency = params.positive("amount"), params.need("currency").lower()
    if amount is None:
        raise missing("amount")
    if not re.fullmatch("[a-z]{3}", currency):
        raise StripeRefusal(f"Invalid currency: {currency}.", param="currency")
    check(amount, currency)
    return amount, currency


def check(amount: int, currency: str) -> None:
    least = SMALLEST.get(currency, 1)
    if amount < least:
        text = f"Amount must be at least {words(least, currency)} {currency}"
        raise StripeRefusal(text, code="amount_too_small", param="amount")
    if amount > LARGEST:
        text = f"Amount must be no more than {words(LARGEST, currency)}"
        raise StripeRefusal(text, code="amount_too_large", param="amount")
