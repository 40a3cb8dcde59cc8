"""Signing in by two steps: what the first one opens (nothing), what the second one takes, and what is good only once."""

import asyncio
from datetime import timedelta

import pytest

from shop.contracts.identity import WrongCredentials
from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.http.sessions import SessionStore, cookie_name
from shop.kernel.ports import port
from shop.modules.identity.errors import CodeNeeded
from shop.modules.identity.service.factors import reset_factors
from shop.modules.identity.service.sign_in import open_session
from tests.factories.factors import code_of, principal_behind, set_up_app, set_up_passkey
from tests.factories.identity import AUTH, PASSWORD, make_account, proof_of

SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}


def csrf_of(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def first_step(client, target: str = "") -> str:
    """The code page's token for its form."""
    answer = await client.post("/signin", data={**SIGN_IN, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin/code")
    return csrf_of((await client.get("/signin/code")).text)


async def second_step(client, token: str, **fields: str):
    return await client.post("/signin/code", data={"csrf_token": token, **fields})


@pytest.fixture
async def secret(client) -> str:
    """Of the app of an account."""
    return (await set_up_app(client, await make_account()))[0]


async def test_the_right_password_alone_opens_nothing(client, secret, rows):
    await first_step(client)
    assert (await client.get("/account")).status_code == 303
    assert (await client.get("/account/security")).status_code == 303
    assert [row.account_id for row in await rows("session") if row.account_id is None] != []


async def test_the_code_lets_in_strongly_and_leads_on(client, secret):
    token = await first_step(client, "/account/orders")
    answer = await second_step(client, token, code=code_of(secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/orders")
    who = await principal_behind(client)
    assert (who.email, who.strong) == ("ada@example.com", True)


async def test_a_code_may_be_typed_with_spaces(client, secret):
    code = code_of(secret)
    answer = await second_step(client, await first_step(client), code=f" {code[:3]} {code[3:]} ")
    assert answer.status_code == 303


async def test_a_guests_session_is_renewed_by_each_step(client, secret, rows):
    await client.post("/signin", data=SIGN_IN)
    parked = client.cookies[cookie_name()]
    token = csrf_of((await client.get("/signin/code")).text)
    await second_step(client, token, code=code_of(secret))
    assert client.cookies[cookie_name()] != parked
    client.cookies.set(cookie_name(), parked, domain="testserver.local")
    assert (await client.get("/account")).status_code == 303


async def test_a_planted_guest_session_gains_nothing_by_the_owners_first_step(client, secret):
    planted = await write(port(SessionStore).save_session, None, {"cart": "planted"})
    client.cookies.set(cookie_name(), planted, domain="testserver.local")
    page = await client.get("/signin")
    await client.post("/signin", data={**SIGN_IN, "csrf_token": csrf_of(page.text)})
    assert client.cookies[cookie_name()] != planted
    client.cookies.clear()
    client.cookies.set(cookie_name(), planted, domain="testserver.local")
    assert (await client.get("/signin/code")).headers["location"] == "/signin"


@pytest.mark.parametrize("code", ["000000", "12345", "", "1234567", "abcdef", "١٢٣٤٥٦", "🦄" * 6, "0" * 12])
async def test_another_code_is_refused_in_words(client, secret, code, rows):
    token = await first_step(client)
    answer = await second_step(client, token, code=code)
    assert answer.status_code == 422
    assert (await client.get("/account")).status_code == 303


async def test_a_code_is_good_for_one_step_before_and_after(client, secret):
    for steps, status in ((-2, 422), (2, 422), (1, 303)):
        client.cookies.clear()
        answer = await second_step(client, await first_step(client), code=code_of(secret, steps))
        assert answer.status_code == status, steps


async def test_a_code_lets_in_once(client, secret):
    code = code_of(secret)
    assert (await second_step(client, await first_step(client), code=code)).status_code == 303
    client.cookies.clear()
    assert (await second_step(client, await first_step(client), code=code)).status_code == 422


async def test_of_ten_who_send_one_code_at_once_one_gets_in(client, secret):
    body = {**SIGN_IN, "code": code_of(secret)}
    answers = await asyncio.gather(*(client.post(f"{AUTH}/signin", json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9


async def test_an_older_code_is_refused_after_a_newer_one(client, secret):
    assert (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "code": code_of(secret, 1)})).status_code == 200
    assert (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "code": code_of(secret)})).status_code == 401


async def test_five_wrong_codes_lead_back_to_the_password(client, secret):
    token = await first_step(client)
    for _ in range(4):
        assert (await second_step(client, token, code="000000")).status_code == 422
    answer = await second_step(client, token, code="000000")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    answer = await second_step(client, token, code=code_of(secret))
    assert answer.headers["location"] == "/signin"
    assert (await client.get("/account")).status_code == 303


async def test_the_first_step_is_remembered_for_ten_minutes(client, secret, monkeypatch):
    token = await first_step(client)
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = await second_step(client, token, code=code_of(secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert (await client.get("/account")).status_code == 303


async def test_a_change_of_how_to_sign_in_voids_the_first_step(client, db):
    account_id = await make_account()
    secret, _ = await set_up_app(client, account_id)
    token = await first_step(client)
    await write(reset_factors, account_id)
    await second_step(client, token, code=code_of(secret))
    assert (await client.get("/account")).status_code == 303


async def test_a_proof_from_before_the_factor_was_set_up_opens_nothing(client, rows):
    account_id = await make_account()
    before = await proof_of(account_id)
    await set_up_app(client, account_id)
    count = len(await rows("session"))
    with pytest.raises(WrongCredentials):
        await write(open_session, before, None, {})
    with pytest.raises(CodeNeeded):
        await write(open_session, await proof_of(account_id), None, {})
    assert len(await rows("session")) == count


async def test_a_recovery_code_stands_in_once_however_it_is_typed(client):
    _, codes = await set_up_app(client, await make_account())
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    assert (await second_step(client, await first_step(client), recovery_code=typed)).status_code == 303
    client.cookies.clear()
    token = await first_step(client)
    assert (await second_step(client, token, recovery_code=codes[0])).status_code == 422
    assert (await second_step(client, token, recovery_code=codes[1])).status_code == 303


async def test_of_ten_who_send_one_recovery_code_at_once_one_gets_in(client):
    _, codes = await set_up_app(client, await make_account())
    body = {**SIGN_IN, "code": codes[3]}
    answers = await asyncio.gather(*(client.post(f"{AUTH}/signin", json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9


async def test_recovery_codes_of_somebody_else_are_worth_nothing(client):
    await set_up_app(client, await make_account())
    _, codes = await set_up_app(client, await make_account("grace@example.com"))
    assert (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "code": codes[0]})).status_code == 401


async def test_neither_codes_nor_secrets_are_stored_as_they_are(client, rows):
    secret, codes = await set_up_app(client, await make_account())
    [stored] = await rows("totp")
    assert secret.encode() not in bytes(stored.secret)
    kept = b"".join(bytes(row.code_hash) for row in await rows("recovery_code"))
    assert not any(code.encode() in kept or code.replace("-", "").encode() in kept for code in codes)


async def test_the_api_asks_for_the_code_only_after_the_right_password(client, secret):
    wrong = await client.post(f"{AUTH}/signin", json={**SIGN_IN, "password": "wrong password"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    wrong = await client.post(f"{AUTH}/signin", json={**SIGN_IN, "password": "wrong password", "code": code_of(secret)})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    half = await client.post(f"{AUTH}/signin", json=SIGN_IN)
    assert (half.status_code, half.json()["code"]) == (401, "code_required")
    wrong = await client.post(f"{AUTH}/signin", json={**SIGN_IN, "code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "code_required")
    assert (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "code": code_of(secret)})).status_code == 200


async def test_a_wrong_password_with_the_right_code_leaves_the_code_good(client, secret):
    code = code_of(secret)
    await client.post(f"{AUTH}/signin", json={**SIGN_IN, "password": "wrong password", "code": code})
    assert (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "code": code})).status_code == 200


async def test_a_passkey_makes_the_password_alone_too_little_as_well(client):
    account_id = await make_account()
    await set_up_passkey(client, account_id)
    assert (await client.post("/signin", data=SIGN_IN)).headers["location"] == "/signin/code"
    page = (await client.get("/signin/code")).text
    assert "Use your passkey" in page
    assert 'name="code"' not in page


async def test_the_code_page_is_for_whoever_is_half_signed_in(client):
    assert (await client.get("/signin/code")).headers["location"] == "/signin"
    assert (await client.post("/signin/code", data={"code": "123456"})).headers["location"] == "/signin"
