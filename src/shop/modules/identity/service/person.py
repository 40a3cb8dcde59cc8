"""All that the shop holds on a person: told, and erased. Each module answers for its own share (`PersonalData`).

An account is closed first: nobody gets in any more, its address is free, the goodbye mail is on its way. Some minutes
later it is erased, so that mails which were due can still be written.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountClosed, ErasureHindrance, Kept, Person, PersonalData, PersonalThings
from shop.kernel import audit, clock
from shop.kernel.errors import NotFound
from shop.kernel.mail_address import comparison_key
from shop.kernel.outbox import forget_events
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import StaffAccount
from shop.modules.identity.repository import accounts, persons

ERASED_AFTER: Final = timedelta(minutes=30)


async def export_account(uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    return await export(uow, await _person(uow, account_id))


async def export(uow: UnitOfWork, person: Person) -> dict[str, Any]:
    """Everything, by module: plain data."""
    person = await _with_things(uow, person)
    shares = {name: await each.export(uow, person) for name, each in ports(PersonalData).items()}
    return {
        "made_at": msgspec.to_builtins(clock.now()),
        "data": {name: msgspec.to_builtins(share) for name, share in shares.items() if share},
    }


async def export_by_address(uow: UnitOfWork, email: str) -> dict[str, Any]:
    """For whoever runs the shop, who knows that the address is that person's."""
    return await export(uow, await _person_at(uow, email))


async def erase_by_address(uow: UnitOfWork, email: str) -> list[Kept]:
    """At once, without a goodbye. Raises StaffAccount, Conflict."""
    person = await _person_at(uow, email)
    if person.account_id is not None:
        await accounts.lock_account(uow, person.account_id)
        if await persons.is_staff(uow, person.account_id):
            raise StaffAccount
        await persons.close_account(uow, person.account_id, clock.now())
    return await erase(uow, person)


async def close_account(uow: UnitOfWork, account_id: UUID) -> None:
    """Raises NotFound, StaffAccount, and Conflict when a module has not done with the person yet."""
    if await accounts.lock_account(uow, account_id) is None:
        raise NotFound
    if await persons.is_staff(uow, account_id):
        raise StaffAccount
    await _check_erasable(uow, await _with_things(uow, await _person(uow, account_id)))
    await persons.close_account(uow, account_id, clock.now())
    uow.emit(AccountClosed(account_id=account_id))


async def find_due(uow: UnitOfWork) -> Sequence[UUID]:
    """Closed accounts whose time has come."""
    return await persons.find_closed(uow, clock.now() - ERASED_AFTER)


async def erase_closed(uow: UnitOfWork, account_id: UUID) -> list[Kept]:
    """Does nothing to an account that is erased. Raises Conflict when an order came in with the closing."""
    if not await persons.lock_closed(uow, account_id):
        return []
    return await erase(uow, await _person(uow, account_id))


async def erase(uow: UnitOfWork, person: Person) -> list[Kept]:
    """What is left, and why. Raises Conflict."""
    person = await _with_things(uow, person)
    await _check_erasable(uow, person)
    if person.account_id is not None:
        await audit.record(uow, action="person.erased", subject=("account", person.account_id))
    kept = [each for share in ports(PersonalData).values() for each in await share.erase(uow, person)]
    if person.account_id is not None:
        await forget_events(uow, "account_id", [person.account_id])
    return kept


class IdentityShare:
    """Identity's own `PersonalData`."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        return {} if person.account_id is None else await persons.find_held(uow, person.account_id)

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        if person.account_id is not None:
            await persons.delete_account(uow, person.account_id)
        return ()


async def _person_at(uow: UnitOfWork, email: str) -> Person:
    account_id = await persons.find_account_of(uow, comparison_key(email))
    return Person(account_id=account_id, email=email)


async def _person(uow: UnitOfWork, account_id: UUID) -> Person:
    """Raises NotFound."""
    found = await persons.find_person(uow, account_id)
    if found is None:
        raise NotFound("There is no such account")
    return found


async def _with_things(uow: UnitOfWork, person: Person) -> Person:
    things: dict[str, tuple[UUID, ...]] = {}
    for each in ports(PersonalThings).values():
        for kind, ids in (await each.find_things(uow, person)).items():
            things[kind] = (*things.get(kind, ()), *ids)
    return msgspec.structs.replace(person, things=things)


async def _check_erasable(uow: UnitOfWork, person: Person) -> None:
    for each in ports(ErasureHindrance).values():
        await each.check_erasable(uow, person)
