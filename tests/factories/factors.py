"""Second factors for tests: an authenticator app, recovery codes, a passkey in software."""

from typing import Any
from uuid import UUID

import httpx
import pyotp
from sqlalchemy import text

from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.http.sessions import Principal, SessionStore, cookie_name
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service import passkeys, totp
from tests.factories.identity import sign_in_browser
from tests.fakes.authenticator import Authenticator

STEP = 30


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + steps * STEP)


async def principal_behind(client: httpx.AsyncClient) -> Principal:
    """Whoever `client` is signed in as."""
    stored = await read(port(SessionStore).load_session, client.cookies[cookie_name()])
    assert stored is not None
    assert stored.principal is not None
    return stored.principal


async def set_up_app(client: httpx.AsyncClient, account_id: UUID) -> tuple[str, tuple[str, ...]]:
    """The secret of an app that was set up a while ago, and the recovery codes."""
    await sign_in_browser(client, account_id)
    owner = await principal_behind(client)
    await write(totp.begin_app, owner)
    secret = await read(totp.find_unconfirmed_secret, account_id)
    assert secret is not None
    codes = await write(totp.confirm_app, owner, code_of(secret, -1))
    client.cookies.clear()
    return secret, codes


async def set_up_passkey(client: httpx.AsyncClient, account_id: UUID, name: str = "My phone") -> Authenticator:
    await sign_in_browser(client, account_id)
    owner = await principal_behind(client)
    device = Authenticator()
    options: dict[str, Any] = await read(passkeys.options_to_add, owner)
    await write(passkeys.add_passkey, owner, device.create(options), name)
    client.cookies.clear()
    return device


async def weak_session(client: httpx.AsyncClient, account_id: UUID) -> None:
    """A session from before the account had a second factor."""
    token = await sign_in_browser(client, account_id)

    async def weaken(uow: UnitOfWork) -> None:
        statement = "update identity.session set strong = false, methods = '{password}' where token_hash = :hash"
        await sql(uow).execute(text(statement), {"hash": token_hash(token)})

    await write(weaken)
