"""Opening an account, and confirming the address it was opened with."""

from shop.contracts.identity import AccountId, AccountSignedUp, EmailVerified, SignUpRepeated
from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, links
from shop.modules.identity.service.consents import decide
from shop.modules.identity.service.mail_links import use_link


async def sign_up(uow: UnitOfWork, email: str, name: str, password_hash: str, *, newsletter: bool = False) -> None:
    """Three ways to end, and the caller is told none of them: a new account, a fresh link for an unconfirmed one (whose
    older links end, so that a link always confirms the newest sign-up), or word to the owner of a
    confirmed one. An invited member of staff counts as one: whoever signs up in their stead would choose the password."""
    now, key = clock.now(), comparison_key(email)
    account_id = AccountId(new_id())
    wanted = {"email": email, "name": name, "password_hash": password_hash}
    guest = {"id": account_id, "email_key": key, "is_staff": False, "verified_at": None, "now": now}
    if await accounts.add_account(uow, {**wanted, **guest}):
        await decide(uow, account_id, {"newsletter": newsletter})
        uow.emit(AccountSignedUp(account_id=account_id))
        return
    present = await accounts.lock_by_address(uow, key)
    if present is None:
        raise NotFound("The account has just been closed; please sign up again")
    if present.verified or present.is_staff:
        uow.emit(SignUpRepeated(account_id=present.account_id))
        return
    await accounts.set_unconfirmed_sign_up(uow, present.account_id, wanted)
    await decide(uow, present.account_id, {"newsletter": newsletter})
    await links.delete_links(uow, present.account_id, "verify")
    uow.emit(AccountSignedUp(account_id=present.account_id))


async def verify_email(uow: UnitOfWork, token: str) -> None:
    """Raises LinkExpired."""
    link = await use_link(uow, token, "verify")
    if await accounts.set_verified(uow, link.account_id, clock.now()):
        uow.emit(EmailVerified(account_id=link.account_id))
