"""How long things last, what a stored secret looks like, where a visitor may be sent after signing in."""

import hashlib
import secrets
import unicodedata
from datetime import timedelta
from typing import Final

SESSION_IDLE: Final = timedelta(days=30)
SESSION_AGE: Final = timedelta(days=90)
"""Counted from sign-in (or from the guest's first change), however busy the session is."""
SEEN_EVERY: Final = timedelta(minutes=10)
"""Noting each visit would turn every page into a write."""

ACCESS_TOKEN_LIFE: Final = timedelta(hours=1)
REFRESH_TOKEN_LIFE: Final = timedelta(days=30)
LINK_LIFE: Final = {"verify": timedelta(days=3), "reset": timedelta(minutes=30)}

OWNER: Final = "*"
"""The permission that holds all others."""

READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that people mistake for one another."""


def token_hash(token: str) -> bytes:
    """What is stored of a random token. It has 192 bits: unlike a password it needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def password_bytes(password: str) -> bytes:
    """One password typed on two keyboards is one password: NFKC, after NIST SP 800-63B, 5.1.1.2."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def readable_password() -> str:
    """A random password of 79 bits that can be read out: four groups of four."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))


def local_path(target: str | None) -> str | None:
    """`target` when it is a path on this site, else None: a sign-in link must not carry people off to another one.

    Browsers read a backslash as a slash and skip tabs and line ends, hence the strictness.
    """
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not target.isascii() or not target.isprintable() or " " in target:
        return None
    return target
