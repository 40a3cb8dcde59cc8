"""Links in mails: made when the mail is rendered, looked at when its page is opened, used up by the form on that page."""

from shop.contracts.identity import Account, LinkExpired
from shop.kernel import clock
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, links
from shop.modules.identity.repository.links import Link
from shop.modules.identity.rules import token_hash


async def is_link_good(uow: UnitOfWork, token: str, purpose: str) -> bool:
    return await links.find_link(uow, token_hash(token), purpose, clock.now()) is not None


async def find_owner_of_link(uow: UnitOfWork, token: str, purpose: str) -> Account:
    """Raises LinkExpired."""
    link = await links.find_link(uow, token_hash(token), purpose, clock.now())
    owner = None if link is None else (await accounts.find_accounts(uow, [link.account_id])).get(link.account_id)
    if owner is None:
        raise LinkExpired
    return owner


async def use_link(uow: UnitOfWork, token: str, purpose: str) -> Link:
    """Locks the account. Raises LinkExpired: of any number of callers at once, one gets the link."""
    hashed = token_hash(token)
    link = await links.lock_by_link(uow, hashed)
    if link is None or not await links.use_link(uow, hashed, purpose, clock.now()):
        raise LinkExpired
    return link
