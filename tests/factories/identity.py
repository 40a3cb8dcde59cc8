"""Accounts for tests, and quick ways to be signed in as one."""

import hashlib
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from sqlalchemy import text

from shop.contracts.identity import AccountId, AccountLinks
from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.http.sessions import cookie_name
from shop.kernel.ids import new_id
from shop.kernel.mail_address import comparison_key
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.identity import passwords
from shop.modules.identity.repository import accounts, staff
from shop.modules.identity.roles import EVERYTHING, OWNER
from shop.modules.identity.rules import SignedIn, password_bytes
from shop.modules.identity.service.api_sessions import open_api_session
from shop.modules.identity.service.sign_in import Proof, open_session

PASSWORD = "correct horse battery"
AUTH = "/api/v1/auth"


def hash_of(password: str = PASSWORD) -> str:
    return _hash_by(passwords.HASHER, password)


@lru_cache
def _hash_by(hasher: PasswordHasher, password: str) -> str:
    """Made once for a whole run: a real one takes a tenth of a second."""
    return hasher.hash(password_bytes(password))


async def make_account(
    email: str = "ada@example.com",
    *,
    name: str = "Ada Lovelace",
    verified: bool = True,
    permissions: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
    password_hash: str | None = None,
) -> AccountId:
    """An account whose password is PASSWORD; staff when it has permissions or roles."""
    account_id = AccountId(new_id())
    now = clock.now()

    async def make(uow: UnitOfWork) -> bool:
        made = await accounts.add_account(
            uow,
            {
                "id": account_id,
                "email": email,
                "email_key": comparison_key(email),
                "name": name,
                "password_hash": password_hash or hash_of(),
                "is_staff": False,
                "verified_at": now if verified else None,
                "now": now,
            },
        )
        if made and (permissions or roles):
            await staff.set_roles(uow, account_id, [*roles, *await _role_of(uow, permissions)])
        return made

    assert await write(make), f"{email} has an account already"
    return account_id


async def _role_of(uow: UnitOfWork, permissions: tuple[str, ...]) -> list[str]:
    """A role with just these permissions."""
    if not permissions:
        return []
    if EVERYTHING in permissions:
        return [OWNER]
    code = "just-" + hashlib.sha256(" ".join(sorted(permissions)).encode()).hexdigest()[:12]
    await sql(uow).execute(
        text(
            "insert into identity.role (code, title, permissions, created_at) values (:code, :code, :permissions, now())"
            " on conflict do nothing"
        ),
        {"code": code, "permissions": list(permissions)},
    )
    return [code]


async def bearer(account_id: UUID, *, strong: bool = True) -> dict[str, str]:
    """The header of somebody signed in to the API, by two factors unless not `strong`."""
    tokens = await write(open_api_session, await proof_of(account_id, strong=strong), None)
    return {"Authorization": f"Bearer {tokens.access_token}"}


async def sign_in_browser(
    client: httpx.AsyncClient, account_id: UUID, data: dict[str, Any] | None = None, *, strong: bool = True
) -> str:
    """`client` carries the session of somebody signed in to the pages, whose token is returned."""
    token = await write(open_session, await proof_of(account_id, strong=strong), None, data or {})
    client.cookies.set(cookie_name(), token, domain="testserver.local")
    return token


async def mint(purpose: str, account_id: UUID) -> str:
    """The token of a fresh link in a mail: "verify", "reset" or "invite"."""

    async def minted(uow: UnitOfWork) -> str:
        links = port(AccountLinks)
        make = getattr(links, f"mint_{purpose}_link")
        return await make(uow, AccountId(account_id))

    return (await write(minted)).rsplit("/", 1)[1]


async def proof_of(account_id: UUID, *, strong: bool = False) -> Proof:
    """As if the account's owner had just signed in by password, and by a second factor when `strong`."""
    found = await read(accounts.find_credentials_of, account_id)
    assert found is not None
    methods = ("password", "otp") if strong else ("password",)
    return Proof(
        account_id=found.account_id,
        version=found.version,
        is_staff=found.is_staff,
        signed_in=SignedIn(methods=methods, strong=strong),
    )
