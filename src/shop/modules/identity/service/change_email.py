"""Moving an account to another e-mail address: asked for by its owner, made by a link in a mail to the new address, and for
a week undone by a link in a mail to the old one."""

from datetime import timedelta
from typing import Final

from shop.contracts.identity import (
    AccountId,
    EmailChanged,
    EmailChangeHindered,
    EmailChangeRequested,
    LinkExpired,
    PasswordResetRequested,
)
from shop.kernel import clock
from shop.kernel.errors import Invalid
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import AddressTaken
from shop.modules.identity.repository import accounts, email_address, links
from shop.modules.identity.repository.links import Link
from shop.modules.identity.rules import LINK_LIFE, token_hash
from shop.modules.identity.service.mail_links import use_link
from shop.modules.identity.service.sessions import hold

SUSPECT: Final = timedelta(days=7)
"""Before the change that is undone: whoever made it may have added a way in for later while at it."""


async def request_change(uow: UnitOfWork, owner: Principal, email: str) -> None:
    """Says nothing of whether the address has an account; if so, its owner is told. Raises NotSignedIn; Invalid for the
    account's own address."""
    held = await hold(uow, owner)
    if email == owner.email:
        raise Invalid.field("email", "This is your address already")
    await links.delete_links(uow, held.account_id, "change_email")
    present = await accounts.find_credentials(uow, comparison_key(email))
    if present is not None and present.verified and present.account_id != held.account_id:
        uow.emit(EmailChangeHindered(account_id=present.account_id))
        return
    link_id, now = new_id(), clock.now()
    until = now + LINK_LIFE["change_email"]
    await links.add_pending_link(uow, link_id, held.account_id, "change_email", email, now, until)
    uow.emit(EmailChangeRequested(account_id=held.account_id, link_id=link_id))


async def find_wanted(uow: UnitOfWork, token: str, purpose: str) -> str | None:
    """The address that a good link would set."""
    link = await links.find_link(uow, token_hash(token), purpose, clock.now())
    return None if link is None else link.email


async def confirm_change(uow: UnitOfWork, owner: Principal, token: str) -> None:
    """By the account that asked, signed in: a stranger may have asked for somebody's address, and a click on the link in
    their mail must not make it the stranger's. An account that was opened with this address and never confirmed gives way:
    its owner has shown to be here. Raises LinkExpired, NotSignedIn, AddressTaken."""
    link = await use_link(uow, token, "change_email")
    if link.account_id != (await hold(uow, owner)).account_id:
        raise LinkExpired
    now = clock.now()
    before = await _move(uow, link)
    await links.delete_links_but_undoing(uow, link.account_id, now)
    undo_id = new_id()
    until = now + LINK_LIFE["revert_email"]
    await links.add_pending_link(uow, undo_id, link.account_id, "revert_email", before, now, until)
    uow.emit(EmailChanged(account_id=link.account_id, link_id=undo_id))


async def undo_change(uow: UnitOfWork, token: str) -> None:
    """The old address again. Whoever is signed in is signed out, the password is void, and so are ways in that were added
    about the time of the change; a mail leads to a new password. Raises LinkExpired, AddressTaken."""
    link = await use_link(uow, token, "revert_email")
    await _move(uow, link)
    await links.delete_links_but_undoing(uow, link.account_id, link.created_at)
    await email_address.void_ways_in(uow, link.account_id, link.created_at - SUSPECT)
    await accounts.end_sign_ins(uow, link.account_id)
    uow.emit(PasswordResetRequested(account_id=link.account_id))


async def _move(uow: UnitOfWork, link: Link) -> str:
    """The address that the account had."""
    if link.email is None:
        raise LinkExpired
    account_id = AccountId(link.account_id)
    before = (await accounts.find_accounts(uow, [account_id]))[account_id].email
    key = comparison_key(link.email)
    await email_address.delete_unconfirmed(uow, key, account_id)
    if not await email_address.set_address(uow, account_id, link.email, key, clock.now()):
        raise AddressTaken
    return before
