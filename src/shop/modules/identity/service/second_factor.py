"""The second step of a sign-in, and what proves anew who is signed in: a code or a passkey, used up by the same transaction
that grants what it was shown for."""

from typing import ClassVar

import msgspec

from shop.contracts.identity import AccountId
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import WrongCode
from shop.modules.identity.service.passkeys import Assertion, use_assertion
from shop.modules.identity.service.recovery_codes import use_recovery_code
from shop.modules.identity.service.totp import DIGITS, use_code


class AppCode(msgspec.Struct, frozen=True):
    method: ClassVar[str] = "otp"
    code: str


class RecoveryCode(msgspec.Struct, frozen=True):
    method: ClassVar[str] = "recovery"
    code: str


Factor = AppCode | RecoveryCode | Assertion


def typed_factor(text: str) -> AppCode | RecoveryCode:
    """What somebody typed in where a code is asked for."""
    plain = "".join(text.split())
    return AppCode(plain) if len(plain) == DIGITS and plain.isdigit() else RecoveryCode(plain)


async def use_factor(uow: UnitOfWork, account_id: AccountId, factor: Factor) -> None:
    """Of an account that is locked. Raises WrongCode, PasskeyRefused."""
    if isinstance(factor, Assertion):
        await use_assertion(uow, factor)
    elif isinstance(factor, AppCode):
        if not await use_code(uow, account_id, factor.code):
            raise WrongCode
    elif not await use_recovery_code(uow, account_id, factor.code):
        raise WrongCode
