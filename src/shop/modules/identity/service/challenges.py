"""What a passkey is asked to sign: random, of this shop's own making, for one purpose, good once and for five minutes.

A challenge carries its deadline and a MAC, so that nothing is kept for a visitor who only looks at the sign-in page; once it
has been answered it is kept until the deadline, and no answer to it counts again.
"""

import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import PasskeyRefused
from shop.modules.identity.repository import factors

Purpose = Literal["signin", "confirm", "register"]

LIFE: Final = timedelta(minutes=5)
_RANDOM_BYTES: Final = 24
_DEADLINE_BYTES: Final = 8
_MAC_BYTES: Final = 32


class Challenge(msgspec.Struct, frozen=True):
    plain: bytes
    until: datetime


def new_challenge(purpose: Purpose, bound_to: bytes) -> bytes:
    """`bound_to` is whose answer alone will count, such as the id of a session."""
    until = int((clock.now() + LIFE).timestamp())
    head = os.urandom(_RANDOM_BYTES) + until.to_bytes(_DEADLINE_BYTES)
    return head + _mac(head, purpose, bound_to)


def own_challenge(plain: bytes, purpose: Purpose, bound_to: bytes) -> Challenge:
    """Raises PasskeyRefused for one that isn't ours, is for something or somebody else, or is too old."""
    head, mac = plain[:-_MAC_BYTES], plain[-_MAC_BYTES:]
    if len(head) != _RANDOM_BYTES + _DEADLINE_BYTES or not hmac.compare_digest(mac, _mac(head, purpose, bound_to)):
        raise PasskeyRefused
    until = datetime.fromtimestamp(int.from_bytes(head[_RANDOM_BYTES:]), UTC)
    if until <= clock.now():
        raise PasskeyRefused("That took too long; please try again")
    return Challenge(plain, until)


async def spend_challenge(uow: UnitOfWork, challenge: Challenge) -> None:
    """Raises PasskeyRefused when it has been answered before."""
    if not await factors.spend_challenge(uow, hashlib.sha256(challenge.plain).digest(), challenge.until):
        raise PasskeyRefused


def _mac(head: bytes, purpose: Purpose, bound_to: bytes) -> bytes:
    message = b"passkey challenge\x00" + purpose.encode() + b"\x00" + bound_to + b"\x00" + head
    return hmac.digest(settings().secret_key.encode(), message, hashlib.sha256)
