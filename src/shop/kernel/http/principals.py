"""Who a caller is, and whom bearer tokens belong to: looked up once, then remembered for as long as a revocation finds it.

A token costs a signature and a statement. What came of it is kept in this process (`cache.principals`) under a hash of the
token, until it expires or whatever ends it invalidates one of its tags. Nothing is kept while invalidations can't reach us.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import msgspec

from shop.kernel import cache, clock
from shop.kernel.ports import port

LONGEST_TOKEN: Final = 4096
REMEMBERED_AT_MOST: Final = timedelta(minutes=10)
REMEMBERED_BYTES: Final = 2048
"""Of one token with its tags, roughly; each permission and scope takes some more."""


class Principal(msgspec.Struct, frozen=True):
    """Whoever signed in, or a program: one that acts for a customer or a member of staff, or one for itself."""

    account_id: UUID
    """Of a program that acts for itself: its own id."""
    email: str
    name: str
    is_staff: bool = False
    permissions: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    """What a program was given of what its user may; None for people themselves."""
    program: bool = False
    """A program that acts for itself: it may what its scopes say."""
    client_id: str | None = None
    strong: bool = False
    """Signed in by two factors, or by a passkey."""
    signed_in_at: datetime | None = None
    """Or last confirmed to be who they are."""
    session_id: UUID | None = None
    """Of the session or token family that this request came by."""

    def may(self, permission: str) -> bool:
        """Whether a member of staff, or a program in the place of one, may do what staff do."""
        if not self.in_scope(permission):
            return False
        return self.program or (self.is_staff and (permission in self.permissions or "*" in self.permissions))

    def in_scope(self, scope: str | None) -> bool:
        return self.scopes is None or (scope is not None and scope in self.scopes)


class VerifiedToken(msgspec.Struct, frozen=True):
    """A bearer token that is good now."""

    principal: Principal
    good_until: datetime
    tags: frozenset[str]
    """Every transaction that ends or changes what the token opens invalidates one of them."""


class TokenVerifier(Protocol):
    async def verify(self, token: str) -> VerifiedToken | None:
        """None for one that is none of ours, too old, or ended. Opens its own reads, none of them for what can be told to be
        nobody's without: strangers must not keep the database busy."""


class _Remembered(NamedTuple):
    principal: Principal
    until: datetime


async def holder_of(token: str) -> Principal | None:
    """Whose bearer token it is; None for nobody's."""
    if not 0 < len(token) < LONGEST_TOKEN or not token.isascii():
        return None
    key = hashlib.sha256(token.encode()).digest()
    remembered: _Remembered | None = cache.principals.find(key)
    if remembered is not None and clock.now() < remembered.until:
        return remembered.principal
    moment = cache.principals.moment()
    found = await port(TokenVerifier).verify(token)
    if found is None:
        return None
    until = min(found.good_until, clock.now() + REMEMBERED_AT_MOST)
    words = len(found.principal.permissions) + len(found.principal.scopes or ())
    size = REMEMBERED_BYTES + 100 * words
    cache.principals.put(key, _Remembered(found.principal, until), size, found.tags, moment)
    return found.principal
