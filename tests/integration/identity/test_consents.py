"""Consent: nothing without a yes, every yes and no with its time, taken back as easily as given."""

import pytest

from tests.factories.identity import PASSWORD, bearer, make_account, mint, sign_in_browser

CONSENTS = "/api/v1/me/consents"


@pytest.fixture
async def ada(db):
    return await make_account()


async def given(client, headers):
    return {each["purpose"]: each["given"] for each in (await client.get(CONSENTS, headers=headers)).json()["items"]}


async def test_nobody_agrees_by_having_an_account(client, ada):
    answer = await client.get(CONSENTS, headers=await bearer(ada))
    assert [(each["given"], each["at"]) for each in answer.json()["items"]] == [(False, None), (False, None)]


async def test_every_change_of_mind_is_kept_and_a_repetition_is_none(client, ada, rows):
    headers = await bearer(ada)
    for wanted in ({"newsletter": True}, {"newsletter": True}, {}, {"newsletter": False, "recommendations": True}):
        assert (await client.put(CONSENTS, json=wanted, headers=headers)).status_code == 200
    assert await given(client, headers) == {"newsletter": False, "recommendations": True}
    history = sorted((each.purpose, each.at, each.given) for each in await rows("consent"))
    told = [(purpose, yes) for purpose, _, yes in history]
    assert told == [("newsletter", True), ("newsletter", False), ("recommendations", True)]


@pytest.mark.parametrize("body", [{"newsletter": "yes"}, {"newsletter": None}, {"newsletter": 1}])
async def test_what_is_no_yes_or_no_is_refused(client, ada, rows, body):
    assert (await client.put(CONSENTS, json=body, headers=await bearer(ada))).status_code == 422
    assert await rows("consent") == []


async def test_the_form_gives_and_takes_back(client, ada, rows):
    await sign_in_browser(client, ada)
    page = (await client.get("/account/privacy")).text
    assert "checked" not in page.partition('name="newsletter"')[2].partition(">")[0]
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    await client.post("/account/privacy", data={"csrf_token": token, "newsletter": "on"})
    page = (await client.get("/account/privacy")).text
    assert "checked" in page.partition('name="newsletter"')[2].partition(">")[0]
    assert "Newsletter: yes" in page
    await client.post("/account/privacy", data={"csrf_token": token})
    assert "Newsletter: no" in (await client.get("/account/privacy")).text
    assert [each.given for each in sorted(await rows("consent"), key=lambda each: each.at)] == [True, False]


@pytest.mark.parametrize(("ticked", "kept"), [({}, []), ({"newsletter": "true"}, [("newsletter", True)])])
async def test_the_box_at_sign_up_is_empty_and_counts_when_ticked(client, rows, ticked, kept):
    box = (await client.get("/signup")).text.partition('name="newsletter"')[2].partition(">")[0]
    assert "checked" not in box
    form = {"email": "new@example.com", "password": PASSWORD, "name": "New", **ticked}
    assert (await client.post("/signup", data=form)).status_code == 303
    assert [(each.purpose, each.given) for each in await rows("consent")] == kept


async def test_who_signs_up_again_before_confirming_decides_anew(client, rows):
    for newsletter in (True, False):
        who = {"email": "new@example.com", "password": PASSWORD, "name": "New", "newsletter": newsletter}
        assert (await client.post("/api/v1/auth/signup", json=who)).status_code == 202
    assert await rows("consent") == [], "whoever said yes may be somebody else, and left no trace in this one's history"


async def said_yes_for_ada(client, facts):
    """Somebody signs up with her address, and ticks the box."""
    who = {"email": "ada@example.com", "password": "a stranger's password", "name": "Eve", "newsletter": True}
    assert (await client.post("/api/v1/auth/signup", json=who)).status_code == 202
    return facts[0].account_id


async def test_a_yes_of_whoever_signed_up_is_gone_once_the_addresss_owner_resets_the_password(client, facts, rows):
    account_id = await said_yes_for_ada(client, facts)
    body = {"token": await mint("reset", account_id), "password": "a password of her own"}
    assert (await client.post("/api/v1/auth/password/reset", json=body)).status_code == 200
    assert [account.verified_at is not None for account in await rows("account")] == [True]
    assert await rows("consent") == []


async def test_a_yes_of_whoever_signed_up_is_gone_once_the_addresss_owner_is_invited(client, facts, rows):
    await said_yes_for_ada(client, facts)
    boss = await bearer(await make_account("boss@example.com", permissions=("*",)))
    body = {"email": "ada@example.com", "name": "Ada", "roles": ["viewer"]}
    assert (await client.post("/api/v1/admin/staff", json=body, headers=boss)).status_code in {200, 201}
    assert await rows("consent") == []


async def test_ones_own_yes_outlives_a_reset(client, ada, rows):
    headers = await bearer(ada)
    assert (await client.put(CONSENTS, json={"newsletter": True}, headers=headers)).status_code == 200
    body = {"token": await mint("reset", ada), "password": "a password of her own"}
    assert (await client.post("/api/v1/auth/password/reset", json=body)).status_code == 200
    assert [each.given for each in await rows("consent")] == [True]


async def test_a_stranger_who_signs_up_with_a_known_address_changes_no_consent(client, ada, rows):
    who = {"email": "ada@example.com", "password": PASSWORD, "name": "Eve", "newsletter": True}
    assert (await client.post("/api/v1/auth/signup", json=who)).status_code == 202
    assert await rows("consent") == []
