"""Guessing: each failure makes the next try wait longer, for everybody but the browsers that the account knows."""

import random
import uuid

import httpx
import pytest

from shop.kernel.http.ratelimit import note_failure
from shop.modules.identity.known_devices import cookie_name
from tests.factories.factors import code_of, set_up_app, set_up_passkey
from tests.factories.identity import AUTH, PASSWORD, make_account, mint

pytestmark = pytest.mark.usefixtures("rate_limits", "quick")
WRONG = "a wrong password"
AFTER_RESET = "another long one"


@pytest.fixture(autouse=True)
def right_passwords(quick, monkeypatch):
    """Hashing takes so long that short waits would be over."""
    from shop.modules.identity import credentials
    from shop.modules.identity.passwords import Verdict

    async def checked(password: str, stored: str | None) -> Verdict:
        return Verdict(right=stored is not None and password in {PASSWORD, AFTER_RESET})

    monkeypatch.setattr(credentials, "check_password", checked)


@pytest.fixture
def new_browser(gateway):
    """Each on a network of its own."""

    def make() -> httpx.AsyncClient:
        network = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
        transport = httpx.ASGITransport(app=gateway, client=(network, 40_000))
        origin = "http://testserver"
        return httpx.AsyncClient(transport=transport, base_url=origin, headers={"origin": origin})

    return make


@pytest.fixture
async def client(db, new_browser):
    async with new_browser() as made:
        yield made


@pytest.fixture(autouse=True)
def changing_address(monkeypatch):
    """Every request comes from somewhere else: what is counted here is the account."""
    from shop.modules.identity import credentials
    from shop.modules.identity.pages import passkeys

    for module in (credentials, passkeys):
        monkeypatch.setattr(module, "address_of", lambda _request: uuid.uuid4().hex)


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def csrf_of(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def sign_in(client, email: str, password: str = PASSWORD):
    return await client.post("/signin", data={"email": email, "password": password})


async def lock(email: str) -> None:
    """As strangers do, from as many places as it takes; for minutes."""
    for _ in range(12):
        await note_failure(f"signin {email}")


def forget_all_but_the_device(client) -> None:
    kept = client.cookies.get(cookie_name())
    client.cookies.clear()
    if kept:
        client.cookies.set(cookie_name(), kept, domain="testserver.local")


async def test_the_fifth_failure_makes_the_next_try_wait_wherever_it_comes_from(client, email):
    await make_account(email)
    for _ in range(5):
        answer = await client.post(f"{AUTH}/signin", json={"email": email, "password": WRONG})
        assert answer.status_code == 401
    answer = await client.post(f"{AUTH}/signin", json={"email": email.upper(), "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 4


async def test_locked_looks_the_same_whether_or_not_there_is_an_account(client, email):
    await make_account(email)
    unknown = f"{uuid.uuid4().hex}@example.com"
    bodies = [{"email": each, "password": WRONG} for each in (email, unknown) for _ in range(8)]
    answers = [(await client.post(f"{AUTH}/signin", json=body)).status_code for body in bodies]
    assert answers == [401, 401, 401, 401, 401, 429, 429, 429] * 2


async def test_the_right_password_begins_the_count_anew(client, email):
    await make_account(email)
    for _ in range(3):
        for _ in range(4):
            await client.post(f"{AUTH}/signin", json={"email": email, "password": WRONG})
        assert (await client.post(f"{AUTH}/signin", json={"email": email, "password": PASSWORD})).status_code == 200


async def test_the_owners_own_browser_passes_a_lock_that_strangers_caused(client, email, new_browser):
    await make_account(email)
    assert (await sign_in(client, email)).status_code == 303
    forget_all_but_the_device(client)
    async with new_browser() as stranger:
        await lock(email)
        assert (await sign_in(client, email)).status_code == 303
        assert (await sign_in(stranger, email)).status_code == 429


async def test_a_known_browser_waits_for_its_own_failures(client, email):
    await make_account(email)
    await sign_in(client, email)
    forget_all_but_the_device(client)
    for _ in range(5):
        assert (await sign_in(client, email, WRONG)).status_code == 422
    assert (await sign_in(client, email)).status_code == 429


async def test_a_browser_known_to_one_account_is_a_stranger_to_another(client, email):
    await make_account(email)
    other = f"{uuid.uuid4().hex}@example.com"
    await make_account(other)
    await sign_in(client, other)
    forget_all_but_the_device(client)
    await lock(email)
    assert (await sign_in(client, email)).status_code == 429


@pytest.mark.parametrize("made_up", ["", "x", "A" * 75, "é", "=" * 99])
async def test_a_made_up_cookie_makes_nobody_known(client, email, made_up):
    await make_account(email)
    await lock(email)
    client.cookies.set(cookie_name(), made_up.encode("ascii", "ignore").decode(), domain="testserver.local")
    assert (await sign_in(client, email)).status_code == 429


async def test_the_cookie_is_for_no_script_and_says_nothing_of_whose_it_is(client, email):
    account_id = await make_account(email)
    answer = await sign_in(client, email)
    [cookie] = [each for each in answer.headers.get_list("set-cookie") if each.startswith(cookie_name())]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert account_id.hex not in cookie
    assert "set-cookie" not in (await sign_in(client, email, WRONG)).headers


async def test_a_passkey_passes_every_lock(client, email):
    device = await set_up_passkey(client, await make_account(email))
    await lock(email)
    asked = (await client.get("/signin/passkey/options")).json()
    assert (await client.post("/signin/passkey", data={"credential": device.get(asked)})).status_code == 303


async def test_the_link_of_a_mail_ends_the_lock_for_the_browser_that_used_it(client, email):
    account_id = await make_account(email)
    await lock(email)
    answer = await client.post(f"/reset/{await mint('reset', account_id)}", data={"password": AFTER_RESET})
    assert answer.status_code == 303
    await lock(email)
    client.cookies.delete("shop_session")
    assert (await sign_in(client, email, AFTER_RESET)).status_code == 303


async def test_the_link_of_a_mail_makes_no_browser_known_before_the_second_factor_was_shown(client, email, new_browser):
    """Whoever got into the owner's mailbox would else have tries of their own at the codes."""
    account_id = await make_account(email)
    await set_up_app(client, account_id)
    async with new_browser() as thief:
        answer = await thief.post(f"/reset/{await mint('reset', account_id)}", data={"password": AFTER_RESET})
        assert answer.status_code == 303
        assert cookie_name() not in thief.cookies
        await sign_in(thief, email, AFTER_RESET)
        assert cookie_name() not in thief.cookies


async def test_codes_are_guessed_as_slowly_from_wherever(client, email, new_browser):
    secret, codes = await set_up_app(client, await make_account(email))
    tried = []
    for _ in range(7):
        answer = await client.post(f"{AUTH}/signin", json={"email": email, "password": PASSWORD, "code": "000000"})
        tried.append(answer.status_code)
    assert tried == [401] * 5 + [429] * 2
    answer = await client.post(f"{AUTH}/signin", json={"email": email, "password": PASSWORD, "code": code_of(secret)})
    assert answer.status_code == 429
    async with new_browser() as other:
        await sign_in(other, email)
        token = csrf_of((await other.get("/signin/code")).text)
        answer = await other.post("/signin/code", data={"csrf_token": token, "recovery_code": codes[0]})
        assert answer.status_code == 429


async def test_a_browser_that_is_known_may_send_a_code_while_strangers_guess(client, email, new_browser):
    secret, codes = await set_up_app(client, await make_account(email))
    await sign_in(client, email)
    token = csrf_of((await client.get("/signin/code")).text)
    await client.post("/signin/code", data={"csrf_token": token, "recovery_code": codes[0]})
    forget_all_but_the_device(client)
    async with new_browser() as stranger:
        for _ in range(7):
            body = {"email": email, "password": PASSWORD, "code": "000000"}
            await stranger.post(f"{AUTH}/signin", json=body)
    await sign_in(client, email)
    token = csrf_of((await client.get("/signin/code")).text)
    assert (await client.post("/signin/code", data={"csrf_token": token, "code": code_of(secret)})).status_code == 303
