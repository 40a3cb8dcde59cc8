"""Recovery codes: ten, each good once, for whoever has lost the phone. A new set takes the place of the old one.

A code has 123 bits, too many for anybody to search through, so that it needs no slow hash. It is stored as an HMAC under
SHOP_SECRET_KEY besides: a copy of the database alone tells nothing of it.
"""

import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import factors
from shop.modules.identity.rules import READABLE

HOW_MANY: Final = 10
GROUPS: Final = 5
LETTERS: Final = 5


async def replace_recovery_codes(uow: UnitOfWork, account_id: UUID) -> tuple[str, ...]:
    """The new codes, to be shown once and never again. Of an account that is locked."""
    codes = tuple(_new_code() for _ in range(HOW_MANY))
    await factors.set_recovery_codes(uow, account_id, [_hash(account_id, code) for code in codes])
    return codes


async def use_recovery_code(uow: UnitOfWork, account_id: UUID, typed: str) -> bool:
    """However it was typed: in capitals, without hyphens."""
    code = _plain(typed)
    if len(code) != GROUPS * LETTERS:
        return False
    return await factors.use_recovery_code(uow, account_id, _hash(account_id, code), clock.now())


def _new_code() -> str:
    return "-".join("".join(secrets.choice(READABLE) for _ in range(LETTERS)) for _ in range(GROUPS))


def _plain(typed: str) -> str:
    return "".join(each for each in typed.lower() if each in READABLE)


def _hash(account_id: UUID, code: str) -> bytes:
    message = b"recovery code\x00" + account_id.bytes + _plain(code).encode()
    return hmac.digest(settings().secret_key.encode(), message, hashlib.sha256)
