"""Public OAuth clients, unmodified, on a running shop: Authlib's in Python, oauth4webapi under Node, Chromium between them.

What is tried on each: the code with PKCE, refresh, a program's own secret, revocation, introspection, discovery.
"""

import asyncio
import json
import re
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client
from authlib.oauth2.rfc6749.errors import MissingCodeException
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response
from playwright._impl._driver import compute_driver_executable
from playwright.async_api import expect

from tests.e2e.buying import sign_in
from tests.e2e.oauth_clients.install import ensure_client
from tests.e2e.running_shop import Shop

CALLBACK = "https://app.example.com/callback"
PERSON = ("ada.oauth@example.com", "lovelace and babbage")
KINDS = ("ClientSecretBasic", "ClientSecretPost", None)
ANSWER_SECONDS = 60


@pytest.fixture(scope="module")
def person(shop: Shop) -> tuple[str, str]:
    shop.sign_up(*PERSON, "Ada Lovelace")
    return PERSON


@pytest.fixture
def user(shop: Shop, person: tuple[str, str]) -> Iterator[httpx.Client]:
    """The browser of somebody signed in."""
    with httpx.Client(base_url=shop.url, headers={"Origin": shop.url}, timeout=30) as browser:
        form = {"email": person[0], "password": person[1]}
        assert browser.post("/signin", data=form).status_code == 303
        yield browser


def register(shop: Shop, *scopes: str, **wish: Any) -> dict[str, Any]:
    """A program, newly registered by staff."""
    wish = {"name": "Ledger", "redirect_uris": [CALLBACK], "confidential": True, "scopes": scopes} | wish
    answer = shop.staff.post("/api/v1/admin/oauth/clients", json=wish)
    assert answer.status_code == 201, answer.text
    return answer.json()


def allowed(user: httpx.Client, question: str, decision: str = "allow") -> str:
    """Where the user comes back to."""
    page = user.get(question)
    if page.status_code == 303:
        return page.headers["location"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token, page.text
    answer = user.post(question, data={"decision": decision, "csrf_token": token[1]})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@contextmanager
def authlibs(shop: Shop, program: dict[str, Any], method: str = "client_secret_basic", **more: Any) -> Iterator[Any]:
    with OAuth2Client(
        client_id=program["client_id"],
        client_secret=program.get("client_secret"),
        redirect_uri=CALLBACK,
        token_endpoint=f"{shop.url}/oauth/token",
        token_endpoint_auth_method=method if "client_secret" in program else "none",
        revocation_endpoint_auth_method=method,
        code_challenge_method="S256",
        timeout=30,
        **more,
    ) as client:
        yield client


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib_takes_a_code_to_tokens_renews_and_ends_them(shop, user, method):
    program = register(shop, "profile.read", confidential=method != "none")
    verifier = secrets.token_urlsafe(48)
    with authlibs(shop, program, method, scope="profile.read") as client:
        question, state = client.create_authorization_url(f"{shop.url}/oauth/authorize", code_verifier=verifier)
        back = allowed(user, question)
        tokens = client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        assert tokens["scope"] == "profile.read"
        assert client.get(f"{shop.url}/api/v1/me").json()["email"] == PERSON[0]
        renewed = client.refresh_token(f"{shop.url}/oauth/token", refresh_token=tokens["refresh_token"])
        assert renewed["refresh_token"] != tokens["refresh_token"]
        assert client.get(f"{shop.url}/api/v1/me").status_code == 200
        if method != "none":
            told = client.introspect_token(f"{shop.url}/oauth/introspect", token=renewed["access_token"]).json()
            assert (told["active"], told["client_id"]) == (True, program["client_id"])
        ended = client.revoke_token(f"{shop.url}/oauth/revoke", token=renewed["refresh_token"])
        assert ended.status_code == 200
        assert (
            httpx.get(
                f"{shop.url}/api/v1/me", headers={"Authorization": f"Bearer {renewed['access_token']}"}
            ).status_code
            == 401
        )
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.refresh_token(f"{shop.url}/oauth/token", refresh_token=renewed["refresh_token"])


def test_authlib_is_told_no(shop, user):
    program = register(shop, "profile.read")
    with authlibs(shop, program) as client:
        question, state = client.create_authorization_url(f"{shop.url}/oauth/authorize", code_verifier="x" * 48)
        back = allowed(user, question, "deny")
        with pytest.raises(MissingCodeException):
            parse_authorization_code_response(back, state)
    assert httpx.URL(back).params["error"] == "access_denied"


def test_authlib_finds_a_code_used_up(shop, user):
    program = register(shop, "profile.read")
    verifier = secrets.token_urlsafe(48)
    with authlibs(shop, program) as client:
        question, state = client.create_authorization_url(f"{shop.url}/oauth/authorize", code_verifier=verifier)
        back = allowed(user, question)
        client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)


async def test_authlib_acts_for_itself_without_waiting_threads(shop):
    program = register(shop, "orders.view", redirect_uris=[])
    async with AsyncOAuth2Client(program["client_id"], program["client_secret"], scope="orders.view") as client:
        tokens = await client.fetch_token(f"{shop.url}/oauth/token", grant_type="client_credentials")
        assert (tokens["scope"], "refresh_token" in tokens) == ("orders.view", False)
        assert (await client.get(f"{shop.url}/api/v1/admin/orders")).status_code == 200
        assert (await client.get(f"{shop.url}/api/v1/admin/staff")).status_code == 403


class Program:
    """oauth4webapi at work in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_SECONDS)
        return json.loads(line)

    async def tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def oauth4webapi(shop: Shop, registered: dict[str, Any], **more: Any) -> AsyncIterator[Program]:
    node, _ = compute_driver_executable()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(node, str(ensure_client()), stdin=pipe, stdout=pipe)
    program = Program(process)
    try:
        await program.tell(
            {
                "issuer": shop.url,
                "client_id": registered["client_id"],
                "secret": registered.get("client_secret"),
                "redirect_uri": (registered["redirect_uris"] or [""])[0],
                "scope": " ".join(registered["scopes"]),
                **more,
            }
        )
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("method", KINDS)
async def test_oauth4webapi_takes_a_code_to_tokens_renews_checks_and_ends_them(shop, user, method):
    """It checks `state` and `iss`, our metadata, and the access token by our key set, as RFC 9068 wants."""
    registered = register(shop, "profile.read", confidential=method is not None)
    async with oauth4webapi(shop, registered, method=method) as program:
        question = (await program.told())["question"]
        await program.tell({"callback": allowed(user, question)})
        answer = await program.told()
    learned = answer.get("learned")
    assert learned, answer
    assert (learned["who"]["email"], learned["scope"], learned["rotated"]) == (PERSON[0], "profile.read", True)
    assert (learned["claims"]["client_id"], learned["claims"]["iss"]) == (registered["client_id"], shop.url)
    assert learned["refused"] == 401
    if method is not None:
        assert (learned["before"]["active"], learned["after"]) == (True, {"active": False})


async def test_oauth4webapi_acts_for_itself(shop):
    registered = register(shop, "orders.view", redirect_uris=[])
    async with oauth4webapi(shop, registered, method="ClientSecretBasic", for_itself=True) as program:
        assert await program.told() == {"learned": {"status": 200, "scope": "orders.view", "renewable": False}}


@pytest.mark.parametrize(
    ("tampered", "failure"),
    [
        (lambda back: re.sub(r"&iss=[^&]*", "", back), "OAUTH_INVALID_RESPONSE"),
        (lambda back: re.sub(r"iss=[^&]*", "iss=https://evil.example", back), "OAUTH_INVALID_RESPONSE"),
        (lambda back: re.sub(r"state=[^&]*", "state=planted", back), "OAUTH_INVALID_RESPONSE"),
        (lambda back: re.sub(r"code=[^&]*", "code=planted", back), "OAUTH_RESPONSE_BODY_ERROR"),
    ],
)
async def test_a_mixed_up_answer_is_noticed(shop, user, tampered, failure):
    """Since our metadata promises `iss`, a client refuses an answer without it or with another (RFC 9207)."""
    async with oauth4webapi(shop, register(shop, "profile.read"), method="ClientSecretBasic") as program:
        question = (await program.told())["question"]
        await program.tell({"callback": tampered(allowed(user, question))})
        assert (await program.told())["failure"] == failure


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A native program's address on this machine, and the paths that browsers come back to."""
    paths: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(
                b'<!doctype html><html lang="en"><title>Ledger</title><link rel="icon" href="data:,"><h1>Back in Ledger</h1>'
            )

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/callback", paths
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("answer", ["Allow", "Don't allow"])
async def test_in_chromium_a_person_signs_in_answers_and_is_back_in_the_program(shop, person, visitor, answer):
    """Without script too; the policy of the page lets its form lead to the program, which Chromium holds it to."""
    registered = register(shop, "profile.read", confidential=False, redirect_uris=["http://127.0.0.1/callback"])
    with listening() as (address, paths):
        async with oauth4webapi(shop, registered | {"redirect_uris": [address]}) as program:
            await visitor.goto((await program.told())["question"])
            await visitor.get_by_label("E-mail").fill(person[0])
            await visitor.get_by_label("Password").fill(person[1])
            await visitor.get_by_role("button", name="Sign in", exact=True).click()
            await expect(visitor.get_by_role("heading", level=1)).to_have_text("Allow Ledger?")
            await visitor.get_by_role("button", name=answer, exact=True).click()
            await expect(visitor.get_by_role("heading", level=1)).to_have_text("Back in Ledger")
            await program.tell({"callback": address.replace("/callback", paths[0])})
            told = await program.told()
    if answer == "Allow":
        assert told["learned"]["who"]["email"] == person[0]
    else:
        assert (told["failure"], told["error"]) == ("OAUTH_AUTHORIZATION_RESPONSE_ERROR", "access_denied")


async def test_in_chromium_what_was_allowed_before_needs_one_click_after_signing_in(shop, person, user, visitor):
    """And none for who is signed in; either way the browser gets there."""
    with listening() as (address, paths):
        registered = register(shop, "profile.read", redirect_uris=[address])
        question = httpx.URL(
            f"{shop.url}/oauth/authorize",
            params={
                "client_id": registered["client_id"],
                "redirect_uri": address,
                "response_type": "code",
                "scope": "profile.read",
                "code_challenge": "x" * 43,
                "code_challenge_method": "S256",
            },
        )
        allowed(user, str(question))
        await visitor.goto(str(question))
        await visitor.get_by_label("E-mail").fill(person[0])
        await visitor.get_by_label("Password").fill(person[1])
        await visitor.get_by_role("button", name="Sign in", exact=True).click()
        await visitor.get_by_role("button", name="Continue", exact=True).click()
        await expect(visitor.get_by_role("heading", level=1)).to_have_text("Back in Ledger")
        await visitor.goto(str(question))
        await expect(visitor.get_by_role("heading", level=1)).to_have_text("Back in Ledger")
    assert len([path for path in paths if "code=" in path]) == 2


async def test_in_chromium_the_question_is_shown_in_no_frame(shop, user, visitor):
    with listening() as (address, _paths):
        await sign_in(visitor, *PERSON)
        registered = register(shop, "profile.read", redirect_uris=[address])
        answer = await visitor.request.get(f"{shop.url}/oauth/authorize?client_id={registered['client_id']}")
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
