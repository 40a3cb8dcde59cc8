"""Somebody signed in, without identity: for tests of pages and routes that ask only who it is and what they may."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from shop.kernel import clock
from shop.kernel.http.principals import Principal, TokenVerifier, VerifiedToken
from shop.kernel.http.sessions import SessionStore, StoredSession
from shop.kernel.ports import overridden

TOKEN = "signed-in-for-a-test"
BEARER = {"authorization": f"Bearer {TOKEN}"}


class SignedInFake:
    """One session and one access token, both TOKEN, of one person."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.data: dict[str, Any] = {}

    async def load_session(self, uow: Any, token: str) -> StoredSession | None:
        return StoredSession(token, self.principal, self.data) if token == TOKEN else None

    async def save_session(self, uow: Any, token: str | None, data: dict[str, Any]) -> str:
        self.data = data
        return TOKEN

    async def end_session(self, uow: Any, token: str) -> None:
        self.data = {}

    async def verify(self, token: str) -> VerifiedToken | None:
        return VerifiedToken(self.principal, clock.now(), frozenset()) if token == TOKEN else None


@contextmanager
def signed_in(client: Any, *permissions: str, is_staff: bool = True) -> Iterator[SignedInFake]:
    """Within the block `client` is signed in with just these permissions, and BEARER is a good header."""
    principal = Principal(
        uuid4(),
        "staff@example.com",
        "Staff",
        is_staff,
        frozenset(permissions),
        strong=True,
        signed_in_at=clock.now(),
    )
    fake = SignedInFake(principal)
    client.cookies.set("shop_session", TOKEN, domain="testserver.local")
    try:
        with overridden(SessionStore, fake), overridden(TokenVerifier, fake):
            yield fake
    finally:
        client.cookies.clear()
