"""What somebody sees and changes of the own account."""

from uuid import UUID

from shop.kernel.errors import NotFound
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts
from shop.modules.identity.schemas import Me


async def get_me(uow: UnitOfWork, account_id: UUID) -> Me:
    """Raises NotFound."""
    found = await accounts.find_me(uow, account_id)
    if found is None:
        raise NotFound
    return found


async def rename(uow: UnitOfWork, account_id: UUID, name: str) -> Me:
    """Raises NotFound."""
    found = await accounts.set_name(uow, account_id, name)
    if found is None:
        raise NotFound
    return found
