"""Which scripts of other sites may read the API: those of the origins in SHOP_CORS_ORIGINS, and never with cookies."""

from collections.abc import Collection
from typing import Final

from shop.kernel.http.arrival import Call
from shop.kernel.http.compression import Headers

FOR_PROGRAMS: Final = ("/api/", "/.well-known/")
OAUTH: Final = frozenset({"/oauth/token", "/oauth/revoke", "/oauth/jwks"})
EXPOSED: Final = (
    b"ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining,"
    b" RateLimit-Reset, Retry-After, WWW-Authenticate, X-Request-Id"
)
PREFLIGHT: Final[Headers] = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b"Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Order-Token, X-Request-Id",
    ),
    (b"access-control-max-age", b"7200"),
    (b"content-length", b"0"),
]
VARY: Final = (b"vary", b"origin")


class Cors:
    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def covers(self, path: str) -> bool:
        return bool(self._origins) and (path.startswith(FOR_PROGRAMS) or path in OAUTH)

    def preflight(self, call: Call) -> Headers | None:
        """The answer to a browser that asks first, of an origin that may; None for anything else, which goes its way."""
        if call.method != "OPTIONS" or b"access-control-request-method" not in call.headers:
            return None
        if not self.covers(call.path) or call.headers.get(b"origin") not in self._origins:
            return None
        return list(PREFLIGHT)

    def headers(self, call: Call) -> Headers:
        """What an answer says of it; the same address answers differently by origin, so each says that, too."""
        if not self.covers(call.path):
            return []
        origin = call.headers.get(b"origin")
        if origin not in self._origins or origin is None:
            return [VARY]
        return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", EXPOSED), VARY]
