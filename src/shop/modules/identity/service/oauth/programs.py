"""The programs that somebody has let in, and letting them in no longer."""

from collections.abc import Sequence
from uuid import UUID

from shop.kernel.errors import NotFound
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, oauth_clients
from shop.modules.identity.repository.oauth_clients import ConnectedClient


async def find_connected(uow: UnitOfWork, account_id: UUID) -> Sequence[ConnectedClient]:
    return await oauth_clients.find_connected(uow, account_id)


async def disconnect(uow: UnitOfWork, account_id: UUID, client_id: str) -> None:
    """Its tokens and codes end, and it has to ask again. Raises NotFound."""
    if await accounts.lock_account(uow, account_id) is None:
        raise NotFound
    if not await oauth_clients.disconnect(uow, account_id, client_id):
        raise NotFound("This program has no access to your account")
    uow.invalidate(f"account:{account_id}")
