"""Identifiers: time-ordered UUIDs for rows, unguessable tokens for whatever a stranger may hold instead of a login."""

import os
import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last_stamp = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, 12 bits of fraction, 62 random bits.

    Ids made in one process always increase, so that rows sort by the order of their making.
    """
    global _last_stamp
    with _lock:
        stamp = time.time_ns() * 4096 // 1_000_000
        stamp = _last_stamp = max(stamp, _last_stamp + 1)
    random_bits = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=(stamp >> 12) << 80 | 7 << 76 | (stamp & 0xFFF) << 64 | 2 << 62 | random_bits)


def new_token() -> str:
    """A URL-safe token of 192 random bits, 32 characters."""
    return secrets.token_urlsafe(24)
