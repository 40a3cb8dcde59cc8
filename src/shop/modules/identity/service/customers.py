"""Customers as staff see them. Whoever looks at everything that is held on one, signs them out or
closes an account, is on record."""

from typing import Any
from uuid import UUID

import msgspec

from shop.contracts.identity import SavedAddress
from shop.kernel import audit
from shop.kernel.errors import NotFound
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, addresses, persons
from shop.modules.identity.repository.persons import CustomerRow
from shop.modules.identity.service import consents, person
from shop.modules.identity.service.consents import Consent


class Customer(CustomerRow, frozen=True, kw_only=True):
    sessions: int
    """Browsers that are signed in."""
    programs: int
    """Programs and devices with a token."""
    addresses: list[SavedAddress]
    consents: list[Consent]


async def search_customers(uow: UnitOfWork, wanted: str | None, before: UUID | None, limit: int) -> list[CustomerRow]:
    """Newest first; `wanted` is how an e-mail address begins, a part of a name, or the account's id."""
    return await persons.search_customers(uow, wanted, before, limit)


async def get_customer(uow: UnitOfWork, account_id: UUID) -> Customer:
    """Raises NotFound, also for staff."""
    found = await _get(uow, account_id)
    ways_in = await persons.count_ways_in(uow, account_id)
    standing, _ = await consents.show_consents(uow, account_id)
    return Customer(
        **msgspec.structs.asdict(found),
        sessions=ways_in["sessions"],
        programs=ways_in["programs"],
        addresses=await addresses.list_addresses(uow, account_id),
        consents=standing,
    )


async def export_customer(uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    await _get(uow, account_id)
    audit.note(action="customer.exported", subject=("account", account_id))
    return await person.export_account(uow, account_id)


async def sign_out_customer(uow: UnitOfWork, account_id: UUID) -> None:
    """Everywhere, programs and API keys included; the account stays. Raises NotFound."""
    await _get(uow, account_id)
    if await accounts.lock_account(uow, account_id) is None:
        raise NotFound("The account is closed")
    await accounts.end_every_sign_in(uow, account_id)
    audit.note(action="customer.signed_out", subject=("account", account_id))


async def close_customer(uow: UnitOfWork, account_id: UUID) -> None:
    """Raises NotFound, and Conflict while something is on its way."""
    await _get(uow, account_id)
    await person.close_account(uow, account_id)
    audit.note(action="customer.closed", subject=("account", account_id))


async def _get(uow: UnitOfWork, account_id: UUID) -> CustomerRow:
    found = await persons.find_customer(uow, account_id)
    if found is None:
        raise NotFound("There is no such customer")
    return found
