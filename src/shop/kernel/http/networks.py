"""Addresses as limits count them: an IPv6 customer has a whole /64, so that is one visitor; and nothing is kept in clear."""

import hashlib
import ipaddress
from functools import lru_cache

from shop.kernel.config import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parsed(text: str) -> Address | None:
    """As proxies and sockets write it: with a port, in brackets, with a zone, IPv4 dressed as IPv6; None for anything else."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=16_384)
def network_of(who: str) -> str:
    """The /64 of an IPv6 address; anything else as it is."""
    if ":" not in who:
        return who
    address = parsed(who)
    if address is None or address.version == 4:
        return who if address is None else str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def concealed(who: str) -> str:
    """What a counter in Valkey is called: the same for all processes of a shop, and no address to be read from it."""
    key = settings().secret_key.encode()[:64]
    return hashlib.blake2b(who.encode("utf-8", "surrogateescape"), key=key, digest_size=12).hexdigest()
