"""A forgotten password, and a new one: whoever held a session, a token or a link holds it no longer.

API keys outlive a change by the owner, who has shown the old password and sees them listed beside the form; a reset ends them
too, for it is what the owner of an account does that somebody else got into (ADR 20).
"""

from uuid import UUID

from shop.contracts.identity import AccountId, EmailVerified, PasswordChanged, PasswordResetRequested
from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import CredentialsChanged
from shop.modules.identity.repository import accounts, links, sessions, tokens
from shop.modules.identity.repository.accounts import Credentials
from shop.modules.identity.repository.consents import forget_consents
from shop.modules.identity.repository.factors import find_factors
from shop.modules.identity.repository.tokens import Family
from shop.modules.identity.rules import FAMILY_LIFE, STAFF_SESSION_AGE, SignedIn
from shop.modules.identity.schemas import Tokens
from shop.modules.identity.service.api_sessions import hand_out
from shop.modules.identity.service.mail_links import use_link
from shop.modules.identity.service.sessions import hold, rotate


async def request_password_reset(uow: UnitOfWork, email: str) -> None:
    """Does nothing for an unknown address, and doesn't say so."""
    found = await accounts.find_credentials(uow, comparison_key(email))
    if found is not None:
        uow.emit(PasswordResetRequested(account_id=found.account_id))


async def reset_password(uow: UnitOfWork, token: str, password_hash: str) -> bool:
    """Whether the account has a second factor, which is still to be shown. API keys end as well. The link came by mail, so the
    address is confirmed by it as well; whoever signed up with it may have been somebody else. Raises LinkExpired."""
    link = await use_link(uow, token, "reset")
    if await accounts.set_verified(uow, link.account_id, clock.now()):
        await forget_consents(uow, link.account_id)
        uow.emit(EmailVerified(account_id=link.account_id))
    await set_password(uow, link.account_id, password_hash)
    return (await find_factors(uow, link.account_id)).any


async def replace_password(uow: UnitOfWork, email: str, password_hash: str) -> None:
    """By whoever runs the shop. Raises NotFound."""
    present = await accounts.lock_by_address(uow, comparison_key(email))
    if present is None:
        raise NotFound(f"There is no account with the address {email}")
    await set_password(uow, present.account_id, password_hash)


async def set_password(uow: UnitOfWork, account_id: AccountId, password_hash: str) -> None:
    """Of an account that is locked; nothing that could open it before opens it any more."""
    await accounts.set_password(uow, account_id, password_hash)
    await accounts.end_everything(uow, account_id)
    uow.emit(PasswordChanged(account_id=account_id))


async def has_password(uow: UnitOfWork, account_id: UUID) -> bool:
    found = await accounts.find_credentials_of(uow, account_id)
    return found is not None and found.password_hash is not None


async def change_password_on_page(
    uow: UnitOfWork, owner: Principal, version: int, password_hash: str, token: str
) -> str:
    """By its owner, who showed the old one, or who it is, at `version`. Everything else that was signed in ends, tokens of
    programs included; the session goes on under the token that is returned. Raises NotSignedIn, CredentialsChanged."""
    await _change_password(uow, owner, version, password_hash, kept=owner.session_id)
    return await rotate(uow, token)


async def change_password_by_token(
    uow: UnitOfWork, owner: Principal, version: int, password_hash: str, signed_in: SignedIn
) -> Tokens:
    """The same over the API: everything that was signed in ends, the caller goes on with the tokens that are returned.
    Raises NotSignedIn, CredentialsChanged."""
    held = await _change_password(uow, owner, version, password_hash, kept=None)
    now = clock.now()
    family = Family(
        id=new_id(),
        account_id=AccountId(owner.account_id),
        methods=signed_in.methods,
        strong=owner.strong,
        user_agent=signed_in.user_agent,
        signed_in_at=now,
        expires_at=now + (STAFF_SESSION_AGE if held.is_staff else FAMILY_LIFE),
    )
    await tokens.add_family(uow, family, now)
    return await hand_out(uow, family, now)


async def _change_password(
    uow: UnitOfWork, owner: Principal, version: int, password_hash: str, kept: UUID | None
) -> Credentials:
    held = await hold(uow, owner)
    if held.version != version:
        raise CredentialsChanged
    await accounts.set_password(uow, held.account_id, password_hash)
    await sessions.end_other_holders(uow, held.account_id, kept)
    await links.delete_links_but_undoing(uow, held.account_id, clock.now())
    uow.invalidate(f"account:{held.account_id}")
    uow.emit(PasswordChanged(account_id=held.account_id))
    return held
