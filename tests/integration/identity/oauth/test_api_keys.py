"""API keys: made by their owner alone, told once, good for what was chosen and for no more than the owner may."""

import asyncio
from datetime import timedelta

import pytest

from shop.kernel import cache, clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.errors import NotSignedIn
from shop.kernel.http.principals import Principal
from shop.modules.identity.repository import accounts, staff
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service import api_keys
from shop.modules.identity.service.api_keys import MOST, PREFIX, is_whole, with_checksum
from tests.factories.identity import PASSWORD, bearer, make_account, mint
from tests.factories.oauth import bearing, csrf_in, make_program, signed_in_a_while_ago

KEYS = "/api/v1/me/api-keys"
WANTED = {"name": "Label printer", "scopes": ["profile.read"]}


@pytest.fixture
def second_factor_required(monkeypatch):
    monkeypatch.setenv("SHOP_STAFF_SECOND_FACTOR", "required")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def remembering(monkeypatch):
    """Verified tokens are remembered, as in a running shop."""
    monkeypatch.setattr(cache.principals, "trusted", True)
    yield
    cache.principals.clear()


async def make(api, headers, **changes) -> dict:
    answer = await api.post(KEYS, json={**WANTED, **changes}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def by(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def me(api, key: str) -> int:
    return (await api.get("/api/v1/me", headers=by(key))).status_code


async def test_a_key_opens_what_it_was_made_for_and_nothing_else(api, ada):
    made = await make(api, await bearer(ada))
    who = await api.get("/api/v1/me", headers=by(made["key"]))
    assert (who.status_code, who.json()["id"]) == (200, str(ada))
    change = await api.patch("/api/v1/me", json={"name": "Eve"}, headers=by(made["key"]))
    assert (change.status_code, change.json()["code"]) == (403, "insufficient_scope")
    for path in ("/api/v1/orders", KEYS, "/api/v1/admin/orders"):
        assert (await api.get(path, headers=by(made["key"]))).status_code == 403, path


async def test_it_is_told_once_and_only_its_hash_is_kept(api, ada, rows):
    headers = await bearer(ada)
    made = await make(api, headers)
    [stored] = await rows("api_key")
    assert stored.key_hash == token_hash(made["key"])
    assert made["key"] not in str(stored)
    listed = await api.get(KEYS, headers=headers)
    assert made["key"] not in listed.text
    [shown] = listed.json()["items"]
    assert (shown["name"], shown["hint"], shown["scopes"]) == ("Label printer", made["key"][-4:], ["profile.read"])


async def test_scanners_know_a_key_by_its_shape_and_its_checksum(api, ada):
    key = (await make(api, await bearer(ada)))["key"]
    assert key.startswith(PREFIX)
    assert len(key) == len(PREFIX) + 32 + 6
    assert is_whole(key)
    for wrong in (
        key[:-1],
        key + "0",
        key.swapcase(),
        key[:10] + ("a" if key[10] != "a" else "b") + key[11:],
        PREFIX,
        "",
    ):
        assert not is_whole(wrong)


async def test_what_is_mistyped_costs_no_statement(api, db, record_statements):
    with record_statements() as sent:
        for wrong in (f"{PREFIX}{'a' * 38}", f"{PREFIX}x", PREFIX, f"{PREFIX}{'a' * 3000}"):
            assert await me(api, wrong) == 401
    assert sent == []
    with record_statements() as sent:
        assert await me(api, with_checksum(f"{PREFIX}{'a' * 32}")) == 401
    assert len(sent) == 1


async def test_no_program_makes_itself_a_key(browser, api, ada):
    made = await make(api, await bearer(ada))
    tokens = await (await make_program()).tokens(browser)
    for headers in (by(made["key"]), bearing(tokens)):
        answer = await api.post(KEYS, json=WANTED, headers=headers)
        assert answer.status_code == 403


async def test_only_who_has_just_confirmed_makes_one(api, ada, rows):
    async with signed_in_a_while_ago(api, "ada@example.com") as headers:
        answer = await api.post(KEYS, json=WANTED, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
        assert await rows("api_key") == []
        assert (await api.get(KEYS, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["no.such.scope"]}, "scopes"),
        ({"scopes": ["*"]}, "scopes"),
        ({"scopes": ["profile.read", "profile.read"]}, "scopes"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2090-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2027-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
    ],
)
async def test_what_makes_no_key_is_named(api, ada, rows, changes, field):
    answer = await api.post(KEYS, json={**WANTED, **changes}, headers=await bearer(ada))
    assert answer.status_code == 422
    assert {error["field"].partition(".")[0].partition("[")[0] for error in answer.json()["errors"]} == {field}
    assert await rows("api_key") == []


async def test_nobody_gives_a_key_more_than_they_may(api, ada, rows):
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    for who, scope in ((ada, "orders.view"), (clerk, "staff.manage"), (clerk, "products.edit")):
        answer = await api.post(KEYS, json={**WANTED, "scopes": [scope]}, headers=await bearer(who))
        assert (answer.status_code, answer.json()["code"]) == (403, "rights_exceeded")
    assert await rows("api_key") == []
    made = await make(api, await bearer(clerk), scopes=["orders.view"])
    assert (await api.get("/api/v1/admin/orders", headers=by(made["key"]))).status_code == 200


async def test_a_key_loses_what_its_owner_loses(api):
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    made = await make(api, await bearer(clerk), scopes=["orders.view"])
    await write(staff.set_roles, clerk, [])
    assert (await api.get("/api/v1/admin/orders", headers=by(made["key"]))).status_code == 403


@pytest.mark.usefixtures("second_factor_required")
async def test_staff_keys_are_made_by_who_has_shown_a_second_factor(api, rows):
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    wanted = {**WANTED, "scopes": ["orders.view"]}
    answer = await api.post(KEYS, json=wanted, headers=await bearer(clerk, strong=False))
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    made = await make(api, await bearer(clerk), scopes=["orders.view"])
    assert (await api.get("/api/v1/admin/orders", headers=by(made["key"]))).status_code == 200
    assert (await make(api, await bearer(clerk, strong=False)))["scopes"] == ["profile.read"]


async def test_a_weak_key_opens_nothing_of_staff_once_a_second_factor_is_required(api, request):
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    made = await make(api, await bearer(clerk, strong=False), scopes=["orders.view"])
    assert (await api.get("/api/v1/admin/orders", headers=by(made["key"]))).status_code == 200
    request.getfixturevalue("second_factor_required")
    answer = await api.get("/api/v1/admin/orders", headers=by(made["key"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


async def test_it_ends_when_it_says(api, ada):
    until = (clock.now() + timedelta(days=1)).isoformat()
    made = await make(api, await bearer(ada), expires_at=until)
    assert await me(api, made["key"]) == 200
    with clock.shifted(timedelta(days=1, seconds=1)):
        assert await me(api, made["key"]) == 401


@pytest.mark.usefixtures("remembering")
async def test_deleted_it_opens_nothing_at_once(api, ada):
    headers = await bearer(ada)
    made = await make(api, headers)
    other = await make(api, headers)
    assert await me(api, made["key"]) == 200
    assert (await api.delete(f"{KEYS}/{made['id']}", headers=headers)).status_code == 204
    assert await me(api, made["key"]) == 401
    assert await me(api, other["key"]) == 200
    assert (await api.delete(f"{KEYS}/{made['id']}", headers=headers)).status_code == 404


@pytest.mark.usefixtures("remembering")
async def test_a_reset_of_the_password_ends_all_keys_and_consents(browser, api, ada, rows):
    made = await make(api, await bearer(ada))
    await (await make_program()).tokens(browser)
    assert await me(api, made["key"]) == 200
    reset = {"token": await mint("reset", ada), "password": "another long password"}
    assert (await api.post("/api/v1/auth/password/reset", json=reset)).status_code == 200
    assert await me(api, made["key"]) == 401
    assert (await rows("api_key"), await rows("oauth_consent")) == ([], [])


@pytest.mark.usefixtures("remembering")
async def test_a_password_that_its_owner_changes_leaves_keys_and_the_page_lists_them(browser, api, ada):
    """On the page and over the API alike; tokens of programs end both times."""
    made = await make(api, await bearer(ada))
    program = await make_program()
    tokens = await program.tokens(browser)
    page = await browser.get("/account/password")
    assert "Label printer" in page.text
    form = {"current_password": PASSWORD, "password": "another long password", "csrf_token": csrf_in(page.text)}
    assert (await browser.post("/account/password", data=form)).status_code == 303
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    assert await me(api, made["key"]) == 200
    tokens = await program.tokens(browser)
    change = {"current_password": "another long password", "password": "a third long password"}
    assert (await api.post("/api/v1/me/password", json=change, headers=await bearer(ada))).status_code == 200
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    assert await me(api, made["key"]) == 200


@pytest.mark.usefixtures("remembering")
@pytest.mark.parametrize("by_page", [True, False])
async def test_signing_out_everywhere_else_ends_all_keys(browser, api, ada, by_page):
    headers = await bearer(ada)
    made = await make(api, headers)
    assert await me(api, made["key"]) == 200
    if by_page:
        page = await browser.get("/account/devices")
        assert "deletes your API key:" in page.text
        form = {"csrf_token": csrf_in(page.text)}
        assert (await browser.post("/account/devices/end-others", data=form)).status_code == 303
    else:
        assert (await api.delete("/api/v1/me/sessions", headers=headers)).status_code == 204
    assert await me(api, made["key"]) == 401


async def test_others_keys_are_not_there(api, ada):
    made = await make(api, await bearer(ada))
    stranger = await bearer(await make_account("bo@example.com"))
    assert (await api.get(KEYS, headers=stranger)).json()["items"] == []
    assert (await api.delete(f"{KEYS}/{made['id']}", headers=stranger)).status_code == 404
    assert await me(api, made["key"]) == 200


@pytest.mark.usefixtures("remembering")
async def test_when_it_was_last_used_is_true_to_ten_minutes(api, ada, rows, record_statements):
    made = await make(api, await bearer(ada))

    async def used_at():
        return (await rows("api_key"))[0].last_used_at

    assert await used_at() is None
    assert await me(api, made["key"]) == 200
    first = await used_at()
    assert clock.now() - first < timedelta(seconds=5)
    with record_statements() as sent:
        assert await me(api, made["key"]) == 200
    assert not [each for each in sent if "api_key" in each]
    with clock.shifted(timedelta(minutes=9)):
        assert await me(api, made["key"]) == 200
        assert await used_at() == first
    with clock.shifted(timedelta(minutes=11)):
        assert await me(api, made["key"]) == 200
        assert await used_at() - first > timedelta(minutes=10)


async def test_an_account_has_fifty_and_no_more_however_fast_it_makes_them(api, ada, rows):
    headers = await bearer(ada)
    answers = await asyncio.gather(*(api.post(KEYS, json=WANTED, headers=headers) for _ in range(MOST + 6)))
    assert sorted(answer.status_code for answer in answers) == [201] * MOST + [409] * 6
    assert len(await rows("api_key")) == MOST


async def test_a_sign_in_that_ended_in_between_makes_no_key(api, ada, rows):
    """The request has read who asks, then the password is reset, then the key is to be made: it would outlive the reset."""
    await bearer(ada)
    [family] = await rows("token_family")
    who = Principal(ada, "ada@example.com", "Ada", session_id=family.id, signed_in_at=clock.now())
    await write(accounts.end_everything, ada)
    with pytest.raises(NotSignedIn):
        await write(api_keys.make_key, who, "Late", ["profile.read"], None)
    assert await rows("api_key") == []


async def test_staff_keys_are_told_in_the_audit_log(api, owner):
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    made = await make(api, await bearer(clerk), scopes=["orders.view", "profile.read"])
    entries = owner.execute(
        "select actor_id, subject_id, details from backoffice.audit_entry where action = 'api_key.made'"
    )
    assert entries.fetchall() == [(str(clerk), made["id"], {"permissions": ["orders.view"]})]


async def test_the_page_makes_shows_and_deletes(browser, ada, api):
    page = await browser.get("/account/programs")
    form = {"name": "Till", "days": "30", "scope.profile.read": "on", "csrf_token": csrf_in(page.text)}
    made = await browser.post("/account/programs/keys", data=form)
    assert made.status_code == 200
    assert "no-store" in made.headers["cache-control"]
    key = made.text.split('class="secret">', 1)[1].split("<", 1)[0]
    assert await me(api, key) == 200
    page = await browser.get("/account/programs")
    assert key not in page.text
    assert f"shopkey_…{key[-4:]}" in page.text
    [listed] = (await api.get(KEYS, headers=await bearer(ada))).json()["items"]
    answer = await browser.post(
        f"/account/programs/keys/{listed['id']}/delete", data={"csrf_token": csrf_in(page.text)}
    )
    assert answer.status_code == 303
    assert await me(api, key) == 401


async def test_the_page_tells_what_is_to_be_mended(browser, rows):
    token = csrf_in((await browser.get("/account/programs")).text)
    for form in ({}, {"name": "Till", "days": "30"}, {"name": "Till", "days": "x", "scope.profile.read": "on"}):
        answer = await browser.post("/account/programs/keys", data={**form, "csrf_token": token})
        assert answer.status_code == 422
    answer = await browser.post(
        "/account/programs/keys", data={"name": "T", "days": "30", "scope.orders.view": "on", "csrf_token": token}
    )
    assert answer.status_code == 403
    assert await rows("api_key") == []


async def test_the_page_asks_to_confirm_before_it_offers_a_key(browser):
    with clock.shifted(timedelta(minutes=16)):
        page = await browser.get("/account/programs")
        assert "/account/confirm?next=/account/programs" in page.text
        answer = await browser.post("/account/programs/keys", data={"csrf_token": csrf_in(page.text)})
        assert answer.headers["location"].startswith("/account/confirm?next=")


@pytest.mark.usefixtures("remembering")
async def test_a_program_is_shut_out_on_the_page(browser, api):
    program = await make_program(name="Ledger")
    tokens = await program.tokens(browser)
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200
    page = await browser.get("/account/programs")
    assert "Ledger" in page.text
    assert "See your name and e-mail address" in page.text
    form = {"csrf_token": csrf_in(page.text)}
    answer = await browser.post(f"/account/programs/{program.id}/disconnect", data=form)
    assert answer.status_code == 303
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    assert "Ledger" not in (await browser.get("/account/programs")).text.split("<main", 1)[1].split("API keys")[
        0
    ].replace("flash", "")
    assert (await browser.get(program.question())).status_code == 200, "it has to ask again"
    assert (await browser.post(f"/account/programs/{program.id}/disconnect", data=form)).status_code == 404
