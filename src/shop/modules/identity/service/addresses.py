"""The address book: what is kept is as its country writes it; one address at most is each default."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId, PostalAddress, SavedAddress
from shop.kernel import clock, postal
from shop.kernel.errors import Invalid, NotFound
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import AddressBookFull
from shop.modules.identity.repository import addresses
from shop.modules.identity.repository.addresses import DEFAULTS, PARTS

MOST: Final = 50
"""More than anybody sends to, and few enough for one page."""


async def list_addresses(uow: UnitOfWork, account_id: UUID) -> list[SavedAddress]:
    return await addresses.list_addresses(uow, account_id)


async def get_address(uow: UnitOfWork, account_id: UUID, address_id: UUID) -> SavedAddress:
    """Raises NotFound, also for somebody else's."""
    found = await addresses.find_address(uow, account_id, address_id)
    if found is None:
        raise NotFound("There is no such address in your book")
    return found


async def add_address(uow: UnitOfWork, account_id: UUID, given: Mapping[str, Any]) -> SavedAddress:
    """`given` are PARTS, and which of DEFAULTS it becomes; the first one becomes all of them. Raises Invalid,
    AddressBookFull, NotFound for a closed account."""
    parts = _checked(given)
    await _hold(uow, account_id)
    count = await addresses.count_addresses(uow, account_id)
    if count >= MOST:
        raise AddressBookFull
    address_id = new_id()
    await addresses.add_address(uow, account_id, address_id, parts, clock.now())
    await _set_defaults(uow, account_id, address_id, dict.fromkeys(DEFAULTS, True) if count == 0 else given)
    return await get_address(uow, account_id, address_id)


async def change_address(
    uow: UnitOfWork, account_id: UUID, address_id: UUID, changes: Mapping[str, Any]
) -> SavedAddress:
    """Of PARTS and DEFAULTS, what is to be different. Raises Invalid, NotFound."""
    await _hold(uow, account_id)
    present = await get_address(uow, account_id, address_id)
    parts = _checked({**msgspec.structs.asdict(present), **changes})
    await addresses.set_address(uow, account_id, address_id, parts, clock.now())
    await _set_defaults(uow, account_id, address_id, changes)
    return await get_address(uow, account_id, address_id)


async def delete_address(uow: UnitOfWork, account_id: UUID, address_id: UUID) -> None:
    """Raises NotFound."""
    if not await addresses.delete_address(uow, account_id, address_id):
        raise NotFound("There is no such address in your book")


async def keep_address(uow: UnitOfWork, account_id: AccountId, address: PostalAddress) -> None:
    """Add it, unless it is there already, the book is full or the account is gone: an order doesn't fail by that."""
    given = msgspec.structs.asdict(address)
    if not await addresses.hold_account(uow, account_id) or await addresses.is_there(uow, account_id, given):
        return
    if not postal.problems(given) and await addresses.count_addresses(uow, account_id) < MOST:
        await add_address(uow, account_id, given)


async def _hold(uow: UnitOfWork, account_id: UUID) -> None:
    if not await addresses.hold_account(uow, account_id):
        raise NotFound


async def _set_defaults(uow: UnitOfWork, account_id: UUID, address_id: UUID, wanted: Mapping[str, Any]) -> None:
    for default in DEFAULTS:
        if default in wanted:
            await addresses.set_default(uow, account_id, address_id, default, on=bool(wanted[default]))


def _checked(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Raises Invalid."""
    parts = {part: (given.get(part) or "").strip() or None for part in PARTS}
    found = postal.problems(parts)
    if found:
        raise Invalid(found)
    return postal.normal(parts)
