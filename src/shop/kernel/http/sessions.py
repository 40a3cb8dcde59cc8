"""Who is asking: sessions for pages, bearer tokens for the API.

The kernel declares what it needs (`SessionStore`, `principals.TokenVerifier`); identity provides it. Sessions are made by the
server only, and lazily: a visitor who changes nothing gets no cookie. An id that a client chose is never taken up.

Gotcha: a page that reads `session_of(request)` or `principal_of(request)` becomes personal; the gateway then keeps it out
of the page cache and marks it `private, no-store`.
"""

from typing import Any, Final, Protocol, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from shop.kernel import audit
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import NotSignedIn, OutOfScope, TooMany
from shop.kernel.http.principals import Principal, holder_of
from shop.kernel.http.ratelimit import limit
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork

__all__ = ["Principal"]

COOKIE: Final = "shop_session"
SECURE_COOKIE: Final = "__Host-shop_session"
SCOPE_KEY: Final = "shop.session"
PRINCIPAL_KEY: Final = "shop.principal"
MAX_AGE_SECONDS: Final = 30 * 24 * 3600
API_PATHS: Final = ("/api/", "/openapi")
OAUTH_ENDPOINTS: Final = frozenset({"/oauth/token", "/oauth/revoke", "/oauth/introspect"})
BEGUN_PER_HOUR: Final = 600
"""Of guests from one address: more than any office fills carts, and a few thousand rows a day."""

Connection = ASGIConnection[Any, Any, Any, Any]


class StoredSession(msgspec.Struct):
    token: str
    principal: Principal | None
    data: dict[str, Any]


class SessionStore(Protocol):
    async def load_session(self, uow: UnitOfWork, token: str) -> StoredSession | None:
        """None for an unknown, expired or ended session."""

    async def save_session(self, uow: UnitOfWork, token: str | None, data: dict[str, Any]) -> str | None:
        """Keep `data`; in a new session when `token` is None. Returns the session's token; None when it has ended since it
        was loaded: it is not revived, and nothing of its data lives on in another."""

    async def end_session(self, uow: UnitOfWork, token: str) -> None: ...


class Session:
    """The session of one request. `data` is small plain JSON; call `touch()` after changing it in place."""

    def __init__(self, stored: StoredSession | None) -> None:
        self.token: str | None = stored.token if stored else None
        self.principal: Principal | None = stored.principal if stored else None
        self.data: dict[str, Any] = stored.data if stored else {}
        self.changed = False
        self.cookie: str | None = None
        """What the answer must tell the browser: "set", "clear" or nothing."""

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value
        self.changed = True

    def pop(self, key: str, default: Any = None) -> Any:
        if key in self.data:
            self.changed = True
        return self.data.pop(key, default)

    def touch(self) -> None:
        self.changed = True

    def replaced(self, token: str) -> None:
        """Signed in or rotated: identity stored the session under a new token."""
        self.token, self.changed, self.cookie = token, False, "set"

    def ended(self) -> None:
        self.token, self.principal, self.data, self.changed, self.cookie = None, None, {}, False, "clear"

    def flash(self, kind: str, text: str) -> None:
        """A message for the next page: kind is "success", "info", "warning" or "error"."""
        self["flashes"] = [*self.data.get("flashes", []), {"kind": kind, "text": text}][-5:]


def cookie_name() -> str:
    return SECURE_COOKIE if settings().public_url.startswith("https://") else COOKIE


def session_cookie(connection: Connection) -> str | None:
    return connection.cookies.get(cookie_name())


def extras(scope: Any) -> dict[str, Any]:
    """An ASGI scope as what it is: a dictionary that may carry keys of our own, all of them `shop.…`."""
    return cast("dict[str, Any]", scope)


async def session_of(connection: Connection) -> Session:
    """The request's session, loaded once; an empty one that exists nowhere yet when the visitor has none."""
    session: Session | None = extras(connection.scope).get(SCOPE_KEY)
    if session is None:
        token = session_cookie(connection)
        stored = await read(port(SessionStore).load_session, token) if token and len(token) < 200 else None
        session = Session(stored)
        extras(connection.scope)[SCOPE_KEY] = session
    return session


async def principal_of(connection: Connection) -> Principal | None:
    """Who is asking: by bearer token under /api/, by session elsewhere."""
    if not is_api(connection):
        return (await session_of(connection)).principal
    known = extras(connection.scope)
    if PRINCIPAL_KEY not in known:
        scheme, _, token = (_authorization(connection) or "").partition(" ")
        known[PRINCIPAL_KEY] = await holder_of(token.strip()) if scheme.lower() == "bearer" else None
    found_before: Principal | None = known[PRINCIPAL_KEY]
    return found_before


def _authorization(connection: Connection) -> str | None:
    """From the headers as they came: to make a table of them takes as long as all else that a known token takes."""
    for name, value in connection.scope["headers"]:
        if name == b"authorization":
            return value.decode("latin-1")
    return None


async def signed_in(connection: Connection) -> Principal:
    """Who is asking. Raises NotSignedIn."""
    principal = await principal_of(connection)
    if principal is None:
        raise NotSignedIn
    return principal


async def caller_or_guest(connection: Connection, scope: str) -> Principal | None:
    """Who is asking the API; None for a guest, who sends no token. Raises NotSignedIn for a bearer token that is none of
    ours or too old: what its owner does would silently be a guest's; OutOfScope for a program that wasn't given `scope`."""
    principal = await principal_of(connection)
    if principal is None and _authorization(connection) is not None:
        raise NotSignedIn
    if principal is not None and (principal.program or not principal.in_scope(scope)):
        raise OutOfScope(scope)
    return principal


def is_api(connection: Connection) -> bool:
    return is_api_path(connection.scope["path"])


def is_api_path(path: str) -> bool:
    """Addresses at which programs show who they are by themselves, and no cookie counts."""
    return path.startswith(API_PATHS) or path in OAUTH_ENDPOINTS


async def _may_begin(scope: Any) -> bool:
    """Strangers who send no cookie back would fill the table: beyond BEGUN_PER_HOUR from one network none is kept."""
    client = scope.get("client")
    try:
        await limit("sessions", client[0] if client else "?", BEGUN_PER_HOUR, 3600)
    except TooMany:
        return False
    return True


async def keep_session(scope: Any) -> Cookie | None:
    """Store what changed, before the answer goes out. Returns the cookie to set, if any."""
    session: Session | None = scope.get(SCOPE_KEY)
    if session is None:
        return None
    if session.changed and (session.token or session.data):
        session.changed = False
        if session.token is not None or await _may_begin(scope):
            with audit.unaudited():
                token = await write(port(SessionStore).save_session, session.token, session.data)
            if token is None:
                # Signed out, or in, or a password changed meanwhile. The browser's cookie is left to whoever did that.
                return None
            if token != session.token:
                session.token, session.cookie = token, "set"
    if session.cookie is None:
        return None
    clear = session.cookie == "clear"
    return Cookie(
        key=cookie_name(),
        value="" if clear else session.token,
        max_age=0 if clear else MAX_AGE_SECONDS,
        path="/",
        httponly=True,
        secure=cookie_name() == SECURE_COOKIE,
        samesite="lax",
    )
