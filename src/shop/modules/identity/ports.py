"""What identity answers: who an account is, who is asking, which links go into mails."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shop.contracts.identity import Account, AccountId, EventSigner, PendingLink, PostalAddress, SavedAddress
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.errors import NotFound
from shop.kernel.http.principals import VerifiedToken
from shop.kernel.http.sessions import StoredSession
from shop.kernel.ids import new_id, new_token
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, links, persons, sessions
from shop.modules.identity.rules import LINK_LIFE, SEEN_EVERY, token_hash
from shop.modules.identity.service import addresses
from shop.modules.identity.service.access_tokens import verify_access_token
from shop.modules.identity.service.api_keys import PREFIX as KEY_PREFIX
from shop.modules.identity.service.api_keys import verify_key
from shop.modules.identity.service.oauth import client_secrets


class AccountDirectory:
    """Provides `Accounts`."""

    async def find_accounts(self, uow: UnitOfWork, ids: Sequence[AccountId]) -> dict[AccountId, Account]:
        return await accounts.find_accounts(uow, ids) if ids else {}

    async def search_customers(self, uow: UnitOfWork, wanted: str, limit: int) -> list[Account]:
        found = await persons.search_customers(uow, wanted, None, limit)
        return [Account(each.id, each.email, each.name, is_staff=False, verified=each.confirmed) for each in found]


class MailLinks:
    """Provides `AccountLinks`. Raises NotFound for an account that is gone."""

    async def mint_verify_link(self, uow: UnitOfWork, account_id: AccountId) -> str:
        return await self._mint(uow, account_id, "verify")

    async def mint_reset_link(self, uow: UnitOfWork, account_id: AccountId) -> str:
        return await self._mint(uow, account_id, "reset")

    async def mint_invite_link(self, uow: UnitOfWork, account_id: AccountId) -> str:
        account = (await accounts.find_accounts(uow, [account_id])).get(account_id)
        if account is not None and account.verified:
            return f"{settings().public_url}/admin"
        return await self._mint(uow, account_id, "invite")

    async def mint_pending_link(self, uow: UnitOfWork, link_id: UUID) -> PendingLink | None:
        token = new_token()
        pending = await links.give_token(uow, link_id, token_hash(token), clock.now())
        if pending is None:
            return None
        return PendingLink(f"{settings().public_url}/{pending.purpose.replace('_', '-')}/{token}", pending.email)

    async def _mint(self, uow: UnitOfWork, account_id: AccountId, purpose: str) -> str:
        token, now = new_token(), clock.now()
        until = now + LINK_LIFE[purpose]
        if not await links.add_link(uow, token_hash(token), account_id, purpose, now, until):
            raise NotFound("There is no such account")
        return f"{settings().public_url}/{purpose}/{token}"


class DatabaseSessions:
    """Provides the kernel's `SessionStore`. Every token is of our own making."""

    async def load_session(self, uow: UnitOfWork, token: str) -> StoredSession | None:
        """One statement, for staff two; one more at most every ten minutes, to note the visit."""
        hashed, now = token_hash(token), clock.now()
        found = await sessions.find_session(uow, hashed, token, now)
        if found is None:
            return None
        session, last_seen_at = found
        if last_seen_at < now - SEEN_EVERY:
            await sessions.note_seen(uow, hashed, now)
        return session

    async def save_session(self, uow: UnitOfWork, token: str | None, data: dict[str, Any]) -> str | None:
        now = clock.now()
        if token is not None:
            return token if await sessions.save_session_data(uow, token_hash(token), data, now) else None
        fresh = new_token()
        await sessions.add_session(uow, token_hash(fresh), new_id(), None, data, None, now)
        return fresh

    async def end_session(self, uow: UnitOfWork, token: str) -> None:
        await sessions.delete_session(uow, token_hash(token))


class ApiTokens:
    """Provides the kernel's `TokenVerifier`."""

    async def verify(self, token: str) -> VerifiedToken | None:
        """An access token, or an API key."""
        return await (verify_key(token) if token.startswith(KEY_PREFIX) else verify_access_token(token))


class DatabaseAddresses:
    """Provides `AddressBook`."""

    async def list_addresses(self, uow: UnitOfWork, account_id: AccountId) -> list[SavedAddress]:
        return await addresses.list_addresses(uow, account_id)

    async def keep_address(self, uow: UnitOfWork, account_id: AccountId, address: PostalAddress) -> None:
        await addresses.keep_address(uow, account_id, address)


class ProgramSigners:
    """Provides `EventSigners`."""

    async def find_signer(self, uow: UnitOfWork, client_id: str) -> EventSigner | None:
        return await client_secrets.find_signer(uow, client_id)
