"""Answers made smaller on the wire: which encoding a client takes, what is worth it, and whose pages may be.

Gotcha (BREACH): a page that holds a secret beside text of the sender's choosing tells the secret by its compressed
length, to who can make a victim's browser ask for it thousands of times. Such requests come from another site, and the
browser says so in Sec-Fetch-Site; so a session's pages are compressed only when asked for from our own pages or by the
visitor's own hand.
"""

import gzip
from functools import lru_cache
from typing import Final, Literal

import brotli

Encoding = Literal["br", "gzip"]
Headers = list[tuple[bytes, bytes]]

SMALLEST: Final = 1024
"""Bytes below which the headers cost more than is won."""
LARGEST_ON_THE_FLY: Final = 1024 * 1024
"""Bytes above which the event loop would stand still for too long."""
TEXT: Final = (
    b"text/",
    b"application/json",
    b"application/problem+json",
    b"application/xml",
    b"application/javascript",
    b"application/manifest+json",
    b"image/svg+xml",
)
VARY: Final = (b"vary", b"accept-encoding")
OWN_HAND: Final = {b"same-origin", b"none"}
"""Values of Sec-Fetch-Site that no other site can bring about."""


@lru_cache(maxsize=512)
def best_encoding(accepted: bytes) -> Encoding | None:
    """Of what an Accept-Encoding header takes; None when it takes neither Brotli nor gzip."""
    weights: dict[str, float] = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip()] = _weight(parameters)
    others = weights.get("*", 0.0)
    ranked: list[tuple[float, Encoding]] = [(weights.get("br", others), "br"), (weights.get("gzip", others), "gzip")]
    weight, encoding = max(ranked, key=lambda each: each[0])
    return encoding if weight > 0 else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def is_text(media_type: bytes) -> bool:
    return media_type.startswith(TEXT) and not media_type.startswith(b"text/event-stream")


def compressed(content: bytes, encoding: Encoding) -> bytes:
    """At a price for each answer: a page of 60 kB in about a millisecond."""
    if encoding == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=5, lgwin=18))
    return gzip.compress(content, 6, mtime=0)


def compressed_once(content: bytes, encoding: Encoding) -> bytes:
    """As small as it gets, for what is sent many times."""
    if encoding == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=11))
    return gzip.compress(content, 9, mtime=0)


def encoded_headers(headers: Headers, encoding: Encoding, length: int) -> Headers:
    """Those of a plain answer, as its compressed form has them."""
    return [
        *(header for header in headers if header[0] != b"content-length"),
        (b"content-encoding", encoding.encode()),
        (b"content-length", str(length).encode()),
    ]
