"""What the wallet's forms have in common: amounts as people write them, and the hidden key that makes a form work once."""

import re
from collections.abc import Mapping
from typing import Final

from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.money import Money, parse_decimal

ATTEMPT: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
COMMA: Final = re.compile(r"[0-9]+,[0-9]{1,2}")


def amount_in(form: Mapping[str, str], name: str = "amount") -> Money:
    """An amount in the shop's currency, as people write it: 12.50 or 12,50. Raises Invalid."""
    typed = form.get(name, "")
    if not typed:
        raise Invalid.field(name, "This is needed")
    if len(typed) > 20:
        raise Invalid.field(name, "That is more than can be moved at once")
    if COMMA.fullmatch(typed):
        typed = typed.replace(",", ".")
    try:
        amount = parse_decimal(typed, settings().currency)
    except ValueError:
        raise Invalid.field(name, "An amount such as 25 or 12.50") from None
    if amount.amount <= 0:
        raise Invalid.field(name, "More than nothing")
    return amount


def attempt_in(form: Mapping[str, str]) -> str | None:
    """The hidden key that makes a form work once; None when it is missing or not of our making."""
    attempt = form.get("attempt", "")
    return attempt if ATTEMPT.fullmatch(attempt) else None
