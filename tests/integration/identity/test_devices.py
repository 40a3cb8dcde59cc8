"""Where an account is signed in: its owner sees it, ends one or all others, and nobody sees or ends another's."""

from datetime import timedelta

import pytest

from shop.kernel import clock
from shop.kernel.ids import new_id
from tests.conftest import new_client
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, sign_in_browser

SESSIONS = "/api/v1/me/sessions"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


async def csrf_of(client, path="/account/devices") -> str:
    return (await client.get(path)).text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def listed(client, headers):
    answer = await client.get(SESSIONS, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_browsers_and_tokens_are_listed_with_the_callers_own_marked(client, gateway):
    account_id = await make_account()
    async with new_client(gateway) as browser:
        signed_in = await browser.post(
            "/signin", data={"email": "ada@example.com", "password": PASSWORD}, headers={"user-agent": FIREFOX}
        )
        assert signed_in.status_code == 303
    headers = await bearer(account_id)
    found = {place["kind"]: place for place in await listed(client, headers)}
    assert set(found) == {"session", "tokens"}
    assert (found["session"]["device"], found["session"]["current"]) == ("Firefox on Windows", False)
    assert (found["session"]["methods"], found["session"]["network"]) == (["password"], "127.0.0.0/24")
    assert found["tokens"]["current"] is True


async def test_the_page_shows_the_same_in_words(client, gateway):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    async with new_client(gateway) as phone:
        sign_in = {"email": "ada@example.com", "password": PASSWORD}
        await phone.post("/signin", data=sign_in, headers={"user-agent": FIREFOX})
    page = (await client.get("/account/devices")).text
    assert "This device" in page
    assert "Firefox on Windows" in page
    assert "127.0.0.0/24" in page


async def test_ending_one_ends_just_that(client, gateway):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    headers = await bearer(account_id)
    [place] = [place for place in await listed(client, headers) if place["kind"] == "session"]
    assert (await client.delete(f"{SESSIONS}/{place['id']}", headers=headers)).status_code == 204
    assert (await client.get("/account")).status_code == 303
    assert [each["kind"] for each in await listed(client, headers)] == ["tokens"]
    assert (await client.delete(f"{SESSIONS}/{place['id']}", headers=headers)).status_code == 404


async def test_ended_tokens_open_nothing_and_renew_nothing(client):
    await make_account()
    sign_in = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})
    tokens = sign_in.json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    [place] = await listed(client, headers)
    assert (await client.delete(f"{SESSIONS}/{place['id']}", headers=headers)).status_code == 204
    assert (await client.get(SESSIONS, headers=headers)).status_code == 401
    renewed = await client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert renewed.status_code == 401


async def test_all_others_end_and_this_one_stays(client, gateway, rows):
    account_id, other = await make_account(), await make_account("grace@example.com")
    await sign_in_browser(client, account_id)
    headers = await bearer(account_id)
    async with new_client(gateway) as phone, new_client(gateway) as hers:
        await sign_in_browser(phone, account_id)
        await sign_in_browser(hers, other)
        answer = await client.post("/account/devices/end-others", data={"csrf_token": await csrf_of(client)})
        assert answer.status_code == 303
        assert (await client.get("/account")).status_code == 200
        assert (await phone.get("/account")).status_code == 303
        assert (await hers.get("/account")).status_code == 200
    assert (await client.get(SESSIONS, headers=headers)).status_code == 401
    assert {row.account_id for row in await rows("session")} == {account_id, other}


async def test_all_others_end_over_the_api(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    kept, ended = await bearer(account_id), await bearer(account_id)
    assert (await client.delete(SESSIONS, headers=kept)).status_code == 204
    assert len(await listed(client, kept)) == 1
    assert (await client.get(SESSIONS, headers=ended)).status_code == 401
    assert (await client.get("/account")).status_code == 303


async def test_signing_out_the_own_device_leads_home_signed_out(client, rows):
    await sign_in_browser(client, await make_account())
    token = await csrf_of(client)
    [session] = await rows("session")
    answer = await client.post(f"/account/devices/{session.id}/end", data={"csrf_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await rows("session") == []


async def test_nobody_ends_or_sees_what_is_anothers(client, gateway, rows):
    ada, mallory = await make_account(), await make_account("mallory@example.com")
    await sign_in_browser(client, ada)
    headers = await bearer(mallory)
    [hers] = [row for row in await rows("session") if row.account_id == ada]
    assert (await client.delete(f"{SESSIONS}/{hers.id}", headers=headers)).status_code == 404
    assert str(hers.id) not in str(await listed(client, headers))
    async with new_client(gateway) as theirs:
        await sign_in_browser(theirs, mallory)
        token = await csrf_of(theirs)
        await theirs.post(f"/account/devices/{hers.id}/end", data={"csrf_token": token})
    assert (await client.get("/account")).status_code == 200


async def test_one_that_never_was_is_not_found(client):
    headers = await bearer(await make_account())
    assert (await client.delete(f"{SESSIONS}/{new_id()}", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    ("permissions", "hours", "alive"),
    [((), 13, True), (("orders.view",), 11, True), (("orders.view",), 13, False)],
)
async def test_a_session_of_staff_ends_after_twelve_hours_without_a_visit(client, permissions, hours, alive):
    await sign_in_browser(client, await make_account(permissions=permissions))
    with clock.shifted(timedelta(hours=hours)):
        assert (await client.get("/account")).status_code == (200 if alive else 303)


@pytest.mark.parametrize(("permissions", "alive"), [((), True), (("orders.view",), False)])
async def test_a_session_of_staff_ends_after_seven_days_however_busy_it_is(client, permissions, alive):
    await sign_in_browser(client, await make_account(permissions=permissions))
    for hours in range(8, 7 * 24, 8):
        with clock.shifted(timedelta(hours=hours)):
            assert (await client.get("/account")).status_code == 200
    with clock.shifted(timedelta(days=7, minutes=1)):
        assert (await client.get("/account")).status_code == (200 if alive else 303)
