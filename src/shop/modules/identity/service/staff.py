"""Who runs the shop."""

from shop.kernel import audit, clock
from shop.kernel.errors import NotFound
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts
from shop.modules.identity.repository import staff as staff_rows
from shop.modules.identity.repository.consents import forget_consents
from shop.modules.identity.roles import OWNER
from shop.modules.identity.service.change_password import set_password


async def find_staff(uow: UnitOfWork) -> str | None:
    """The address of the first member of staff, if there is one."""
    return await staff_rows.find_first_staff(uow)


async def create_owner(uow: UnitOfWork, email: str, password_hash: str) -> bool:
    """An account that may do everything; a customer's of that address becomes it. False when there are staff already."""
    await staff_rows.lock_staff(uow)
    if await staff_rows.find_first_staff(uow) is not None:
        return False
    now, key, account_id = clock.now(), comparison_key(email), new_id()
    owner = {"id": account_id, "email": email, "email_key": key, "name": "Administrator"}
    if await accounts.add_account(
        uow, {**owner, "password_hash": password_hash, "is_staff": True, "verified_at": now, "now": now}
    ):
        await staff_rows.set_roles(uow, account_id, [OWNER])
        await audit.record(uow, action="staff.owner_made", subject=("account", account_id))
        return True
    present = await accounts.lock_by_address(uow, key)
    if present is None:
        raise NotFound(f"The account of {email} has just been closed")
    if await accounts.set_verified(uow, present.account_id, now):
        await forget_consents(uow, present.account_id)
    await staff_rows.set_roles(uow, present.account_id, [OWNER])
    await set_password(uow, present.account_id, password_hash)
    await audit.record(uow, action="staff.owner_made", subject=("account", present.account_id))
    return True
