"""What a cart may hold."""

import re
from typing import Final

from shop.contracts.cart import CartNotFound, CartToken

MAX_LINES: Final = 100
"""More would make every look at the cart dear; nobody buys them by hand."""
MAX_QUANTITY: Final = 999
GUEST_CART_DAYS: Final = 90

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")


def checked_token(token: object) -> CartToken:
    """`token`, if it can be one of ours. Raises CartNotFound: what else a stranger sends never reaches the database."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise CartNotFound
    return CartToken(token)
