"""Accounts for tests, and quick ways to be signed in as one."""

from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx

from shop.contracts.identity import AccountId, AccountLinks
from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.http.sessions import cookie_name
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.identity import repository, service
from shop.modules.identity.passwords import HASHER
from shop.modules.identity.rules import password_bytes
from shop.modules.identity.service import Proof

PASSWORD = "correct horse battery"
AUTH = "/api/v1/auth"


@lru_cache
def hash_of(password: str = PASSWORD) -> str:
    """Made once for a whole run: it takes a tenth of a second."""
    return HASHER.hash(password_bytes(password))


async def make_account(
    email: str = "ada@example.com",
    *,
    name: str = "Ada Lovelace",
    verified: bool = True,
    permissions: tuple[str, ...] = (),
    password_hash: str | None = None,
) -> AccountId:
    """An account whose password is PASSWORD; staff when it has permissions."""
    account_id = AccountId(new_id())
    now = clock.now()
    made = await write(
        repository.add_account,
        {
            "id": account_id,
            "email": email,
            "email_key": comparison_key(email),
            "name": name,
            "password_hash": password_hash or hash_of(),
            "is_staff": bool(permissions),
            "permissions": list(permissions),
            "verified_at": now if verified else None,
            "now": now,
        },
    )
    assert made, f"{email} has an account already"
    return account_id


async def bearer(account_id: UUID) -> dict[str, str]:
    """The header of somebody signed in to the API."""
    tokens = await write(service.open_api_session, _proof(account_id), None)
    return {"Authorization": f"Bearer {tokens.access_token}"}


async def sign_in_browser(client: httpx.AsyncClient, account_id: UUID, data: dict[str, Any] | None = None) -> str:
    """`client` carries the session of somebody signed in to the pages, whose token is returned."""
    token = await write(service.open_session, _proof(account_id), None, data or {})
    client.cookies.set(cookie_name(), token, domain="testserver.local")
    return token


async def mint(purpose: str, account_id: UUID) -> str:
    """The token of a fresh link in a mail: "verify" or "reset"."""

    async def minted(uow: UnitOfWork) -> str:
        links = port(AccountLinks)
        make = {"verify": links.mint_verify_link, "reset": links.mint_reset_link}[purpose]
        return await make(uow, AccountId(account_id))

    return (await write(minted)).rsplit("/", 1)[1]


def _proof(account_id: UUID) -> Proof:
    return Proof(AccountId(account_id), hash_of(), is_staff=False)
