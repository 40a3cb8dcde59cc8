"""Passwords: which may be chosen, and argon2id in a thread of its own.

One hash takes about a tenth of a second and 64 MiB. The thread keeps that off the event loop. The processes of a machine
take turns, one hash for every two processors, and the thread's low priority gives way: however many strangers try to
sign in, memory is bounded and processors are left for pages.
"""

import asyncio
import base64
import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec
from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from shop.kernel.config import settings
from shop.kernel.errors import Invalid, Unavailable
from shop.kernel.priority import give_way
from shop.modules.identity.breached_passwords import is_breached
from shop.modules.identity.rules import password_bytes

T = TypeVar("T")

HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)
QUEUE: Final = 64
"""Waiting longer than these take, a browser has given up anyway."""

_threads: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password", initializer=give_way)
_waiting = 0


class Verdict(msgspec.Struct, frozen=True):
    right: bool
    better_hash: str | None = None
    """Of the same password, when the stored hash was made with weaker parameters than today's."""


def _hash_of_nothing() -> str:
    """A well-formed hash with today's parameters that no password has; made without hashing anything."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (HASHER.salt_len, HASHER.hash_len)
    )
    return f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${salt}${digest}"


NOBODYS: Final = _hash_of_nothing()


SHORTEST_WORD: Final = 4
MUST_REMAIN: Final = 5
"""Characters of a password beside what anybody could guess of its owner."""


def check_new_password(password: str, *, email: str = "", name: str = "") -> None:
    """Wherever somebody chooses one. Raises Invalid in words: it is known from breaches, or little more than the shop's
    name or what is known of its owner. Its length is the field's rule."""
    if is_breached(password):
        raise Invalid.field(
            "password", "This password is known from breaches of other sites; please choose another one"
        )
    whole = rest = _letters(password)
    for word in sorted(_guessable(email, name), key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != whole and len(rest) < MUST_REMAIN:
        raise Invalid.field("password", "This is too close to your name, your address or the shop's; please add to it")


def _guessable(email: str, name: str) -> set[str]:
    local, _, domain = email.partition("@")
    texts = [settings().name, name, email, local, domain, domain.rpartition(".")[0]]
    words = {_letters(word) for text in texts for word in (text, *re.split(r"[\W_]+", text))}
    return {word for word in words if len(word) >= SHORTEST_WORD}


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


async def hash_password(password: str) -> str:
    """Raises Unavailable when too many are waiting."""
    return await _in_thread(_hash, password)


async def check_password(password: str, stored: str | None) -> Verdict:
    """Takes the same time for an account that does not exist (`stored` None). Raises Unavailable when too many wait."""
    return await _in_thread(_verify, password, stored)


def _hash(password: str) -> str:
    with _turn():
        return HASHER.hash(password_bytes(password))


def _verify(password: str, stored: str | None) -> Verdict:
    try:
        with _turn():
            HASHER.verify(stored or NOBODYS, password_bytes(password))
    except (Argon2Error, InvalidHashError):
        return Verdict(right=False)
    if stored is None:
        return Verdict(right=False)
    return Verdict(right=True, better_hash=_hash(password) if HASHER.check_needs_rehash(stored) else None)


@contextmanager
def _turn() -> Iterator[None]:
    """One hash for every two processors at a time, whichever process does it: what is left of them answers pages."""
    turns = max(1, (os.cpu_count() or 1) // 2)
    try:
        file = (settings().data_dir / f"hashing-{os.getpid() % turns}.lock").open("ab")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of by closing, even when the process dies
        yield


async def _in_thread(work: Callable[..., T], *args: str | None) -> T:
    global _waiting
    if _waiting >= QUEUE:
        raise Unavailable("Very many people are signing in right now; please try again in a moment")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *args)
    finally:
        _waiting -= 1
