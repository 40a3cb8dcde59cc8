"""Signing in by an identity provider: which account that is, whether a new one, and which ways in an owner adds and removes.

An address alone opens no account that somebody could have prepared or that is worth more than a customer's: the provider
must say for sure that it is theirs, and our account must have confirmed it too. An account that was never confirmed may have
been opened by somebody else in wait for its owner; it is taken over without its password, and without what that one agreed
to. Staff link from within.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId, EmailVerified, FactorsChanged
from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key, normal_address
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import AddressNotShown, LastWayIn, LinkedElsewhere, LinkFirst
from shop.modules.identity.gateways.identity_providers import Named
from shop.modules.identity.repository import accounts, factors, federation, links
from shop.modules.identity.repository.accounts import Credentials
from shop.modules.identity.repository.consents import forget_consents
from shop.modules.identity.repository.federation import Link
from shop.modules.identity.rules import SignedIn
from shop.modules.identity.service.sessions import hold
from shop.modules.identity.service.sign_in import Proof

METHOD: Final = "oidc"


class WaysIn(msgspec.Struct, frozen=True):
    links: Sequence[Link]
    has_password: bool
    passkeys: int

    def without(self, provider: str) -> bool:
        """Whether the account can still be entered without this one."""
        return self.has_password or self.passkeys > 0 or any(link.provider != provider for link in self.links)


async def find_or_open_account(uow: UnitOfWork, named: Named, signed_in: SignedIn) -> Proof:
    """The proof that the sign-in goes on with. Raises AddressNotShown, LinkFirst."""
    account_id = await federation.find_account(uow, named.issuer, named.subject)
    if account_id is None:
        account_id = await _by_address(uow, named)
    held = await accounts.lock_account(uow, account_id)
    if held is None or not await federation.note_used(uow, named.issuer, named.subject, account_id, clock.now()):
        raise NotFound("The account has just been closed; please try again")
    return Proof(account_id=account_id, version=held.version, is_staff=held.is_staff, signed_in=signed_in)


async def _by_address(uow: UnitOfWork, named: Named) -> AccountId:
    """A confirmed customer's account of the same address, or a new one; linked."""
    email = _usable(named.email)
    if email is None:
        raise AddressNotShown
    key, now = comparison_key(email), clock.now()
    name = named.name or email.partition("@")[0]
    account_id = AccountId(new_id())
    new = {"id": account_id, "email": email, "email_key": key, "name": name, "password_hash": None}
    if await accounts.add_account(uow, {**new, "is_staff": False, "verified_at": now, "now": now}):
        uow.emit(EmailVerified(account_id=account_id))
    else:
        account_id = await _take_up(uow, key, name)
    if not await federation.add_link(uow, named.issuer, named.subject, account_id, named.provider, now):
        raise LinkedElsewhere
    return account_id


async def _take_up(uow: UnitOfWork, key: str, name: str) -> AccountId:
    present = await accounts.lock_by_address(uow, key)
    if present is None:
        raise NotFound("The account has just been closed; please try again")
    if present.is_staff:
        raise LinkFirst
    if present.verified:
        uow.emit(FactorsChanged(account_id=present.account_id, change="provider_added"))
        return present.account_id
    await federation.adopt_unconfirmed(uow, present.account_id, name, clock.now())
    await forget_consents(uow, present.account_id)
    await links.delete_links(uow, present.account_id, "verify")
    await links.delete_links(uow, present.account_id, "reset")
    uow.emit(EmailVerified(account_id=present.account_id))
    return present.account_id


async def link(uow: UnitOfWork, owner: Principal, named: Named) -> None:
    """By its owner, from within; whatever address the provider knows. Raises NotSignedIn, LinkedElsewhere."""
    held = await hold(uow, owner)
    if not await federation.add_link(uow, named.issuer, named.subject, held.account_id, named.provider, clock.now()):
        raise LinkedElsewhere
    await _changed(uow, held, "provider_added")


async def unlink(uow: UnitOfWork, owner: Principal, provider: str) -> None:
    """Raises NotSignedIn, LastWayIn, NotFound."""
    held = await hold(uow, owner)
    passkeys = (await factors.find_factors(uow, held.account_id)).passkeys
    if not (await find_ways_in(uow, held.account_id, passkeys)).without(provider):
        raise LastWayIn
    if not await federation.delete_links(uow, held.account_id, provider):
        raise NotFound("You don't sign in by this provider")
    await _changed(uow, held, "provider_removed")


async def find_ways_in(uow: UnitOfWork, account_id: UUID, passkeys: int) -> WaysIn:
    found = await accounts.find_credentials_of(uow, account_id)
    return WaysIn(
        links=await federation.find_links(uow, account_id),
        has_password=found is not None and found.password_hash is not None,
        passkeys=passkeys,
    )


async def _changed(uow: UnitOfWork, held: Credentials, change: str) -> None:
    await factors.set_new_version(uow, held.account_id)
    uow.emit(FactorsChanged(account_id=held.account_id, change=change))


def _usable(email: str | None) -> str | None:
    try:
        return None if email is None else normal_address(email)
    except ValueError:
        return None
