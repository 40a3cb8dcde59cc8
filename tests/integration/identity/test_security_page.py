"""The page of what an account is signed in by: setting up an app, new recovery codes, what staff must have, who may change it."""

import math

import pytest

from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.modules.identity.rules import READABLE
from shop.modules.identity.service import totp
from shop.modules.identity.service.factors import reset_factors
from tests.conftest import as_owner, new_client
from tests.factories.factors import code_of, principal_behind, set_up_app, set_up_passkey
from tests.factories.identity import PASSWORD, bearer, make_account, sign_in_browser
from tests.factories.oauth import make_program
from tests.fakes.authenticator import Authenticator

PAGE = "/account/security"


def csrf_of(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def post(client, path: str, **fields: str):
    token = csrf_of((await client.get(PAGE)).text)
    return await client.post(path, data={"csrf_token": token, **fields})


@pytest.fixture
def required(monkeypatch):
    """Staff need a second factor, as by default outside a demo."""
    monkeypatch.setenv("SHOP_STAFF_SECOND_FACTOR", "required")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def account_id(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id, strong=False)
    return account_id


async def test_the_page_takes_five_statements(client, account_id, record_statements):
    await client.get(PAGE)
    with record_statements() as sent:
        assert (await client.get(PAGE)).status_code == 200
    assert len(sent) <= 5


async def test_an_app_is_set_up_by_the_code_that_it_shows(client, account_id, rows, facts):
    answer = await post(client, f"{PAGE}/app/new")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/app")
    page = await client.get(f"{PAGE}/app")
    assert "<svg" in page.text
    assert " style=" not in page.text
    assert page.headers["cache-control"] == "private, no-store"
    secret = await read(totp.find_unconfirmed_secret, account_id)
    assert " ".join(secret[at : at + 4] for at in range(0, 32, 4)) in page.text
    answer = await post(client, f"{PAGE}/app", code=code_of(secret))
    assert answer.status_code == 200
    assert answer.text.count("<li><code>") == 10
    assert (await principal_behind(client)).strong
    assert "On" in (await client.get(PAGE)).text
    assert [fact.change for fact in facts] == ["app_added"]


async def test_an_app_counts_for_nothing_until_it_has_shown_its_code(client, account_id, rows):
    await post(client, f"{PAGE}/app/new")
    answer = await post(client, f"{PAGE}/app", code="000000")
    assert answer.status_code == 422
    assert "<svg" in answer.text
    [stored] = await rows("totp")
    assert stored.confirmed_at is None
    client.cookies.clear()
    answer = await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD})
    assert answer.headers["location"] == "/account"


async def test_beginning_again_gives_another_secret_and_never_replaces_one_in_use(client, account_id, rows):
    await post(client, f"{PAGE}/app/new")
    [first] = await rows("totp")
    await post(client, f"{PAGE}/app/new")
    [second] = await rows("totp")
    assert first.secret != second.secret
    secret = await read(totp.find_unconfirmed_secret, account_id)
    await post(client, f"{PAGE}/app", code=code_of(secret))
    await post(client, f"{PAGE}/app/new")
    [kept] = await rows("totp")
    assert kept.secret == second.secret
    assert (await client.get(f"{PAGE}/app")).headers["location"] == PAGE


async def test_the_code_that_set_the_app_up_signs_nobody_in(client, account_id):
    await post(client, f"{PAGE}/app/new")
    secret = await read(totp.find_unconfirmed_secret, account_id)
    code = code_of(secret)
    await post(client, f"{PAGE}/app", code=code)
    client.cookies.clear()
    await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD})
    token = csrf_of((await client.get("/signin/code")).text)
    assert (await client.post("/signin/code", data={"code": code, "csrf_token": token})).status_code == 422


async def test_a_recovery_code_has_more_than_112_bits(client, db):
    """What OWASP's ASVS asks for (6.5.2) where no slow hash is used."""
    _, codes = await set_up_app(client, await make_account())
    for code in codes:
        letters = code.replace("-", "")
        assert set(letters) <= set(READABLE)
        assert len(letters) * math.log2(len(READABLE)) > 112


async def test_new_recovery_codes_end_the_old_ones(client, db):
    account_id = await make_account()
    _, old = await set_up_app(client, account_id)
    await sign_in_browser(client, account_id)
    page = await post(client, f"{PAGE}/recovery-codes")
    assert page.status_code == 200
    assert not any(code in page.text for code in old)
    client.cookies.clear()
    await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD})
    token = csrf_of((await client.get("/signin/code")).text)
    assert (await client.post("/signin/code", data={"recovery_code": old[0], "csrf_token": token})).status_code == 422


@pytest.mark.parametrize("factor", ["app", "passkey"])
@pytest.mark.parametrize("is_staff", [False, True])
async def test_with_the_first_factor_all_others_end_that_showed_none(client, gateway, rows, factor, is_staff):
    """Whoever knows the password may be in already. The session at hand has just proved the factor; a program that a customer
    let in is nobody's way to the account's settings, one of staff may do what they may."""
    account_id, other = (
        await make_account(permissions=("orders.view",) * is_staff),
        await make_account("bo@example.com"),
    )
    await sign_in_browser(client, account_id, strong=False)
    weak, hers = await bearer(account_id, strong=False), await bearer(other, strong=False)
    program = await make_program()
    as_owner(
        "insert into identity.token_family (id, account_id, client_id, scopes, strong, signed_in_at, created_at,"
        f" last_used_at, expires_at) values (gen_random_uuid(), '{account_id}', '{program.id}', '{{profile.read}}', false,"
        " now(), now(), now(), now() + interval '1 day')"
    )
    async with new_client(gateway) as thief:
        await sign_in_browser(thief, account_id, strong=False)
        if factor == "app":
            await post(client, f"{PAGE}/app/new")
            code = code_of(await read(totp.find_unconfirmed_secret, account_id))
            page = await post(client, f"{PAGE}/app", code=code)
        else:
            options = (await client.get(f"{PAGE}/passkeys/options")).json()
            page = await post(client, f"{PAGE}/passkeys", credential=Authenticator().create(options), name="Key")
        assert "Everywhere else you are signed out" in page.text
        assert (await thief.get(PAGE)).status_code == 303
    assert (await client.get("/api/v1/me", headers=weak)).status_code == 401
    assert (await client.get("/api/v1/me", headers=hers)).status_code == 200
    assert [row.strong for row in await rows("session")] == [True]
    left = {row.client_id for row in await rows("token_family") if row.account_id == account_id}
    assert left == (set() if is_staff else {program.id})


async def test_a_second_factor_more_ends_nobody(client, gateway, rows):
    account_id = await make_account()
    await set_up_passkey(client, account_id)
    await sign_in_browser(client, account_id)
    async with new_client(gateway) as phone:
        await sign_in_browser(phone, account_id)
        await post(client, f"{PAGE}/app/new")
        await post(client, f"{PAGE}/app", code=code_of(await read(totp.find_unconfirmed_secret, account_id)))
        assert (await phone.get(PAGE)).status_code == 200


async def test_there_are_no_recovery_codes_without_a_factor(client, account_id, rows):
    assert (await post(client, f"{PAGE}/recovery-codes")).status_code == 303
    assert await rows("recovery_code") == []


async def test_a_session_that_never_showed_the_factor_may_not_take_it_away(client, rows):
    account_id = await make_account()
    await set_up_app(client, account_id)
    from tests.factories.factors import weak_session

    await weak_session(client, account_id)
    for path in (f"{PAGE}/app/remove", f"{PAGE}/recovery-codes"):
        answer = await post(client, path)
        assert answer.headers["location"].startswith("/account/confirm?next=")
    assert len(await rows("totp")) == 1


async def test_staff_without_a_factor_are_led_to_set_one_up(client, required):
    await sign_in_browser(client, await make_account(permissions=("*",)), strong=False)
    answer = await client.get("/admin/orders")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{PAGE}?setup=1&next=%2Fadmin%2Forders",
    )
    page = await client.get(answer.headers["location"])
    assert "Staff need a second factor" in page.text


async def test_staff_are_let_in_once_they_have_set_one_up(client, required):
    account_id = await make_account(permissions=("*",))
    await sign_in_browser(client, account_id, strong=False)
    await post(client, f"{PAGE}/app/new")
    secret = await read(totp.find_unconfirmed_secret, account_id)
    await post(client, f"{PAGE}/app", code=code_of(secret))
    assert (await client.get("/admin/orders")).status_code == 200


async def test_staff_with_a_weak_token_are_told_so_by_the_api(client, required):
    headers = await bearer(await make_account(permissions=("*",)), strong=False)
    answer = await client.get("/api/v1/admin/orders", headers=headers)
    if answer.status_code == 404:
        pytest.fail("the route of this test is gone: take another of staff")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


async def test_staff_may_not_remove_their_last_factor_while_they_need_one(client, required, rows):
    account_id = await make_account(permissions=("*",))
    await set_up_app(client, account_id)
    await set_up_passkey(client, account_id)
    await sign_in_browser(client, account_id)
    [key] = await rows("passkey")
    await post(client, f"{PAGE}/passkeys/{key.id}/remove")
    assert await rows("passkey") == []
    await post(client, f"{PAGE}/app/remove")
    assert len(await rows("totp")) == 1
    assert "Staff need a second factor" in (await client.get(PAGE)).text


async def test_factors_that_were_reset_end_every_session_and_ask_for_the_password_alone(client, rows):
    account_id = await make_account()
    await set_up_app(client, account_id)
    await set_up_passkey(client, account_id)
    await sign_in_browser(client, account_id)
    await write(reset_factors, account_id)
    assert (await client.get("/account")).status_code == 303
    for table in ("totp", "passkey", "recovery_code"):
        assert await rows(table) == []
    client.cookies.clear()
    answer = await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD})
    assert answer.headers["location"] == "/account"
