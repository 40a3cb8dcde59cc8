"""How long things last, what a stored secret looks like, where a visitor may be sent after signing in."""

import hashlib
import secrets
import unicodedata
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.kernel.config import settings

SESSION_IDLE: Final = timedelta(days=30)
SESSION_AGE: Final = timedelta(days=90)
"""Counted from sign-in (or from the guest's first change), however busy the session is."""
STAFF_SESSION_IDLE: Final = timedelta(hours=12)
STAFF_SESSION_AGE: Final = timedelta(days=7)
SEEN_EVERY: Final = timedelta(minutes=10)
"""Noting each visit would turn every page into a write."""

ACCESS_TOKEN_LIFE: Final = timedelta(minutes=15)
REFRESH_TOKEN_LIFE: Final = timedelta(days=30)
FAMILY_LIFE: Final = timedelta(days=90)
"""Then sign in again, however often the tokens were refreshed."""
KEY_AHEAD: Final = timedelta(days=1)
"""So long a signing key is published before it signs."""
KEY_SIGNS_FOR: Final = timedelta(days=30)
KEY_LIFE: Final = timedelta(days=60)
"""From its first signature until nothing is checked by it any more, where no successor ends it sooner: a shop that was shut
for a month goes on signing with it."""
CLOCKS_APART: Final = timedelta(seconds=30)
"""Of containers, at most."""
LINK_LIFE: Final = {
    "verify": timedelta(days=3),
    "reset": timedelta(minutes=30),
    "invite": timedelta(days=3),
    "change_email": timedelta(hours=1),
    "revert_email": timedelta(days=7),
}

ROLE_CODE: Final = r"^[a-z][a-z0-9-]{1,39}$(?!\n)"

ALGORITHM: Final = "ES256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105  # a media type, RFC 9068

READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that people mistake for one another."""


LONGEST_WAY: Final = 4000
"""Characters of an address to come back to: what programs send along with a question is long."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """How and from where somebody signed in, as its owner sees it among the sessions."""

    methods: tuple[str, ...]
    """Of password, otp, recovery, passkey, oidc."""
    strong: bool = False
    """By two factors, or by a passkey that asked for a finger or PIN."""
    user_agent: str | None = None
    address: str | None = None


def audience() -> str:
    """Whom access tokens are for (`aud`): the shop's API and nobody else."""
    return f"{settings().public_url}/api"


def uuid_of(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None


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
    if not target or len(target) > LONGEST_WAY or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not target.isascii() or not target.isprintable() or " " in target:
        return None
    return target
