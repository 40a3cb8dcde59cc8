"""Who runs the shop: invited, given roles, let go.

Nobody gives or takes a right that they don't hold themselves, nobody changes their own, and the last owner stays. Whoever's
rights change signs in again: what an open session may do never grows under it.
"""

from collections.abc import Sequence
from uuid import UUID

from shop.contracts.identity import AccountId, StaffInvited
from shop.kernel import audit, clock
from shop.kernel.errors import FieldError, Invalid, NotFound
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import LastOwner, OwnRights, RightsExceeded
from shop.modules.identity.repository import accounts, links, staff
from shop.modules.identity.repository.consents import forget_consents
from shop.modules.identity.repository.staff import Member
from shop.modules.identity.roles import BUILT_IN, EVERYTHING, OWNER, Role
from shop.modules.identity.service.factors import reset_factors
from shop.modules.identity.service.mail_links import use_link


async def list_members(uow: UnitOfWork) -> list[Member]:
    return await staff.find_members(uow)


async def get_member(uow: UnitOfWork, account_id: UUID) -> Member:
    """Raises NotFound."""
    found = await staff.find_member(uow, account_id)
    if found is None:
        raise NotFound("Nobody on the staff has this id")
    return found


async def all_roles(uow: UnitOfWork) -> dict[str, Role]:
    """By code: the built-in ones, then the shop's own."""
    return BUILT_IN | {role.code: role for role in await staff.find_own_roles(uow)}


async def invite(uow: UnitOfWork, giver: Principal, email: str, name: str, roles: Sequence[str]) -> AccountId:
    """An account with these roles that nobody can enter until its owner follows the link in the mail. A customer's
    account gets them at once, and its owner a mail; an invitation that waits is sent again. Raises Invalid, RightsExceeded."""
    await staff.lock_staff(uow)
    await _check_gift(uow, giver, roles, ())
    now, key, account_id = clock.now(), comparison_key(email), AccountId(new_id())
    fresh = {"id": account_id, "email": email, "email_key": key, "name": name, "password_hash": None}
    if not await accounts.add_account(uow, {**fresh, "is_staff": True, "verified_at": None, "now": now}):
        present = await accounts.lock_by_address(uow, key)
        if present is None:
            raise NotFound("The account has just been closed; please try again")
        if present.is_staff and present.verified:
            raise Invalid.field("email", "This address is on the staff already")
        account_id = present.account_id
        if not present.verified:
            await accounts.clear_password(uow, account_id)
            await forget_consents(uow, account_id)
            await links.delete_links(uow, account_id, "verify")
        before = await staff.find_member(uow, account_id)
        await _check_gift(uow, giver, roles, before.roles if before else ())
        await accounts.end_sign_ins(uow, account_id)
    await staff.set_roles(uow, account_id, roles)
    uow.emit(StaffInvited(account_id=account_id))
    audit.note(action="staff.invited", subject=("account", account_id), roles=sorted(roles))
    return account_id


async def accept_invitation(uow: UnitOfWork, token: str, password_hash: str) -> None:
    """Other invitations of the account, sent before, end with it. Raises LinkExpired."""
    link = await use_link(uow, token, "invite")
    await accounts.set_verified(uow, link.account_id, clock.now())
    await accounts.set_password(uow, link.account_id, password_hash)
    await accounts.end_everything(uow, link.account_id)


async def set_roles(uow: UnitOfWork, giver: Principal, account_id: UUID, roles: Sequence[str]) -> None:
    """Without roles somebody is a customer again. Raises NotFound, Invalid, RightsExceeded, OwnRights, LastOwner."""
    await staff.lock_staff(uow)
    if giver.account_id == account_id:
        raise OwnRights
    held = await accounts.lock_account(uow, account_id)
    member = await staff.find_member(uow, account_id)
    if held is None or member is None:
        raise NotFound("Nobody on the staff has this id")
    if set(member.roles) == set(roles):
        return
    await _check_gift(uow, giver, roles, member.roles)
    if OWNER in member.roles and OWNER not in roles and not await staff.has_owner_besides(uow, account_id):
        raise LastOwner
    await staff.set_roles(uow, account_id, roles)
    await accounts.end_sign_ins(uow, account_id)
    audit.note(
        action="staff.roles_changed", subject=("account", account_id), before=sorted(member.roles), after=sorted(roles)
    )


async def sign_out(uow: UnitOfWork, giver: Principal, account_id: UUID) -> None:
    """A colleague, everywhere, programs and API keys included: the laptop is gone, or somebody else may be in. Raises NotFound,
    OwnRights, RightsExceeded."""
    if giver.account_id == account_id:
        raise OwnRights("Your own sessions are ended under Devices")
    held, member = await accounts.lock_account(uow, account_id), await get_member(uow, account_id)
    if held is None:
        raise NotFound("Nobody on the staff has this id")
    await _check_gift(uow, giver, (), member.roles)
    await accounts.end_every_sign_in(uow, account_id)
    audit.note(action="staff.signed_out", subject=("account", account_id))


async def reset_second_factors(uow: UnitOfWork, giver: Principal, account_id: UUID) -> None:
    """Of a colleague who has lost them all. Raises NotFound, OwnRights, RightsExceeded."""
    if giver.account_id == account_id:
        raise OwnRights
    member = await get_member(uow, account_id)
    await _check_gift(uow, giver, (), member.roles)
    await reset_factors(uow, member.id)


async def _check_gift(uow: UnitOfWork, giver: Principal, roles: Sequence[str], before: Sequence[str]) -> None:
    """Raises Invalid for roles that don't exist, RightsExceeded for rights beyond the giver's own."""
    known = await all_roles(uow)
    unknown = sorted(set(roles) - set(known))
    if unknown:
        raise Invalid([FieldError("roles", f"There is no role {code}") for code in unknown])
    for code in {*roles, *before}:
        role = known.get(code)
        if role is not None and not holds(giver, role.permissions):
            raise RightsExceeded(f"{RightsExceeded.title}: {role.title}")


def holds(giver: Principal, permissions: frozenset[str]) -> bool:
    if EVERYTHING in giver.permissions:
        return True
    return permissions <= giver.permissions
