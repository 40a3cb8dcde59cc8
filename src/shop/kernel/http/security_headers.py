"""What every answer tells browsers to refuse: foreign scripts, framing, guessing of types, plain HTTP."""

from typing import Any, Final

from shop.kernel.config import settings
from shop.kernel.http.compression import Headers

CSP_KEY: Final = "shop.csp"
"""In a request's scope: sources that its page adds to directives of the policy."""
CSP: Final = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
ALWAYS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), browsing-topics=()"),
]
OVER_TLS: Final = (b"strict-transport-security", b"max-age=31536000")
"""A year, for this name alone: what other names of the domain serve isn't ours to decide."""


def policy(extra: dict[str, str] | None = None) -> bytes:
    directives = CSP if not extra else {name: _joined(value, extra.get(name)) for name, value in CSP.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items()).encode()


DEFAULT_POLICY: Final = (b"content-security-policy", policy())


def security_headers(scope: Any, names: set[bytes]) -> Headers:
    """Those that an answer with headers `names` lacks."""
    headers = [header for header in ALWAYS if header[0] not in names]
    if b"content-security-policy" not in names:
        extra = scope.get(CSP_KEY)
        headers.append((b"content-security-policy", policy(extra)) if extra else DEFAULT_POLICY)
    if settings().public_url.startswith("https://"):
        headers.append(OVER_TLS)
    return headers


def _joined(value: str, more: str | None) -> str:
    if not more:
        return value
    return more if value == "'none'" else f"{value} {more}"
