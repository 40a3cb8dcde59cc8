"""Who is really asking, where a proxy stands in front: X-Forwarded-For and -Proto, believed of trusted peers alone.

Each proxy adds the address that it was asked from at the right end. So the visitor is the right-most address that is no
proxy of ours; whatever stands further left the visitor may have written.
"""

import ipaddress
from functools import lru_cache
from typing import Final

import structlog

from shop.kernel.config import split
from shop.kernel.http.arrival import Call
from shop.kernel.http.networks import parsed

log = structlog.get_logger(__name__)

SCHEMES: Final = {b"http": "http", b"https": "https"}


class TrustedProxies:
    def __init__(self, setting: str) -> None:
        self._networks = tuple(ipaddress.ip_network(each) for each in split(setting))
        self.trusts = lru_cache(maxsize=1024)(self._trusts)
        self._visitor_of = lru_cache(maxsize=16_384)(self._rightmost_stranger)
        self._warned = False

    def believe(self, call: Call) -> None:
        """Puts the visitor's address and scheme into the scope, where a trusted peer tells them."""
        forwarded_for = call.headers.get(b"x-forwarded-for")
        if not self.trusts(call.peer):
            if forwarded_for is not None and not self._warned:
                self._warn_of(call.peer)
            return
        if forwarded_for is not None and (visitor := self._visitor_of(forwarded_for)) is not None:
            call.scope["client"] = (visitor, 0)
        scheme = SCHEMES.get(call.headers.get(b"x-forwarded-proto", b""))
        if scheme is not None:
            call.scope["scheme"] = scheme

    def _trusts(self, peer: str) -> bool:
        address = parsed(peer) if self._networks else None
        return address is not None and any(address in network for network in self._networks)

    def _rightmost_stranger(self, forwarded_for: bytes) -> str | None:
        """The nearest proxy's own address when nothing but proxies is named; None when nothing can be read."""
        nearest = None
        for part in reversed(forwarded_for.decode("latin-1").split(",")):
            address = parsed(part.strip())
            if address is None:
                return nearest
            nearest = str(address)
            if not self.trusts(nearest):
                return nearest
        return nearest

    def _warn_of(self, peer: str) -> None:
        """A neighbour that forwards is most likely a proxy that nobody told us of: all visitors then count as one."""
        address = parsed(peer)
        if address is not None and (address.is_private or address.is_loopback):
            self._warned = True
            log.warning("proxy_not_trusted", peer=peer, mend=f"SHOP_TRUSTED_PROXIES={peer}, if that is your proxy")
