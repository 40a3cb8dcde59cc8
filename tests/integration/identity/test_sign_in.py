"""Signing in: who gets in, what the refusals don't tell, what happens with the guest's things."""

import asyncio
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher

from shop.contracts.identity import AccountId, SignInStep, WrongCredentials
from shop.kernel import ports
from shop.kernel.db import write
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service import change_password
from shop.modules.identity.service.api_sessions import open_api_session
from shop.modules.identity.service.sign_in import open_session
from tests.factories.identity import AUTH, PASSWORD, bearer, hash_of, make_account, mint, proof_of, sign_in_browser

SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}


class Step:
    """Takes notes of sign-ins; brings the account's cart, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.seen: list[tuple[AccountId, dict[str, Any]]] = []
        self.error = error

    async def when_signed_in(self, uow: UnitOfWork, account_id: AccountId, session: dict[str, Any]) -> None:
        self.seen.append((account_id, dict(session)))
        if self.error:
            raise self.error
        session["cart"] = "the-merged-cart"


class HeldUp:
    """A step that waits in the middle of a sign-in until it is told to go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def when_signed_in(self, uow: UnitOfWork, account_id: AccountId, session: dict[str, Any]) -> None:
        self.reached.set()
        await self.go_on.wait()


@pytest.fixture
def only_step(monkeypatch):
    """Puts one step in the place of all."""

    def install(step):
        monkeypatch.setitem(ports._many, SignInStep, {"test": step})
        return step

    return install


async def test_the_right_password_gives_an_access_and_a_refresh_token(client):
    await make_account()
    answer = await client.post(f"{AUTH}/signin", json=SIGN_IN)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert (body["access_token"].count("."), len(body["refresh_token"])) == (2, 32)
    assert answer.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in answer.headers


async def test_the_address_may_be_written_in_any_case(client):
    await make_account("Ada@example.com")
    assert (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "email": "aDA@EXAMPLE.com"})).status_code == 200


async def test_unknown_wrong_and_unconfirmed_are_refused_in_the_same_words(client, rows):
    await make_account()
    await make_account("waiting@example.com", verified=False)
    tries = [
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "ada@example.com", "password": "wrong password"},
        {"email": "waiting@example.com", "password": PASSWORD},
        {"email": "not an address", "password": PASSWORD},
    ]
    answers = [await client.post(f"{AUTH}/signin", json=each) for each in tries]
    assert {answer.status_code for answer in answers} == {401}
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert told == [told[0]] * len(tries)
    assert await rows("token_family") == []


async def test_a_weak_old_hash_is_replaced_at_sign_in(client, real_hashes, rows):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await make_account(password_hash=weak)
    assert (await client.post(f"{AUTH}/signin", json=SIGN_IN)).status_code == 200
    [account] = await rows("account")
    assert "m=65536,t=3,p=1" in account.password_hash
    assert (await client.post(f"{AUTH}/signin", json=SIGN_IN)).status_code == 200


async def test_a_password_changed_while_it_was_being_checked_lets_nobody_in(db, rows):
    account_id = await make_account()
    proof = msgspec.structs.replace(await proof_of(account_id), version=0)
    with pytest.raises(WrongCredentials):
        await write(open_session, proof, None, {})
    with pytest.raises(WrongCredentials):
        await write(open_api_session, proof, None)
    assert (await rows("session"), await rows("token_family")) == ([], [])


async def test_a_sign_in_under_way_while_the_password_is_reset_does_not_outlive_it(db, rows, only_step):
    step = only_step(HeldUp())
    account_id = await make_account()
    link = await mint("reset", account_id)
    for sign_in in (
        lambda proof: write(open_api_session, proof, None),
        lambda proof: write(open_session, proof, None, {}),
    ):
        signing_in = asyncio.create_task(sign_in(await proof_of(account_id)))
        await step.reached.wait()
        resetting = asyncio.create_task(write(change_password.reset_password, link, hash_of()))
        await asyncio.wait({resetting}, timeout=0.4)
        step.go_on.set()
        await asyncio.gather(signing_in, resetting)
        assert (await rows("token_family"), await rows("session")) == ([], [])
        link = await mint("reset", account_id)
        step.reached.clear()
        step.go_on.clear()


async def test_a_guests_cart_comes_along_to_the_api(client, only_step):
    step = only_step(Step())
    account_id = await make_account()
    answer = await client.post(f"{AUTH}/signin", json={**SIGN_IN, "cart_id": "guest-cart"})
    assert step.seen == [(account_id, {"cart": "guest-cart"})]
    assert answer.json()["cart_id"] == "the-merged-cart"


async def test_a_sign_in_whose_step_fails_leaves_nothing_behind(client, only_step, rows):
    only_step(Step(RuntimeError("the cart could not be merged")))
    await make_account()
    assert (await client.post(f"{AUTH}/signin", json=SIGN_IN)).status_code == 500
    assert (await client.post("/signin", data=SIGN_IN)).status_code == 500
    assert (await rows("token_family"), await rows("session")) == ([], [])


async def test_the_sign_in_page_leads_a_customer_to_the_account(client):
    await make_account()
    answer = await client.post("/signin", data=SIGN_IN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = await client.get("/account")
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text


async def test_the_sign_in_page_leads_staff_to_the_back_office(client):
    await make_account(permissions=("*",))
    assert (await client.post("/signin", data=SIGN_IN)).headers["location"] == "/admin"


async def test_the_sign_in_page_leads_back_to_where_one_came_from(client):
    await make_account()
    sent_away = await client.get("/account?tab=2")
    assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/signin?next=%2Faccount%3Ftab%3D2")
    page = await client.get(sent_away.headers["location"])
    assert 'name="next" value="/account?tab=2"' in page.text
    answer = await client.post("/signin", data={**SIGN_IN, "next": "/account?tab=2"})
    assert answer.headers["location"] == "/account?tab=2"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
async def test_a_link_to_the_sign_in_page_can_not_lead_to_another_site(client, target):
    await make_account()
    page = await client.get("/signin", params={"next": target})
    assert page.status_code == 200
    assert "evil" not in page.text
    assert "alert(1)" not in page.text
    answer = await client.post("/signin", data={**SIGN_IN, "next": target})
    assert answer.headers["location"] == "/account"


async def test_somebody_signed_in_is_led_on_from_the_sign_in_page(client):
    await sign_in_browser(client, await make_account())
    answer = await client.get("/signin", params={"next": "/cart"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")


async def test_the_page_keeps_the_address_but_never_the_password_of_a_failed_try(client):
    answer = await client.post("/signin", data={"email": "ada@example.com", "password": "secret-and-wrong"})
    assert answer.status_code == 422
    assert 'value="ada@example.com"' in answer.text
    assert "secret-and-wrong" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_session_gets_a_new_token_at_sign_in_and_the_old_one_is_worth_nothing(client, rows, only_step):
    step = only_step(Step())
    account_id = await make_account()
    guests = await _guest_session(client, {"cart": "guest-cart", "orders": ["o1"]})
    answer = await client.post("/signin", data={**SIGN_IN, "csrf_token": await _csrf_of(client, "/signin")})
    assert answer.status_code == 303
    [session] = await rows("session")
    assert session.token_hash == token_hash(client.cookies["shop_session"])
    assert session.token_hash != token_hash(guests)
    assert session.account_id == account_id
    assert step.seen == [(account_id, {"cart": "guest-cart", "orders": ["o1"]})]
    assert session.data == {"cart": "the-merged-cart", "orders": ["o1"]}


async def test_a_token_of_the_clients_choice_is_never_taken_up(client, rows):
    await make_account()
    chosen = "chosen-by-an-attacker-0123456789"
    client.cookies.set("shop_session", chosen, domain="testserver.local")
    await client.post("/signin", data=SIGN_IN)
    [session] = await rows("session")
    assert session.token_hash != token_hash(chosen)
    assert client.cookies["shop_session"] != chosen


async def test_the_things_of_another_account_do_not_come_along(client, only_step):
    step = only_step(Step())
    other = await make_account("grace@example.com")
    await sign_in_browser(client, other, {"orders": ["o-of-grace"]})
    step.seen.clear()
    account_id = await make_account()
    await client.post("/signin", data={**SIGN_IN, "csrf_token": await _csrf_of(client, "/account")})
    assert step.seen == [(account_id, {})]


async def test_the_cookie_can_be_read_by_no_script_and_comes_from_no_other_site(client):
    await make_account()
    cookie = (await client.post("/signin", data=SIGN_IN)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_signing_in_from_another_site_is_refused(client, rows):
    await make_account()
    answer = await client.post("/signin", data=SIGN_IN, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await rows("session") == []


async def test_a_customer_is_no_staff_and_a_permission_is_needed(client):
    customer = await bearer(await make_account())
    answer = await client.get("/api/v1/me", headers=customer)
    assert (answer.json()["is_staff"], answer.json()["permissions"]) == (False, [])


async def _guest_session(client, data) -> str:
    from shop.kernel.http.sessions import SessionStore

    token = await write(ports.port(SessionStore).save_session, None, data)
    client.cookies.set("shop_session", token, domain="testserver.local")
    return token


async def _csrf_of(client, path) -> str:
    page = (await client.get(path)).text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
