"""What is good once is good once, also when fifty come at the same moment: links in mails, codes, refresh tokens.

Each kind says how one is made, how it is used over HTTP, and what shows that it was taken. A new kind is one more row.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import pytest

from shop.kernel.db import read, write
from shop.kernel.http.csrf import FIELD
from shop.kernel.http.sessions import cookie_name
from shop.modules.identity import credentials
from shop.modules.identity.passwords import Verdict
from shop.modules.identity.repository import accounts
from tests.attacks.estate import csrf_of
from tests.bad_input.account_things import link_to_an_address
from tests.conftest import new_client
from tests.factories.identity import AUTH, PASSWORD, make_account, mint, sign_in_browser

AT_ONCE = 50
NEW = "another correct horse battery"


class Kind(NamedTuple):
    make: Callable[[httpx.AsyncClient], Awaitable[Any]]
    use: Callable[[httpx.AsyncClient, Any, int], Awaitable[httpx.Response]]
    taken: int
    """Status of the one that works."""
    refused: frozenset[int]


async def _reset_link(client: httpx.AsyncClient) -> str:
    return await mint("reset", await make_account())


async def _verify_link(client: httpx.AsyncClient) -> str:
    return await mint("verify", await make_account(verified=False))


async def _invitation(client: httpx.AsyncClient) -> str:
    return await mint("invite", await make_account(verified=False, roles=("viewer",)))


async def _address_link(purpose: str) -> str:
    return await write(link_to_an_address, purpose, await make_account())


async def _own_address_link(client: httpx.AsyncClient) -> tuple[str, str]:
    """With the session of whom it is for: it opens nothing for others."""
    account = await make_account()
    return await write(link_to_an_address, "change_email", account), await sign_in_browser(client, account)


async def _use_as_owner(client: httpx.AsyncClient, link: tuple[str, str], n: int) -> httpx.Response:
    token, session = link
    client.cookies.set(cookie_name(), session, domain="testserver.local")
    return await client.post(f"/change-email/{token}", data={FIELD: csrf_of(session)})


async def _refresh_token(client: httpx.AsyncClient) -> str:
    await make_account()
    answer = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


KINDS = {
    "reset by the API": Kind(
        _reset_link,
        lambda client, token, n: client.post(f"{AUTH}/password/reset", json={"token": token, "password": f"{NEW} {n}"}),
        200,
        frozenset({400}),
    ),
    "reset by the page": Kind(
        _reset_link,
        lambda client, token, n: client.post(f"/reset/{token}", data={"password": f"{NEW} {n}"}),
        303,
        frozenset({404}),
    ),
    "confirm by the API": Kind(
        _verify_link,
        lambda client, token, n: client.post(f"{AUTH}/email/verify", json={"token": token}),
        200,
        frozenset({400}),
    ),
    "confirm by the page": Kind(
        _verify_link,
        lambda client, token, n: client.post(f"/verify/{token}", data={"password": PASSWORD}),
        303,
        frozenset({404}),
    ),
    "invitation": Kind(
        _invitation,
        lambda client, token, n: client.post(f"/invite/{token}", data={"password": f"{NEW} {n}"}),
        303,
        frozenset({404, 503}),  # fifty real hashes are more than are queued for
    ),
    "another address": Kind(
        _own_address_link,
        _use_as_owner,
        303,
        frozenset({404}),
    ),
    "the old address again": Kind(
        lambda _: _address_link("revert_email"),
        lambda client, token, n: client.post(f"/revert-email/{token}"),
        303,
        frozenset({404}),
    ),
    "refresh": Kind(
        _refresh_token,
        lambda client, token, n: client.post(f"{AUTH}/refresh", json={"refresh_token": token}),
        200,
        frozenset({401}),
    ),
}


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is none of what guards here, and fifty of them take ten seconds."""

    async def hashed(password: str) -> str:
        return f"hash of {password}"

    async def checked(password: str, stored: str | None) -> Verdict:
        return Verdict(right=stored is not None and password == PASSWORD)

    monkeypatch.setattr(credentials, "hash_password", hashed)
    monkeypatch.setattr(credentials, "check_password", checked)


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize("name", KINDS)
async def test_of_fifty_at_once_one_works(client: httpx.AsyncClient, gateway: Any, name: str) -> None:
    kind = KINDS[name]
    secret = await kind.make(client)

    async def use(n: int) -> int:
        async with new_client(gateway) as visitor:
            return (await kind.use(visitor, secret, n)).status_code

    counted = Counter(await asyncio.gather(*(use(n) for n in range(AT_ONCE))))
    assert counted[kind.taken] == 1, counted
    assert set(counted) - {kind.taken} <= kind.refused, counted
    assert await use(AT_ONCE) in kind.refused


@pytest.mark.usefixtures("quick_hashes")
async def test_fifty_resets_at_once_change_the_password_once(client: httpx.AsyncClient, gateway: Any) -> None:
    """Counted where it is kept, not only in what is answered."""
    account = await make_account()
    token = await mint("reset", account)
    before = await read(accounts.find_credentials_of, account)
    assert before is not None

    async def use(n: int) -> None:
        async with new_client(gateway) as visitor:
            await visitor.post(f"{AUTH}/password/reset", json={"token": token, "password": f"{NEW} {n}"})

    await asyncio.gather(*(use(n) for n in range(AT_ONCE)))
    after = await read(accounts.find_credentials_of, account)
    assert after is not None
    assert after.version == before.version + 1
