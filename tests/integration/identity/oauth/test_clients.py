"""Registering programs: by staff who may, for no more than they may themselves; what is told once; what a change ends."""

import pytest

from shop.kernel import cache
from shop.modules.identity.rules import token_hash
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.oauth import CALLBACK, Program, bearing, csrf_in, make_program, sent_back, signed_in_a_while_ago

CLIENTS = "/api/v1/admin/oauth/clients"
WISH = {"name": "Ledger", "redirect_uris": [CALLBACK], "scopes": ["profile.read"], "confidential": True}


@pytest.fixture
async def manager(db):
    return await bearer(await make_account("it@example.com", permissions=("clients.manage", "orders.view")))


@pytest.fixture
def remembering(monkeypatch):
    monkeypatch.setattr(cache.principals, "trusted", True)
    yield
    cache.principals.clear()


async def register(api, headers, **changes) -> Program:
    answer = await api.post(CLIENTS, json={**WISH, **changes}, headers=headers)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Program(made["client_id"], made.get("client_secret"), (made["redirect_uris"] or [""])[0])


async def test_a_registered_program_works_at_once(browser, api, manager, rows):
    answer = await api.post(CLIENTS, json=WISH, headers=manager)
    made = answer.json()
    assert answer.status_code == 201
    assert set(made) >= {"client_id", "client_secret", "name", "redirect_uris", "scopes", "confidential"}
    assert "no-store" in answer.headers["cache-control"]
    [stored] = await rows("oauth_client")
    assert stored.secret_hash == token_hash(made["client_secret"])
    assert len(made["client_secret"]) == 44
    program = Program(made["client_id"], made["client_secret"], CALLBACK)
    assert (await program.tokens(browser))["scope"] == "profile.read"


async def test_a_secret_is_told_once_and_a_public_program_has_none(api, manager):
    confidential, public = await register(api, manager), await register(api, manager, confidential=False)
    assert public.secret is None
    for path in (CLIENTS, f"{CLIENTS}/{confidential.id}"):
        shown = await api.get(path, headers=manager)
        assert shown.status_code == 200
        assert "secret" not in shown.text
    assert (await api.get(f"{CLIENTS}/{public.id}", headers=manager)).json()["confidential"] is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"redirect_uris": ["http://app.example.com/"]}, "redirect_uris"),
        ({"redirect_uris": [CALLBACK, "https://*.example.com/"]}, "redirect_uris"),
        ({"redirect_uris": [f"{CALLBACK}#part"]}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": ["com.example.app:/callback"]}, "redirect_uris"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": [CALLBACK] * 21}, "redirect_uris"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["*"]}, "scopes"),
        ({"scopes": ["no.such.scope"]}, "scopes"),
        ({"scopes": ["profile.read", "profile.read"]}, "scopes"),
        ({"confidential": "yes"}, "confidential"),
    ],
)
async def test_what_can_not_be_registered_is_named(api, manager, rows, changes, field):
    answer = await api.post(CLIENTS, json={**WISH, **changes}, headers=manager)
    assert answer.status_code == 422
    assert {error["field"].partition(".")[0].partition("[")[0] for error in answer.json()["errors"]} == {field}
    assert await rows("oauth_client") == []


async def test_only_staff_who_may_register(api, rows):
    clerk = await bearer(await make_account("clerk@example.com", permissions=("orders.view", "staff.manage")))
    customer = await bearer(await make_account("customer@example.com"))
    for headers in (clerk, customer):
        assert (await api.post(CLIENTS, json=WISH, headers=headers)).status_code == 403
    assert (await api.post(CLIENTS, json=WISH)).status_code == 401
    assert await rows("oauth_client") == []


async def test_nobody_registers_a_program_that_may_more_than_they(api, manager, rows):
    answer = await api.post(CLIENTS, json={**WISH, "scopes": ["orders.view", "staff.manage"]}, headers=manager)
    assert (answer.status_code, answer.json()["code"]) == (403, "rights_exceeded")
    assert await rows("oauth_client") == []
    await register(api, manager, scopes=["orders.view", "profile.read"])


async def test_nobody_takes_over_a_program_that_may_more_than_they(api, manager, rows):
    """By a new secret or another address of one's own, one could act as it."""
    program = await make_program("staff.manage", "profile.read")
    before = await rows("oauth_client")
    for path, body in (
        ("", {"redirect_uris": ["https://evil.example/"]}),
        ("", {"name": "Harmless"}),
        ("", {"disabled": True}),
        ("", {"scopes": ["profile.read"]}),
        ("/secret", None),
    ):
        method = "PATCH" if body else "POST"
        answer = await api.request(method, f"{CLIENTS}/{program.id}{path}", json=body, headers=manager)
        assert (answer.status_code, answer.json()["code"]) == (403, "rights_exceeded")
    assert await rows("oauth_client") == before
    mine = await register(api, manager)
    raised = await api.patch(f"{CLIENTS}/{mine.id}", json={"scopes": ["staff.manage"]}, headers=manager)
    assert (raised.status_code, raised.json()["code"]) == (403, "rights_exceeded")


async def test_no_program_registers_programs(browser, api, rows):
    """Not even one that may manage them: who confirms must be a person."""
    program = await make_program("clients.manage")
    headers = bearing((await program.own_tokens(api)).json())
    assert (await api.get(CLIENTS, headers=headers)).status_code == 200
    answer = await api.post(CLIENTS, json=WISH, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
    assert len(await rows("oauth_client")) == 1


async def test_only_who_has_just_confirmed_registers_and_changes(api, manager, rows):
    program = await register(api, manager)
    before = await rows("oauth_client")
    await make_account("chief@example.com", permissions=("*",))
    async with signed_in_a_while_ago(api, "chief@example.com") as headers:
        for method, path, body in (
            ("POST", CLIENTS, WISH),
            ("PATCH", f"{CLIENTS}/{program.id}", {"name": "X"}),
            ("POST", f"{CLIENTS}/{program.id}/secret", None),
        ):
            answer = await api.request(method, path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
        assert await rows("oauth_client") == before
        assert (await api.get(CLIENTS, headers=headers)).status_code == 200
        assert (await api.delete(f"{CLIENTS}/{program.id}", headers=headers)).status_code == 204


async def test_a_change_ends_what_goes_beyond_it(browser, api, manager, rows):
    program = await register(api, manager, scopes=["profile.read", "profile.write"])
    wide = await program.tokens(browser, scope="profile.read profile.write")
    narrow = await program.tokens(browser, scope="profile.read")
    answer = await api.patch(f"{CLIENTS}/{program.id}", json={"scopes": ["profile.read"]}, headers=manager)
    assert answer.json()["scopes"] == ["profile.read"]
    assert answer.json()["redirect_uris"] == [CALLBACK]
    assert (await api.get("/api/v1/me", headers=bearing(wide))).status_code == 401
    assert (await api.get("/api/v1/me", headers=bearing(narrow))).status_code == 200
    assert await rows("oauth_consent") == [], "what was remembered was for more"


@pytest.mark.usefixtures("remembering")
async def test_a_disabled_program_is_shut_out_at_once_and_comes_back_with_nothing(browser, api, manager):
    program = await register(api, manager, scopes=["profile.read", "orders.view"])
    tokens = await program.tokens(browser)
    own = (await program.own_tokens(api)).json()
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200
    assert (await api.get("/api/v1/admin/orders", headers=bearing(own))).status_code == 200
    answer = await api.patch(f"{CLIENTS}/{program.id}", json={"disabled": True}, headers=manager)
    assert answer.json()["disabled_at"] is not None
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    assert (await api.get("/api/v1/admin/orders", headers=bearing(own))).status_code == 401
    assert (await program.own_tokens(api)).status_code == 401
    assert (await browser.get(program.question())).status_code == 400
    await api.patch(f"{CLIENTS}/{program.id}", json={"disabled": False}, headers=manager)
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    assert (await program.own_tokens(api)).status_code == 200


@pytest.mark.usefixtures("remembering")
async def test_a_new_secret_ends_the_old_one_and_all_tokens(browser, api, manager):
    program = await register(api, manager)
    tokens = await program.tokens(browser)
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200
    answer = await api.post(f"{CLIENTS}/{program.id}/secret", headers=manager)
    renewed = Program(program.id, answer.json()["client_secret"], CALLBACK)
    assert answer.status_code == 200
    assert renewed.secret != program.secret
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    code = await renewed.code(browser)
    assert (await program.exchange(api, code)).status_code == 401
    assert (await renewed.exchange(api, code)).status_code == 200
    public = await register(api, manager, confidential=False)
    assert (await api.post(f"{CLIENTS}/{public.id}/secret", headers=manager)).status_code == 422


@pytest.mark.usefixtures("remembering")
async def test_a_deleted_program_is_gone_with_all_it_had(browser, api, manager, rows):
    program = await register(api, manager)
    tokens = await program.tokens(browser)
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200
    assert (await api.delete(f"{CLIENTS}/{program.id}", headers=manager)).status_code == 204
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    for table in ("oauth_client", "oauth_consent", "oauth_code", "token_family"):
        assert [row for row in await rows(table) if getattr(row, "client_id", "x")] == []
    assert (await api.delete(f"{CLIENTS}/{program.id}", headers=manager)).status_code == 404
    assert (await api.get(f"{CLIENTS}/{program.id}", headers=manager)).status_code == 404


async def test_what_was_done_to_a_program_stands_in_the_audit_log_without_its_secret(api, manager, owner):
    program = await register(api, manager, scopes=["orders.view", "profile.read"])
    await api.patch(f"{CLIENTS}/{program.id}", json={"name": "Books"}, headers=manager)
    secret = (await api.post(f"{CLIENTS}/{program.id}/secret", headers=manager)).json()["client_secret"]
    await api.delete(f"{CLIENTS}/{program.id}", headers=manager)
    found = owner.execute(
        "select action, subject_id, details::text from backoffice.audit_entry order by at, id"
    ).fetchall()
    assert [row[0] for row in found] == [
        "oauth_client.registered",
        "oauth_client.changed",
        "oauth_client.secret_rotated",
        "oauth_client.deleted",
    ]
    assert {row[1] for row in found} == {program.id}
    assert secret not in str(found)
    assert program.secret not in str(found)


async def test_the_back_office_registers_changes_and_deletes(client, api, db, rows):
    await sign_in_browser(client, await make_account("it@example.com", permissions=("clients.manage", "orders.view")))
    page = await client.get("/admin/clients/new")
    assert "scope.orders.view" in page.text
    assert "scope.staff.manage" not in page.text
    token = {"csrf_token": csrf_in(page.text)}
    form = {
        "name": "Till",
        "kind": "confidential",
        "redirect_uris": f"{CALLBACK}\r\n",
        "scope.orders.view": "on",
        **token,
    }
    made = await client.post("/admin/clients/new", data=form)
    [stored] = await rows("oauth_client")
    secret = made.text.split('class="secret">', 1)[1].split("<", 1)[0]
    assert stored.secret_hash == token_hash(secret)
    assert "no-store" in made.headers["cache-control"]
    assert (await Program(stored.id, secret, CALLBACK).own_tokens(api)).status_code == 200
    listed = await client.get("/admin/clients")
    assert f'href="/admin/clients/{stored.id}"' in listed.text
    one = await client.get(f"/admin/clients/{stored.id}")
    assert secret not in one.text
    change = {"name": "Till 2", "redirect_uris": CALLBACK, "scope.profile.read": "on", "disabled": "on", **token}
    assert (await client.post(f"/admin/clients/{stored.id}", data=change)).status_code == 303
    [stored] = await rows("oauth_client")
    assert (stored.name, stored.scopes, stored.disabled_at is not None) == ("Till 2", ["profile.read"], True)
    rotated = await client.post(f"/admin/clients/{stored.id}/secret", data=token)
    assert "Client secret" in rotated.text
    assert (await client.post(f"/admin/clients/{stored.id}/delete", data=token)).status_code == 303
    assert await rows("oauth_client") == []


async def test_the_back_office_names_what_is_to_be_mended(client, db, rows):
    await sign_in_browser(client, await make_account("it@example.com", permissions=("clients.manage",)))
    token = {"csrf_token": csrf_in((await client.get("/admin/clients/new")).text)}
    for form, status in (
        ({}, 422),
        ({"name": "Till", "kind": "confidential"}, 422),
        (
            {"name": "Till", "kind": "public", "scope.profile.read": "on", "redirect_uris": "http://app.example.com/"},
            422,
        ),
        ({"name": "Till", "kind": "other", "scope.profile.read": "on", "redirect_uris": CALLBACK}, 422),
        ({"name": "Till", "kind": "public", "scope.orders.view": "on", "redirect_uris": CALLBACK}, 403),
    ):
        answer = await client.post("/admin/clients/new", data={**form, **token})
        assert answer.status_code == status, form
    assert await rows("oauth_client") == []


async def test_who_holds_less_sees_a_program_and_can_only_delete_it(client, db, rows):
    program = await make_program("staff.manage")
    await sign_in_browser(client, await make_account("it@example.com", permissions=("clients.manage",)))
    page = await client.get(f"/admin/clients/{program.id}")
    assert "only somebody else can change it" in page.text
    token = {"csrf_token": csrf_in(page.text)}
    answer = await client.post(f"/admin/clients/{program.id}/secret", data=token)
    assert answer.status_code == 403
    assert (await client.post(f"/admin/clients/{program.id}/delete", data=token)).status_code == 303


async def test_the_pages_cost_few_statements(client, db, record_statements):
    program = await make_program()
    await sign_in_browser(client, await make_account("it@example.com", permissions=("clients.manage",)))
    for path, at_most in (("/admin/clients", 3), (f"/admin/clients/{program.id}", 3), ("/account/programs", 5)):
        with record_statements() as sent:
            assert (await client.get(path)).status_code == 200
        assert len(sent) <= at_most, sent
    with record_statements() as sent:
        answer = await client.get(program.question())
    assert len(sent) <= 5, sent
    assert answer.status_code == 200 or sent_back(answer)
