"""Showing anew to be the owner of the account that is signed in."""

import msgspec

from shop.kernel.errors import NotSignedIn
from shop.kernel.http.sessions import Principal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import PasskeyRefused, SignInRefused
from shop.modules.identity.repository import accounts, factors
from shop.modules.identity.repository.factors import Factors
from shop.modules.identity.service.passkeys import Assertion
from shop.modules.identity.service.second_factor import Factor, use_factor
from shop.modules.identity.service.sessions import hold, rotate


class Ways(msgspec.Struct, frozen=True):
    """By what an account can show that it is its owner."""

    password_hash: str | None
    version: int
    factors: Factors


async def find_ways(uow: UnitOfWork, owner: Principal) -> Ways:
    """Raises NotSignedIn."""
    present = await accounts.find_credentials_of(uow, owner.account_id)
    if present is None:
        raise NotSignedIn
    return Ways(present.password_hash, present.version, await factors.find_factors(uow, owner.account_id))


async def by_password(uow: UnitOfWork, owner: Principal, token: str, version: int) -> str:
    """The session's new token; the password was right at `version`. Raises NotSignedIn, SignInRefused."""
    if (await hold(uow, owner)).version != version:
        raise SignInRefused
    return await rotate(uow, token, methods=("password",))


async def by_factor(uow: UnitOfWork, owner: Principal, token: str, factor: Factor) -> str:
    """The session's new token; it is strong from now on. Raises NotSignedIn, WrongCode, PasskeyRefused."""
    held = await hold(uow, owner)
    if isinstance(factor, Assertion) and factor.passkey.account_id != held.account_id:
        raise PasskeyRefused
    await use_factor(uow, held.account_id, factor)
    return await rotate(uow, token, methods=(factor.method,), strong=True)
