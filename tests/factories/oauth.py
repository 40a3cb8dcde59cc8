"""Programs of others for tests, and the way that each takes to its tokens."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import httpx

from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.ids import new_id, new_token
from shop.modules.identity.oauth_client import OAuthClient
from shop.modules.identity.repository import oauth_clients
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service.oauth import client_secrets
from tests.factories.identity import AUTH, PASSWORD

CALLBACK = "https://app.example.com/callback"
AUTHORIZE, TOKEN, REVOKE, INTROSPECT = "/oauth/authorize", "/oauth/token", "/oauth/revoke", "/oauth/introspect"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class Program:
    """A registered client as its developer knows it."""

    id: str
    secret: str | None
    redirect_uri: str
    verifier: str = field(default_factory=lambda: new_token() + new_token())

    def question(self, **changes: str | None) -> str:
        """Where the program sends people; a change to None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": "profile.read",
            "state": "a state",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        return f"{AUTHORIZE}?" + urlencode(
            {name: value for name, value in {**asked, **changes}.items() if value is not None}
        )

    async def code(self, browser: httpx.AsyncClient, **changes: str | None) -> str:
        """As the browser's owner allows it."""
        answer = await allow(browser, self.question(**changes))
        return sent_back(answer)["code"]

    async def exchange(self, api: httpx.AsyncClient, code: str, **changes: str | None) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return await self.post(api, TOKEN, {**form, **changes})

    async def tokens(self, browser: httpx.AsyncClient, **changes: str | None) -> dict[str, Any]:
        answer = await self.exchange(browser, await self.code(browser, **changes))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refresh(self, api: httpx.AsyncClient, refresh_token: str, **changes: str | None) -> httpx.Response:
        return await self.post(api, TOKEN, {"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})

    async def own_tokens(self, api: httpx.AsyncClient, **changes: str | None) -> httpx.Response:
        return await self.post(api, TOKEN, {"grant_type": "client_credentials", **changes})

    async def post(self, api: httpx.AsyncClient, path: str, form: dict[str, str | None]) -> httpx.Response:
        """By HTTP Basic with a secret, by `client_id` alone without."""
        sent = {name: value for name, value in form.items() if value is not None}
        if self.secret is None:
            return await api.post(path, data={"client_id": self.id, **sent})
        return await api.post(path, data=sent, auth=(self.id, self.secret))


async def make_program(
    *scopes: str,
    confidential: bool = True,
    redirect_uris: tuple[str, ...] = (CALLBACK,),
    name: str = "Ledger",
) -> Program:
    """Registered, for `profile.read` unless scopes are named."""
    secret = client_secrets.new_secret() if confidential else None
    client = OAuthClient(
        id=str(new_id()),
        name=name,
        secret_hash=None if secret is None else token_hash(secret),
        redirect_uris=redirect_uris,
        scopes=scopes or ("profile.read",),
    )
    signing_secret = None if secret is None else client_secrets.sealed(client.id, secret)
    await write(oauth_clients.add_client, client, signing_secret, UUID(int=1), clock.now())
    return Program(client.id, secret, redirect_uris[0] if redirect_uris else "")


async def answer(browser: httpx.AsyncClient, question: str, decision: str) -> httpx.Response:
    """What the browser gets for a click on the page with the question."""
    return await browser.post(question, data={"decision": decision, "csrf_token": await asked(browser, question)})


async def asked(browser: httpx.AsyncClient, question: str) -> str:
    """Opens the page with the question, as after signing in, for then it is shown even when it was answered before. The
    token of its form."""
    page = await browser.get(question, headers={"sec-fetch-site": "same-origin"})
    assert page.status_code == 200, f"{page.status_code} {page.headers.get('location')} {page.text[:500]}"
    return csrf_in(page.text)


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def allow(browser: httpx.AsyncClient, question: str) -> httpx.Response:
    return await answer(browser, question, "allow")


async def deny(browser: httpx.AsyncClient, question: str) -> httpx.Response:
    return await answer(browser, question, "deny")


def sent_back(answer: httpx.Response, to: str = CALLBACK) -> dict[str, str]:
    """The parameters with which somebody is sent back to the program."""
    location = answer.headers["location"]
    assert answer.status_code == 303, answer.text
    assert location.startswith(f"{to}?"), location
    return {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}


def bearing(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@asynccontextmanager
async def signed_in_a_while_ago(api: httpx.AsyncClient, email: str) -> AsyncIterator[dict[str, str]]:
    """The header of somebody whose sign-in is no longer recent, though the token itself is fresh."""
    tokens = (await api.post(f"{AUTH}/signin", json={"email": email, "password": PASSWORD})).json()
    with clock.shifted(timedelta(minutes=16)):
        renewed = await api.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
        yield bearing(renewed.json())
