"""Roles that a shop makes for itself, of the permissions that its modules declare."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from shop.kernel import audit, clock
from shop.kernel.errors import FieldError, Invalid, NotFound
from shop.kernel.http.sessions import Principal
from shop.kernel.rights import permissions as known_permissions
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import RightsExceeded, RoleExists, RoleInUse
from shop.modules.identity.repository import accounts, staff
from shop.modules.identity.roles import BUILT_IN, Role
from shop.modules.identity.service.staff_members import all_roles, holds


class RoleInPlace(msgspec.Struct, frozen=True):
    """A role, and how many have it."""

    code: str
    title: str
    permissions: tuple[str, ...]
    built_in: bool
    holders: int


async def list_roles(uow: UnitOfWork) -> list[RoleInPlace]:
    holders = await staff.count_holders(uow)
    return [
        RoleInPlace(role.code, role.title, tuple(sorted(role.permissions)), code in BUILT_IN, holders.get(code, 0))
        for code, role in (await all_roles(uow)).items()
    ]


async def get_role(uow: UnitOfWork, code: str) -> RoleInPlace:
    """Raises NotFound."""
    found = next((role for role in await list_roles(uow) if role.code == code), None)
    if found is None:
        raise NotFound("There is no such role")
    return found


async def make_role(uow: UnitOfWork, giver: Principal, code: str, title: str, permissions: Collection[str]) -> None:
    """Raises Invalid, RightsExceeded, RoleExists."""
    _check(giver, permissions)
    role = Role(code, title, frozenset(permissions))
    if code in BUILT_IN or not await staff.add_role(uow, role, clock.now()):
        raise RoleExists
    audit.note(action="role.made", subject=("role", code), permissions=sorted(permissions))


async def change_role(uow: UnitOfWork, giver: Principal, code: str, title: str, permissions: Collection[str]) -> None:
    """Whoever has it signs in again. Raises NotFound, Invalid, RightsExceeded."""
    await staff.lock_staff(uow)
    before = await _own_role(uow, code)
    _check(giver, permissions)
    if not holds(giver, before.permissions):
        raise RightsExceeded
    await staff.change_role(uow, Role(code, title, frozenset(permissions)))
    if before.permissions != frozenset(permissions):
        for account_id in await _locked_holders(uow, code):
            await accounts.end_sign_ins(uow, account_id)
    audit.note(
        action="role.changed",
        subject=("role", code),
        before=sorted(before.permissions),
        after=sorted(permissions),
    )


async def delete_role(uow: UnitOfWork, giver: Principal, code: str) -> None:
    """Raises NotFound, RightsExceeded, RoleInUse."""
    await staff.lock_staff(uow)
    before = await _own_role(uow, code)
    if not holds(giver, before.permissions):
        raise RightsExceeded
    if await staff.find_holders(uow, code):
        raise RoleInUse
    await staff.delete_role(uow, code)
    audit.note(action="role.deleted", subject=("role", code))


async def _own_role(uow: UnitOfWork, code: str) -> Role:
    found = next((role for role in await staff.find_own_roles(uow) if role.code == code), None)
    if found is None:
        raise NotFound("The shop has made no such role; the built-in ones stay as they are")
    return found


async def _locked_holders(uow: UnitOfWork, code: str) -> list[UUID]:
    holders = sorted(await staff.find_holders(uow, code))
    for account_id in holders:
        await accounts.lock_account(uow, account_id)
    return holders


def _check(giver: Principal, permissions: Collection[str]) -> None:
    unknown = sorted(set(permissions) - set(known_permissions()))
    if unknown:
        raise Invalid([FieldError("permissions", f"There is no permission {code}") for code in unknown])
    if not permissions:
        raise Invalid.field("permissions", "A role needs at least one permission")
    if not holds(giver, frozenset(permissions)):
        raise RightsExceeded
