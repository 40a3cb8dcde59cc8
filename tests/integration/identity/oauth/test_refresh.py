"""Refresh tokens of programs: each good once, for its own program, for no more than was given."""

import asyncio
from datetime import timedelta

import pytest

from shop.kernel import clock
from tests.factories.identity import AUTH, PASSWORD
from tests.factories.oauth import bearing, make_program


async def me(api, tokens) -> int:
    return (await api.get("/api/v1/me", headers=bearing(tokens))).status_code


def refused(answer, error: str = "invalid_grant") -> bool:
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    return "access_token" not in answer.text


@pytest.mark.parametrize("confidential", [True, False])
async def test_each_is_good_once_and_gives_the_next(browser, api, confidential):
    program = await make_program(confidential=confidential)
    first = await program.tokens(browser)
    second = (await program.refresh(api, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert await me(api, second) == 200
    third = await program.refresh(api, second["refresh_token"])
    assert third.status_code == 200
    assert (third.headers["cache-control"], third.headers["pragma"]) == ("no-store", "no-cache")


@pytest.mark.parametrize("confidential", [True, False])
async def test_one_that_comes_twice_ends_the_family(browser, api, rows, confidential):
    program = await make_program(confidential=confidential)
    first = await program.tokens(browser)
    second = (await program.refresh(api, first["refresh_token"])).json()
    assert refused(await program.refresh(api, first["refresh_token"]))
    assert await me(api, second) == 401
    assert refused(await program.refresh(api, second["refresh_token"]))
    assert await rows("token_family") == []


async def test_used_by_many_at_once_it_gives_one_pair_and_that_ends(browser, api, rows):
    program = await make_program()
    for _ in range(4):
        tokens = await program.tokens(browser)
        answers = await asyncio.gather(*(program.refresh(api, tokens["refresh_token"]) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert await me(api, won) == 401
        assert await rows("token_family") == []


async def test_presented_by_another_program_it_was_stolen(browser, api):
    program, thief = await make_program(), await make_program(confidential=False)
    tokens = await program.tokens(browser)
    assert refused(await thief.refresh(api, tokens["refresh_token"]))
    assert await me(api, tokens) == 401


async def test_scopes_only_narrow_and_for_that_one_access_token(browser, api):
    program = await make_program("profile.read", "profile.write", "addresses.read")
    tokens = await program.tokens(browser, scope="profile.read profile.write")
    for wider in ("profile.read addresses.read", "addresses.read", "orders.read", "*"):
        assert refused(await program.refresh(api, tokens["refresh_token"], scope=wider), "invalid_scope")
    narrow = (await program.refresh(api, tokens["refresh_token"], scope="profile.read")).json()
    assert narrow["scope"] == "profile.read"
    change = await api.patch("/api/v1/me", json={"name": "Ada"}, headers=bearing(narrow))
    assert (change.status_code, change.json()["code"]) == (403, "insufficient_scope")
    wide = (await program.refresh(api, narrow["refresh_token"])).json()
    assert wide["scope"] == "profile.read profile.write", "what was given stays given (RFC 6749, 6)"
    assert (await api.patch("/api/v1/me", json={"name": "Ada"}, headers=bearing(wide))).status_code == 200


async def test_what_a_program_lost_since_is_not_renewed(browser, api):
    from shop.kernel.db import write
    from shop.kernel.http.principals import Principal
    from shop.modules.identity.service.oauth import clients

    program = await make_program("profile.read", "profile.write")
    tokens = await program.tokens(browser, scope="profile.read profile.write")
    kept = await program.tokens(browser, scope="profile.read")
    owner = Principal(tokens_owner(), "", "", is_staff=True, permissions=frozenset({"*"}))
    await write(clients.change, owner, program.id, scopes=("profile.read",))
    assert await me(api, tokens) == 401
    assert refused(await program.refresh(api, tokens["refresh_token"]))
    assert await me(api, kept) == 200


def tokens_owner():
    from uuid import uuid4

    return uuid4()


async def test_it_is_good_for_thirty_days_and_the_family_for_ninety(browser, api):
    program = await make_program()
    tokens = await program.tokens(browser)
    for days in (29, 58, 87):
        with clock.shifted(timedelta(days=days)):
            answer = await program.refresh(api, tokens["refresh_token"])
            assert answer.status_code == 200, days
            tokens = answer.json()
    with clock.shifted(timedelta(days=91)):
        assert refused(await program.refresh(api, tokens["refresh_token"]))
    late = await program.tokens(browser)
    with clock.shifted(timedelta(days=31)):
        assert refused(await program.refresh(api, late["refresh_token"]))


async def test_tokens_of_programs_and_of_the_shops_own_front_do_not_mix(browser, api):
    program = await make_program(confidential=False)
    tokens = await program.tokens(browser)
    answer = await api.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert answer.status_code == 401
    assert await me(api, tokens) == 200
    own = (await api.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})).json()
    assert refused(await program.refresh(api, own["refresh_token"]))
    assert await me(api, own) == 200
    assert refused(await program.refresh(api, tokens["access_token"]))


async def test_a_program_is_no_person(browser, api):
    """It changes no password, makes no key, registers no program, signs nobody out elsewhere."""
    program = await make_program("profile.read", "profile.write", "addresses.write")
    headers = bearing(await program.tokens(browser, scope=None))
    key = {"name": "Mine", "scopes": ["profile.read"]}
    assert (await api.post("/api/v1/me/api-keys", json=key, headers=headers)).status_code == 403
    assert (await api.post(f"{AUTH}/signout", headers=headers)).status_code == 403
    assert (await api.get("/account", headers=headers)).status_code == 303
