"""API keys: one long secret for a simple program of one's own.

A key reads `shopkey_`, 32 random characters, and 6 of a checksum: scanners of public code find it by its shape without
asking anybody, and what is mistyped is refused without a look into the database.
"""

import string
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shop.kernel import audit, clock
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import FieldError, Invalid, NotFound, NotSignedIn, SecondFactorRequired
from shop.kernel.http.principals import Principal, VerifiedToken
from shop.kernel.ids import new_id, new_token
from shop.kernel.rights import permissions, scopes
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import RightsExceeded, TooManyKeys
from shop.modules.identity.repository import accounts, api_keys, oauth_codes
from shop.modules.identity.repository.api_keys import ApiKey
from shop.modules.identity.rules import SEEN_EVERY, token_hash

PREFIX: Final = "shopkey_"
MOST: Final = 50
LONGEST_LIFE: Final = timedelta(days=5 * 366)
_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECK_LENGTH: Final = 6


async def make_key(
    uow: UnitOfWork, who: Principal, name: str, wanted: Sequence[str], expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """The key's record and the key itself, which is told this once. Raises Invalid, RightsExceeded, SecondFactorRequired,
    TooManyKeys, and NotSignedIn when whoever makes it has been signed out meanwhile."""
    now = clock.now()
    _check(who, wanted, expires_at, now)
    held = await accounts.lock_account(uow, who.account_id)
    if held is None or who.session_id is None:
        raise NotSignedIn
    if await oauth_codes.find_sign_in(uow, who.account_id, who.session_id) is None:
        raise NotSignedIn
    if await api_keys.count_keys(uow, who.account_id) >= MOST:
        raise TooManyKeys
    secret = with_checksum(f"{PREFIX}{new_token()}")
    key = ApiKey(id=new_id(), name=name, hint=secret[-4:], scopes=tuple(wanted), created_at=now, expires_at=expires_at)
    await api_keys.add_key(uow, who.account_id, key, token_hash(secret), strong=who.strong)
    if of_staff := [scope for scope in wanted if scope in permissions()]:
        actor = audit.Actor("account", str(who.account_id))
        subject = ("api_key", key.id)
        await audit.record(uow, action="api_key.made", subject=subject, actor=actor, permissions=tuple(of_staff[:20]))
    return key, secret


async def find_keys(uow: UnitOfWork, account_id: UUID) -> Sequence[ApiKey]:
    return await api_keys.find_keys(uow, account_id)


async def delete_key(uow: UnitOfWork, account_id: UUID, key_id: UUID) -> None:
    """Raises NotFound."""
    if not await api_keys.delete_key(uow, account_id, key_id):
        raise NotFound("There is no such key")
    uow.invalidate(f"key:{key_id}")


async def verify_key(key: str) -> VerifiedToken | None:
    """None for one that is unknown, deleted or too old. What is no key at all costs no statement; one that is costs a second
    statement at most every ten minutes, to note the use."""
    return await read(_find_holder, key) if is_whole(key) else None


async def _find_holder(uow: UnitOfWork, key: str) -> VerifiedToken | None:
    now = clock.now()
    found = await api_keys.find_holder(uow, token_hash(key), now)
    if found is None:
        return None
    used_at = found.last_used_at
    if used_at is None or used_at < now - SEEN_EVERY:
        await api_keys.note_used(uow, found.key_id, now)
        used_at = now
    # Remembered no longer than the note is true.
    until = used_at + SEEN_EVERY if found.expires_at is None else min(used_at + SEEN_EVERY, found.expires_at)
    tags = {f"account:{found.principal.account_id}", f"key:{found.key_id}"}
    return VerifiedToken(found.principal, until, frozenset(tags))


def with_checksum(text: str) -> str:
    rest, check = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK_LENGTH):
        rest, digit = divmod(rest, len(_DIGITS))
        check = _DIGITS[digit] + check
    return text + check


def is_whole(key: str) -> bool:
    return key.isascii() and key.startswith(PREFIX) and with_checksum(key[:-_CHECK_LENGTH]) == key


def _check(who: Principal, wanted: Sequence[str], expires_at: datetime | None, now: datetime) -> None:
    errors = []
    if not wanted:
        errors.append(FieldError("scopes", "Choose at least one: a key without any opens nothing"))
    known = {*scopes(), *permissions()}
    errors += [FieldError("scopes", f"There is no scope {scope}") for scope in wanted if scope not in known]
    if len(set(wanted)) != len(wanted):
        errors.append(FieldError("scopes", "Each once"))
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        errors.append(FieldError("expires_at", "A moment to come, within five years"))
    if errors:
        raise Invalid(errors)
    of_staff = [scope for scope in wanted if scope in permissions()]
    if not all(who.may(scope) for scope in of_staff):
        raise RightsExceeded
    if of_staff and not who.strong and settings().second_factor_of_staff == "required":
        raise SecondFactorRequired
