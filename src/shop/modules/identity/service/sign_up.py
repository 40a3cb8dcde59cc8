"""Opening an account, and confirming the address it was opened with."""

import msgspec

from shop.contracts.identity import AccountId, AccountSignedUp, EmailVerified, LinkExpired, SignUpRepeated
from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, links
from shop.modules.identity.repository.consents import forget_consents
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service.consents import decide
from shop.modules.identity.service.mail_links import use_link


class Opened(msgspec.Struct, frozen=True):
    """An account that waits for its address to be confirmed, as somebody has just opened it; opened again it is another."""

    account_id: AccountId
    version: int

    @property
    def mark(self) -> str:
        return f"{self.account_id}:{self.version}"


async def sign_up(
    uow: UnitOfWork, email: str, name: str, password_hash: str, *, newsletter: bool = False
) -> Opened | None:
    """Three ways to end, and nobody outside is told which: a new account, a fresh link for an unconfirmed one (whose older
    links end, so that a link always confirms the newest sign-up), or word to the owner of a confirmed one, and None.
    An invited member of staff counts as one: whoever signs up in their stead would choose the password."""
    now, key = clock.now(), comparison_key(email)
    account_id = AccountId(new_id())
    wanted = {"email": email, "name": name, "password_hash": password_hash}
    guest = {"id": account_id, "email_key": key, "is_staff": False, "verified_at": None, "now": now}
    if await accounts.add_account(uow, {**wanted, **guest}):
        await decide(uow, account_id, {"newsletter": newsletter})
        uow.emit(AccountSignedUp(account_id=account_id))
        return Opened(account_id, 1)
    present = await accounts.lock_by_address(uow, key)
    if present is None:
        raise NotFound("The account has just been closed; please sign up again")
    if present.verified or present.is_staff:
        uow.emit(SignUpRepeated(account_id=present.account_id))
        return None
    await accounts.set_unconfirmed_sign_up(uow, present.account_id, wanted)
    await forget_consents(uow, present.account_id)
    await decide(uow, present.account_id, {"newsletter": newsletter})
    await links.delete_links(uow, present.account_id, "verify")
    uow.emit(AccountSignedUp(account_id=present.account_id))
    return Opened(present.account_id, present.version + 1)


async def find_opened(uow: UnitOfWork, token: str) -> tuple[Opened, str | None]:
    """What a link would confirm, and the hash of its password. Raises LinkExpired."""
    link = await links.find_link(uow, token_hash(token), "verify", clock.now())
    found = await accounts.find_credentials_of(uow, link.account_id) if link else None
    if found is None:
        raise LinkExpired
    return Opened(found.account_id, found.version), found.password_hash


async def verify_email(uow: UnitOfWork, token: str) -> None:
    """Raises LinkExpired."""
    link = await use_link(uow, token, "verify")
    if await accounts.set_verified(uow, link.account_id, clock.now()):
        uow.emit(EmailVerified(account_id=link.account_id))
