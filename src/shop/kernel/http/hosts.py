"""Which names the shop answers to. Nothing it says is built from the Host header; so a foreign one is a mistake or an
attack, on caches in between or on browsers that were led to believe a name."""

import re
from collections.abc import Collection
from typing import Final

from shop.kernel.errors import Malformed
from shop.kernel.http.arrival import Call

FORM: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
WATCHED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines under whatever address they know of."""
MEND: Final = (
    "The address that you used is not one of this shop's. If it should be, its owner sets SHOP_BASE_URL to the shop's public"
    " address, or adds the name to SHOP_ALLOWED_HOSTS"
)
MOST_REMEMBERED: Final = 256


class UnknownHost(Malformed):
    code = "unknown_host"
    title = "This shop does not answer to that name"


class AllowedHosts:
    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(name.encode() for name in names)
        self._seen: set[bytes] = set()

    def check(self, call: Call) -> None:
        """Raises UnknownHost."""
        host = call.headers.get(b"host", b"")
        if host in self._seen or call.path in WATCHED:
            return
        form = FORM.fullmatch(host)
        if form is None or form[1].strip(b"[]").lower() not in self._names:
            raise UnknownHost(MEND)
        if len(self._seen) < MOST_REMEMBERED:
            self._seen.add(host)
