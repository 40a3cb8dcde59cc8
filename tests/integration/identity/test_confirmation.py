"""Showing anew to be the owner: what asks for it, what counts as it, what a thief with an open session can do."""

from datetime import timedelta

import pytest

from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.http.sessions import cookie_name
from shop.modules.identity.errors import SignInRefused
from shop.modules.identity.service.confirm import by_password
from tests.factories.factors import code_of, principal_behind, set_up_app, set_up_passkey, weak_session
from tests.factories.identity import PASSWORD, make_account, sign_in_browser

CONFIRM = "/account/confirm"
GUARDED = [
    "/account/security/app/new",
    "/account/security/app",
    "/account/security/app/remove",
    "/account/security/recovery-codes",
    "/account/security/passkeys",
]


def csrf_of(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def confirm(client, path: str = CONFIRM, **fields: str):
    token = csrf_of((await client.get(CONFIRM)).text)
    return await client.post(path, data={"csrf_token": token, **fields})


@pytest.fixture
def later(monkeypatch):
    """Sixteen minutes after whatever was done before it is called."""

    def skip() -> None:
        now = clock.now
        monkeypatch.setattr(clock, "now", lambda: now() + timedelta(minutes=16))

    return skip


@pytest.fixture
async def account_id(client):
    return await make_account()


@pytest.mark.parametrize("path", GUARDED)
async def test_changes_of_how_to_sign_in_ask_for_it(client, account_id, later, path, rows):
    await sign_in_browser(client, account_id)
    later()
    token = csrf_of((await client.get("/account/security")).text)
    headers = {"referer": "http://testserver/account/security"}
    answer = await client.post(path, data={"csrf_token": token, "code": "123456"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CONFIRM}?next=%2Faccount%2Fsecurity")
    assert (await rows("totp"), await rows("passkey"), await rows("recovery_code")) == ([], [], [])


async def test_pages_that_show_secrets_ask_for_it(client, account_id, later):
    await sign_in_browser(client, account_id)
    later()
    for path in ("/account/security/app", "/account/security/passkeys/options"):
        assert (await client.get(path)).headers["location"].startswith(f"{CONFIRM}?next=")


async def test_the_password_confirms_and_renews_the_session(client, account_id, later):
    before = await sign_in_browser(client, account_id, {"cart": "mine"}, strong=False)
    later()
    answer = await confirm(client, password=PASSWORD, next="/account/security")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")
    assert client.cookies[cookie_name()] != before
    who = await principal_behind(client)
    assert (who.strong, clock.now() - who.signed_in_at < timedelta(seconds=30)) == (False, True)
    client.cookies.set(cookie_name(), before, domain="testserver.local")
    assert (await client.get("/account")).status_code == 303


async def test_a_password_that_was_changed_while_it_was_checked_confirms_nothing(client, account_id):
    token = await sign_in_browser(client, account_id)
    owner = await principal_behind(client)
    with pytest.raises(SignInRefused):
        await write(by_password, owner, token, 0)
    assert client.cookies[cookie_name()] == token
    assert (await client.get("/account")).status_code == 200


async def test_a_wrong_password_confirms_nothing(client, account_id, later):
    before = await sign_in_browser(client, account_id)
    later()
    answer = await confirm(client, password="wrong password")
    assert answer.status_code == 422
    assert "This is not your password" in answer.text
    assert client.cookies[cookie_name()] == before
    assert (await client.get("/account/security/app")).headers["location"].startswith(CONFIRM)


async def test_a_code_confirms_and_makes_the_session_strong(client, account_id, later):
    secret, codes = await set_up_app(client, account_id)
    for fields in ({"code": code_of(secret)}, {"recovery_code": codes[0]}):
        await weak_session(client, account_id)
        assert (await confirm(client, **fields)).status_code == 303
        assert (await principal_behind(client)).strong
        client.cookies.clear()
    await weak_session(client, account_id)
    assert (await confirm(client, recovery_code=codes[0])).status_code == 422


async def test_the_password_is_not_enough_where_the_session_never_showed_the_factor(client, account_id):
    await set_up_app(client, account_id)
    await weak_session(client, account_id)
    assert 'name="password"' not in (await client.get(CONFIRM)).text
    answer = await confirm(client, password=PASSWORD)
    assert answer.status_code == 422
    assert not (await principal_behind(client)).strong


async def test_a_passkey_confirms(client, account_id, later):
    device = await set_up_passkey(client, account_id)
    await weak_session(client, account_id)
    later()
    asked = (await client.get(f"{CONFIRM}/passkey/options")).json()
    answer = await confirm(client, f"{CONFIRM}/passkey", credential=device.get(asked), next="/account/security")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")
    assert (await principal_behind(client)).strong


async def test_a_passkey_of_somebody_else_confirms_nothing(client, account_id):
    device = await set_up_passkey(client, await make_account("grace@example.com"))
    await sign_in_browser(client, account_id, strong=False)
    asked = (await client.get(f"{CONFIRM}/passkey/options")).json()
    assert (await confirm(client, f"{CONFIRM}/passkey", credential=device.get(asked))).status_code == 422
    assert not (await principal_behind(client)).strong


async def test_a_passkeys_answer_in_another_session_confirms_nothing(client, account_id):
    device = await set_up_passkey(client, account_id)
    await weak_session(client, account_id)
    answer = device.get((await client.get(f"{CONFIRM}/passkey/options")).json())
    signing_in = device.get((await client.get("/signin/passkey/options")).json())
    await weak_session(client, account_id)
    for each in (answer, signing_in):
        assert (await confirm(client, f"{CONFIRM}/passkey", credential=each)).status_code == 422


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_it_leads_to_no_other_site(client, account_id, target):
    await sign_in_browser(client, account_id)
    assert "evil" not in (await client.get(CONFIRM, params={"next": target})).text
    answer = await confirm(client, password=PASSWORD, next=target)
    assert answer.headers["location"] == "/account/security"


async def test_an_account_without_a_password_is_told_another_way(client, account_id, owner):
    owner.execute("update identity.account set password_hash = null")
    await sign_in_browser(client, account_id)
    page = await client.get(CONFIRM)
    assert 'name="password"' not in page.text
    assert "Sign out and in again" in page.text
    assert (await confirm(client, password=PASSWORD)).status_code == 422


async def test_the_page_takes_four_statements(client, account_id, record_statements):
    await sign_in_browser(client, account_id)
    await client.get(CONFIRM)
    with record_statements() as sent:
        assert (await client.get(CONFIRM)).status_code == 200
    assert len(sent) <= 4
