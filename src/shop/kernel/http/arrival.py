"""A request as it arrives, read once for all steps of the gateway; and what can't be read at all."""

import os
import re
import time
from typing import Any, Final

from shop.kernel.errors import HeadTooLarge, Malformed

REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
MOST_HEADERS: Final = 100
MOST_HEADER_BYTES: Final = 32 * 1024
ONCE: Final = frozenset(
    {b"host", b"authorization", b"content-length", b"content-type", b"idempotency-key", b"order-token", b"origin"}
)
"""Said twice it would depend on the reader which one counts."""


class Call:
    """One HTTP request on its way in. `headers` by name; of a repeated one the values joined as RFC 9110 says, cookies as
    RFC 6265 does."""

    __slots__ = ("headers", "method", "path", "request_id", "scope", "started")

    def __init__(self, scope: Any) -> None:
        """Never raises: `check` tells what is wrong, once it can be answered and logged like anything else."""
        self.scope = scope
        self.started = time.perf_counter()
        self.method: str = scope.get("method", "GET")  # a WebSocket has none
        self.path: str = scope["path"]
        sent = scope["headers"]
        headers: dict[bytes, bytes] = dict(sent)
        if len(headers) != len(sent):
            headers = _joined(sent)
        self.headers = headers
        self.request_id = request_id_of(headers)

    @property
    def peer(self) -> str:
        """The address that the connection comes from, or the visitor's once trusted proxies have been asked."""
        client = self.scope.get("client")
        return client[0] if client else "?"


def request_id_of(headers: dict[bytes, bytes]) -> str:
    """The one that a proxy in front gave, where it is harmless in a log; else a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and REQUEST_ID.fullmatch(given):
        return str(given, "ascii")
    return os.urandom(8).hex()


def readable_head(call: Call) -> None:
    """Raises Malformed, HeadTooLarge. The server before us refuses what is no HTTP; this is HTTP that means two things, or
    more of it than anybody needs."""
    sent, headers = call.scope["headers"], call.headers
    if len(headers) != len(sent):
        names = [name for name, _ in sent]
        for name in ONCE & headers.keys():
            if names.count(name) > 1:
                raise Malformed(f"The header {name.decode().title()} is there more than once")
    size = len(call.scope["query_string"]) + len(call.path)
    for value in headers.values():
        size += len(value)
    if len(sent) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise HeadTooLarge(
            f"At most {MOST_HEADERS} headers and {MOST_HEADER_BYTES // 1024} KiB of them and the address"
        )
    if "\0" in call.path:
        raise Malformed("The address holds a null character")
    if not call.path.startswith("/"):
        raise Malformed("The address does not begin with a slash")


def _joined(sent: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in sent:
        before = headers.get(name)
        headers[name] = value if before is None else before + (b"; " if name == b"cookie" else b", ") + value
    return headers
