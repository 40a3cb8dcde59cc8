"""A forgotten password, and a new one: whoever held a session, a token or a link holds it no longer."""

from shop.contracts.identity import AccountId, EmailVerified, PasswordChanged, PasswordResetRequested
from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts
from shop.modules.identity.service.mail_links import use_link


async def request_password_reset(uow: UnitOfWork, email: str) -> None:
    """Does nothing for an unknown address, and doesn't say so."""
    found = await accounts.find_credentials(uow, comparison_key(email))
    if found is not None:
        uow.emit(PasswordResetRequested(account_id=found.account_id))


async def reset_password(uow: UnitOfWork, token: str, password_hash: str) -> None:
    """Raises LinkExpired. The link came by mail, so the address is confirmed by it as well."""
    link = await use_link(uow, token, "reset")
    if await accounts.set_verified(uow, link.account_id, clock.now()):
        uow.emit(EmailVerified(account_id=link.account_id))
    await set_password(uow, link.account_id, password_hash)


async def replace_password(uow: UnitOfWork, email: str, password_hash: str) -> None:
    """By whoever runs the shop. Raises NotFound."""
    present = await accounts.lock_by_address(uow, comparison_key(email))
    if present is None:
        raise NotFound(f"There is no account with the address {email}")
    await set_password(uow, present.account_id, password_hash)


async def set_password(uow: UnitOfWork, account_id: AccountId, password_hash: str) -> None:
    """Of an account that is locked."""
    await accounts.set_password(uow, account_id, password_hash)
    await accounts.end_everything(uow, account_id)
    uow.emit(PasswordChanged(account_id=account_id))
