"""Passkeys: adding and removing them, signing in by one, and every answer that a device or a thief might give wrongly."""

import asyncio
import json
from datetime import timedelta

import pytest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from shop.kernel import clock
from tests.factories.factors import principal_behind, set_up_app, set_up_passkey
from tests.factories.identity import PASSWORD, make_account, sign_in_browser
from tests.fakes.authenticator import USER_PRESENT, Authenticator

OPTIONS = "/signin/passkey/options"
REFUSED = "That passkey did not work here"


def csrf_of(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def sign_in_by(client, answer: str, **fields: str):
    return await client.post("/signin/passkey", data={"credential": answer, **fields})


async def options(client) -> dict:
    return (await client.get(OPTIONS)).json()


@pytest.fixture
async def account_id(client):
    return await make_account()


@pytest.fixture
async def device(client, account_id) -> Authenticator:
    return await set_up_passkey(client, account_id)


async def refused(client, answer: str) -> None:
    reply = await sign_in_by(client, answer)
    assert reply.status_code == 422
    assert REFUSED in reply.text
    assert "set-cookie" not in reply.headers


async def test_a_passkey_signs_in_without_an_address_and_strongly(client, device, rows):
    answer = await sign_in_by(client, device.get(await options(client)), next="/account/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/orders")
    who = await principal_behind(client)
    assert (who.email, who.strong) == ("ada@example.com", True)
    [stored] = await rows("passkey")
    assert (stored.sign_count, stored.last_used_at is not None) == (1, True)


async def test_looking_at_the_sign_in_page_keeps_nothing(client, rows):
    answer = await client.get(OPTIONS)
    assert "set-cookie" not in answer.headers
    assert "no-store" in answer.headers["cache-control"]
    assert (answer.json()["rpId"], answer.json()["userVerification"]) == ("testserver", "required")
    assert answer.json()["allowCredentials"] == []
    assert (await rows("spent_challenge"), await rows("session")) == ([], [])


async def test_an_answer_counts_once(client, device):
    answer = device.get(await options(client))
    assert (await sign_in_by(client, answer)).status_code == 303
    client.cookies.clear()
    await refused(client, answer)


async def test_of_ten_equal_answers_at_once_one_counts_even_from_a_device_that_does_not_count(client, device):
    device.counts = False
    answer = device.get(await options(client))
    answers = await asyncio.gather(*(sign_in_by(client, answer) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [303] + [422] * 9


async def test_a_challenge_is_good_for_five_minutes(client, device, monkeypatch):
    answer = device.get(await options(client))
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    await refused(client, answer)


async def test_a_challenge_of_somebodys_own_making_is_refused(client, device):
    asked = await options(client)
    asked["challenge"] = bytes_to_base64url(bytes(64))
    await refused(client, device.get(asked))
    fresh = base64url_to_bytes((await options(client))["challenge"])
    late = (int.from_bytes(fresh[24:32]) + 3600).to_bytes(8)
    asked["challenge"] = bytes_to_base64url(fresh[:24] + late + fresh[32:])
    await refused(client, device.get(asked))


async def test_a_challenge_for_one_thing_is_no_good_for_another(client, account_id, device):
    await sign_in_browser(client, account_id)
    answer = device.get((await client.get("/account/confirm/passkey/options")).json())
    client.cookies.clear()
    await refused(client, answer)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"rp_id": "evil.example"},
        {"flags": USER_PRESENT},
        {"flags": 0},
        {"credential_id": bytes(32)},
        {"user_handle": bytes(16)},
        {"key": Authenticator().key},
    ],
    ids=lambda lie: next(iter(lie)),
)
async def test_a_device_that_lies_is_refused_in_the_same_words(client, device, lie):
    for name, value in lie.items():
        setattr(device, name, value)
    await refused(client, device.get(await options(client)))


async def test_a_copied_security_key_is_found_out_by_its_count(client, device):
    await sign_in_by(client, device.get(await options(client)))
    client.cookies.clear()
    await sign_in_by(client, device.get(await options(client)))
    client.cookies.clear()
    device.count = 1
    await refused(client, device.get(await options(client)))


async def test_of_copies_that_answer_at_once_with_one_count_one_gets_in(client, device):
    answers = []
    for _ in range(6):
        device.count = 0
        answers.append(device.get(await options(client)))
    replies = await asyncio.gather(*(sign_in_by(client, answer) for answer in answers))
    assert sorted(reply.status_code for reply in replies) == [303] + [422] * 5


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "null",
        "[]",
        "{}",
        '"text"',
        '{"rawId": 1, "response": {}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "e30"}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAxfQ"}}',
        '{"rawId": "é", "response": {"clientDataJSON": "{}"}}',
        "[" * 5000,
        '{"a":' * 3000,
    ],
)
async def test_an_answer_that_makes_no_sense_is_refused_in_the_same_words(client, answer):
    await refused(client, answer)


async def test_cut_and_changed_answers_are_refused(client, device, rows):
    whole = json.loads(device.get(await options(client)))
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        plain = base64url_to_bytes(whole["response"][part])
        for changed in (b"", plain[:-1], plain[: len(plain) // 2], plain[:-1] + bytes([plain[-1] ^ 1]), b"\xff" * 40):
            response = {**whole["response"], part: bytes_to_base64url(changed)}
            await refused(client, json.dumps({**whole, "response": response}))
    assert [row for row in await rows("session") if row.account_id and row.methods == ["passkey"]] == []


async def test_a_passkey_of_an_account_that_is_closed_opens_nothing(client, device, owner):
    owner.execute("update identity.account set closed_at = now()")
    await refused(client, device.get(await options(client)))


async def test_a_passkey_finishes_a_sign_in_that_a_password_began(client, device):
    await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD})
    token = csrf_of((await client.get("/signin/code")).text)
    answer = await sign_in_by(client, device.get(await options(client)), csrf_token=token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


async def test_signing_in_by_passkey_from_another_site_is_refused(client, device, rows):
    data = {"credential": device.get(await options(client))}
    answer = await client.post("/signin/passkey", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


async def add(client, device: Authenticator, name: str = "My phone"):
    asked = (await client.get("/account/security/passkeys/options")).json()
    token = csrf_of((await client.get("/account/security")).text)
    data = {"credential": device.create(asked), "name": name, "csrf_token": token}
    return await client.post("/account/security/passkeys", data=data), data


async def test_the_first_passkey_brings_recovery_codes_and_makes_the_session_strong(client, account_id, rows, facts):
    before = await sign_in_browser(client, account_id, strong=False)
    answer, _ = await add(client, Authenticator())
    assert answer.status_code == 200
    assert answer.text.count("<li><code>") == 10
    assert answer.headers["cache-control"] == "private, no-store"
    assert (await principal_behind(client)).strong
    assert client.cookies["shop_session"] != before
    [stored] = await rows("passkey")
    assert (stored.name, stored.transports, stored.account_id) == ("My phone", ["hybrid", "internal"], account_id)
    assert [(type(fact).__name__, fact.change) for fact in facts] == [("FactorsChanged", "passkey_added")]
    page = (await client.get("/account/security")).text
    assert "My phone" in page
    assert "10 left" in page


async def test_a_second_passkey_leaves_the_recovery_codes_as_they_are(client, account_id, device, rows):
    codes = await rows("recovery_code")
    await sign_in_browser(client, account_id)
    answer, _ = await add(client, Authenticator(), "Key on my ring")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")
    assert await rows("recovery_code") == codes
    assert len(await rows("passkey")) == 2


async def test_a_device_is_told_which_passkeys_there_are(client, account_id, device):
    await sign_in_browser(client, account_id)
    asked = (await client.get("/account/security/passkeys/options")).json()
    [present] = asked["excludeCredentials"]
    assert base64url_to_bytes(present["id"]) == device.credential_id
    assert base64url_to_bytes(asked["user"]["id"]) == account_id.bytes
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"


async def test_an_answer_adds_one_passkey_once(client, account_id, rows):
    await sign_in_browser(client, account_id)
    device = Authenticator()
    _, data = await add(client, device)
    data["csrf_token"] = csrf_of((await client.get("/account/security")).text)
    await client.post("/account/security/passkeys", data=data)
    assert len(await rows("passkey")) == 1


async def test_an_answer_made_in_one_session_adds_nothing_in_another(client, account_id, rows):
    await sign_in_browser(client, account_id)
    asked = (await client.get("/account/security/passkeys/options")).json()
    await sign_in_browser(client, await make_account("grace@example.com"))
    token = csrf_of((await client.get("/account/security")).text)
    data = {"credential": Authenticator().create(asked), "name": "x", "csrf_token": token}
    assert (await client.post("/account/security/passkeys", data=data)).status_code == 303
    assert await rows("passkey") == []


@pytest.mark.parametrize(
    "lie", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"flags": USER_PRESENT}]
)
async def test_a_device_that_lies_is_not_added(client, account_id, lie, rows):
    await sign_in_browser(client, account_id)
    device = Authenticator()
    for name, value in lie.items():
        setattr(device, name, value)
    await add(client, device)
    assert await rows("passkey") == []


async def test_the_passkey_of_one_account_is_not_added_to_another(client, account_id, device, rows):
    await sign_in_browser(client, await make_account("grace@example.com"))
    await add(client, device)
    assert [row.account_id for row in await rows("passkey")] == [account_id]


async def post(client, path: str, **fields: str):
    token = csrf_of((await client.get("/account/security")).text)
    return await client.post(path, data={"csrf_token": token, **fields})


async def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(client, account_id, device, rows):
    [stored] = await rows("passkey")
    await sign_in_browser(client, await make_account("grace@example.com"))
    path = f"/account/security/passkeys/{stored.id}"
    assert (await post(client, path, name="Mine")).status_code == 404
    assert (await post(client, f"{path}/remove")).status_code == 404
    assert [row.name for row in await rows("passkey")] == ["My phone"]
    await sign_in_browser(client, account_id)
    assert (await post(client, path, name="Blue phone")).status_code == 303
    assert [row.name for row in await rows("passkey")] == ["Blue phone"]
    assert (await post(client, f"{path}/remove")).status_code == 303
    assert await rows("passkey") == []
    client.cookies.clear()
    await refused(client, device.get(await options(client)))


async def test_with_the_last_factor_go_the_recovery_codes(client, account_id, device, rows):
    await set_up_app(client, account_id)
    await sign_in_browser(client, account_id)
    [stored] = await rows("passkey")
    await post(client, f"/account/security/passkeys/{stored.id}/remove")
    assert len(await rows("recovery_code")) == 10
    await post(client, "/account/security/app/remove")
    assert (await rows("totp"), await rows("recovery_code")) == ([], [])
    client.cookies.clear()
    answer = await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD})
    assert answer.headers["location"] == "/account"
