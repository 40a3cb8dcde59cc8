"""Codes of gift cards: made, and read as people type them."""

import hashlib
import hmac
import secrets
from typing import Final

from shop.kernel.config import settings

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are taken for each other."""
LENGTH: Final = 16
"""80 bits: of a million cards, a guess finds one in 10^18."""
GROUP: Final = 4


def new_code() -> str:
    """Such as ABCD-EFGH-JKLM-NPQR."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def digest_of(code: str) -> bytes:
    """Of a code however it was typed, under the shop's own key: a copy of the database alone can't be searched for codes."""
    signs = "".join(code.split()).replace("-", "").upper()
    return hmac.new(settings().secret_key.encode(), b"gift card " + signs.encode(), hashlib.sha256).digest()
