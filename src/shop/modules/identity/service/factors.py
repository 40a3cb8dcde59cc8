"""What changes of second factors have in common: who signs in by them and who must have one; what follows from a change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from shop.contracts.identity import AccountId, FactorsChanged
from shop.kernel import audit
from shop.kernel.config import settings
from shop.kernel.errors import NotFound
from shop.kernel.http.sessions import Principal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import ConfirmationNeeded, LastFactor, NoFactor
from shop.modules.identity.repository import accounts, factors, sessions
from shop.modules.identity.repository.factors import Factors
from shop.modules.identity.service.recovery_codes import replace_recovery_codes
from shop.modules.identity.service.sessions import hold


class Change:
    """Of the factors of an account that is locked."""

    def __init__(self, uow: UnitOfWork, account_id: UUID, before: Factors) -> None:
        self._uow, self._account_id, self._before = uow, account_id, before

    async def codes_for_the_first(self) -> tuple[str, ...]:
        """Recovery codes for whoever has none left; nothing for others."""
        if self._before.recovery_codes:
            return ()
        return await replace_recovery_codes(self._uow, self._account_id)


async def find_factors(uow: UnitOfWork, account_id: UUID) -> Factors:
    return await factors.find_factors(uow, account_id)


@asynccontextmanager
async def change_of_factors(uow: UnitOfWork, owner: Principal, change: str) -> AsyncIterator[Change]:
    """Holds the account around a change; afterwards proofs made before it are void, its owner is told, and recovery codes
    without a factor they could stand in for are gone. With the first factor all other sign-ins end that showed none: whoever
    it is to keep out may be in already. Raises NotSignedIn; ConfirmationNeeded for a session that has shown
    none of the factors there are; LastFactor when staff who must have one would be left with none."""
    held = await hold(uow, owner)
    account_id = held.account_id
    before = await factors.find_factors(uow, account_id)
    if before.any and not owner.strong:
        raise ConfirmationNeeded
    yield Change(uow, account_id, before)
    after = await factors.find_factors(uow, account_id)
    if not after.any:
        if before.any and held.is_staff and settings().second_factor_of_staff == "required":
            raise LastFactor
        await factors.set_recovery_codes(uow, account_id, ())
    elif not before.any:
        await sessions.end_other_weak_holders(uow, account_id, owner.session_id, programs=held.is_staff)
    if (before.app, before.passkeys) != (after.app, after.passkeys):
        await factors.set_new_version(uow, account_id)
        uow.emit(FactorsChanged(account_id=account_id, change=change))


async def renew_recovery_codes(uow: UnitOfWork, owner: Principal) -> tuple[str, ...]:
    """A new set; none of the old one works any more. Raises NotSignedIn, NoFactor, ConfirmationNeeded."""
    held = await hold(uow, owner)
    if not (await factors.find_factors(uow, held.account_id)).any:
        raise NoFactor
    if not owner.strong:
        raise ConfirmationNeeded
    uow.emit(FactorsChanged(account_id=held.account_id, change="recovery_codes_renewed"))
    return await replace_recovery_codes(uow, held.account_id)


async def reset_factors(uow: UnitOfWork, account_id: AccountId) -> None:
    """For somebody who has lost them all: the password alone counts again, and everything signed in ends. Raises NotFound."""
    held = await accounts.lock_account(uow, account_id)
    if held is None:
        raise NotFound("There is no such account")
    await factors.delete_factors(uow, account_id)
    await factors.set_new_version(uow, account_id)
    await accounts.end_everything(uow, account_id)
    audit.note(action="second_factors.reset", subject=("account", account_id))
    uow.emit(FactorsChanged(account_id=account_id, change="reset"))
