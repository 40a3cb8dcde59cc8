"""The page with the question: who may ask it, what it says, where the answer goes, and what can't be done to it."""

from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.modules.identity.repository import staff
from tests.conftest import new_client
from tests.factories.identity import PASSWORD, make_account, sign_in_browser
from tests.factories.oauth import (
    AUTHORIZE,
    CALLBACK,
    allow,
    asked,
    bearing,
    csrf_in,
    deny,
    make_program,
    sent_back,
)

PRIVATE = "com.example.ledger:/callback"
LOOPBACK = "http://127.0.0.1/callback"


@pytest.fixture
def second_factor_required(monkeypatch):
    monkeypatch.setenv("SHOP_STAFF_SECOND_FACTOR", "required")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_the_page_says_who_asks_for_what_and_where_the_answer_goes(browser):
    program = await make_program("profile.read", "profile.write", name="Ledger <b>& Sons</b>")
    page = await browser.get(program.question(scope="profile.read"))
    assert page.status_code == 200
    assert "Ledger &lt;b&gt;&amp; Sons&lt;/b&gt;" in page.text
    assert "See your name and e-mail address" in page.text
    assert "Change your name" not in page.text
    assert "ada@example.com" in page.text
    assert "<strong>app.example.com</strong>" in page.text
    assert page.headers["cache-control"] == "private, no-store"


async def test_it_is_shown_in_no_frame_and_its_form_leads_to_the_program_alone(browser):
    page = await browser.get((await make_program()).question())
    policy = page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example.com;" in policy


async def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(client, api):
    program = await make_program()
    answer = await client.get(program.question())
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/signin?next={quote(program.question(), safe='')}"


async def test_a_long_question_finds_its_way_through_the_sign_in(client, ada):
    program = await make_program()
    question = program.question(state="s" * 2000)
    signed_in = await client.post("/signin", data={"email": "ada@example.com", "password": PASSWORD, "next": question})
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, question)
    assert sent_back(await allow(client, question))["state"] == "s" * 2000


async def test_yes_sends_back_a_code_with_state_and_issuer(browser):
    program = await make_program()
    answer = await allow(browser, program.question(state="x y&z=%41/\"'"))
    back = sent_back(answer)
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("x y&z=%41/\"'", "http://testserver")
    assert answer.headers["cache-control"] == "private, no-store"


async def test_without_a_state_none_is_sent_back(browser):
    program = await make_program()
    assert set(sent_back(await allow(browser, program.question(state=None)))) == {"code", "iss"}


async def test_no_is_told_to_the_program_and_gives_it_nothing(browser, rows):
    program = await make_program()
    back = sent_back(await deny(browser, program.question()))
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "a state", "http://testserver")
    assert "code" not in back
    for table in ("oauth_code", "oauth_consent", "token_family"):
        assert await rows(table) == []


@pytest.mark.parametrize("decision", [None, "", "ALLOW", "yes", "allow "])
async def test_anything_but_yes_is_no(browser, rows, decision):
    program = await make_program()
    form = {"csrf_token": await asked(browser, program.question())}
    answer = await browser.post(program.question(), data=form if decision is None else {**form, "decision": decision})
    if decision == "allow ":  # forms are read without spaces at the ends
        assert "code" in sent_back(answer)
        return
    assert sent_back(answer)["error"] == "access_denied"
    assert await rows("oauth_code") == []


async def test_the_query_of_a_registered_address_is_kept(browser):
    to = f"{CALLBACK}?tenant=7"
    program = await make_program(redirect_uris=(to,))
    answer = await allow(browser, program.question())
    assert answer.headers["location"].startswith(f"{to}&code=")


@pytest.mark.parametrize(
    "client_id", [None, "", "unknown", "00000000-0000-7000-8000-000000000000", "' or 1=1 --", "null", "\x00", "é"]
)
async def test_an_unknown_program_is_told_to_the_person_and_nobody_is_sent_on(browser, client_id):
    program = await make_program()
    for answer in (
        await browser.get(program.question(client_id=client_id)),
        await browser.get(program.question(client_id=client_id, response_type="token")),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "",
        f"{CALLBACK}/",
        f"{CALLBACK}/../evil",
        f"{CALLBACK}/..;/evil",
        f"{CALLBACK}%2f..%2fevil",
        f"{CALLBACK}?next=https://evil.example",
        f"{CALLBACK}#",
        f"{CALLBACK}#code",
        f"{CALLBACK}.evil.example",
        f"{CALLBACK}\\..\\evil",
        f"{CALLBACK} ",
        f" {CALLBACK}",
        f"{CALLBACK}\n",
        f"{CALLBACK}\x00",
        CALLBACK[:-1],
        CALLBACK.upper(),
        "https://App.example.com/callback",
        "HTTPS://app.example.com/callback",
        "http://app.example.com/callback",
        "//app.example.com/callback",
        "https://app.example.com:443/callback",
        "https://app.example.com:8443/callback",
        "https://app.example.com./callback",
        "https://app.example.com/%63allback",
        "https://app.example.com/CALLBACK",
        "https://app.example.com//callback",
        "https://app.example.com/./callback",
        "https://user@app.example.com/callback",
        "https://app.example.com@evil.example/callback",
        "https://app.example.com:443@evil.example/callback",
        "https://app.example.com%40evil.example/callback",
        "https://app.example.com\\@evil.example/callback",
        "https://evil.example/?https://app.example.com/callback",
        "https://evil.example/#https://app.example.com/callback",
        "https://evilapp.example.com/callback",
        "https://app.example.com.evil.example/callback",
        "https://sub.app.example.com/callback",
        "https://app.example.com.",
        "https://áp.example.com/callback",
        "javascript:alert(1)//https://app.example.com/callback",
        "data:text/html,https://app.example.com/callback",
        "http://127.0.0.1/callback",
        "/callback",
        "https://app.example.com/callback https://evil.example/",
        '"><script>alert(1)</script>',
    ],
)
@pytest.mark.parametrize("confidential", [True, False])
async def test_redirect_tricks_lead_nowhere(browser, rows, confidential, redirect_uri):
    program = await make_program(confidential=confidential)
    question = program.question(redirect_uri=redirect_uri)
    for answer in (
        await browser.get(question),
        await browser.get(program.question(redirect_uri=redirect_uri, response_type="token")),
        await browser.post(
            question, data={"decision": "allow", "csrf_token": await asked(browser, program.question())}
        ),
        await browser.post(question, data={"decision": "deny", "csrf_token": await asked(browser, program.question())}),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "<script>alert" not in answer.text
    assert await rows("oauth_code") == []


@pytest.mark.parametrize("name", ["redirect_uri", "client_id", "state", "scope", "code_challenge", "response_type"])
async def test_a_parameter_that_is_there_twice_is_refused(browser, name):
    program = await make_program()
    answer = await browser.get(f"{program.question()}&{urlencode({name: 'https://evil.example/'})}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "orders.read"}, "invalid_scope"),
        ({"scope": "profile.read orders.read"}, "invalid_scope"),
        ({"scope": "*"}, "invalid_scope"),
        ({"scope": "no.such.scope"}, "invalid_scope"),
    ],
)
async def test_what_can_not_be_asked_is_told_to_the_program(browser, changes, error):
    program = await make_program()
    back = sent_back(await browser.get(program.question(**changes)))
    assert (back["error"], back["state"], back["iss"]) == (error, "a state", "http://testserver")


async def test_a_program_that_names_no_scope_asks_for_all_of_its_own(browser, api):
    program = await make_program("profile.read", "addresses.read")
    tokens = await program.tokens(browser, scope=None)
    assert set(tokens["scope"].split()) == {"profile.read", "addresses.read"}


async def test_a_form_of_another_site_allows_nothing(browser, rows, ada):
    program = await make_program()
    token = await asked(browser, program.question())
    for headers, form in (
        ({}, {"decision": "allow"}),
        ({}, {"decision": "allow", "csrf_token": "made-up"}),
        ({"origin": "https://evil.example"}, {"decision": "allow", "csrf_token": token}),
        ({"sec-fetch-site": "cross-site"}, {"decision": "allow", "csrf_token": token}),
    ):
        answer = await browser.post(program.question(), data=form, headers=headers)
        assert answer.status_code == 403
    assert await rows("oauth_code") == []


async def test_what_was_allowed_once_is_not_asked_again_for_the_same_or_less(browser):
    program = await make_program("profile.read", "profile.write", "addresses.read")
    await allow(browser, program.question(scope="profile.read profile.write"))
    for scope in ("profile.read profile.write", "profile.write"):
        assert "code" in sent_back(await browser.get(program.question(scope=scope)))
    page = await browser.get(program.question(scope="profile.read addresses.read"))
    assert page.status_code == 200
    await allow(browser, program.question(scope="addresses.read"))
    back = sent_back(await browser.get(program.question(scope="profile.read addresses.read")))
    assert "code" in back, "what was given before is remembered beside what was given since"


async def test_what_one_person_allowed_is_asked_of_another(browser, gateway):
    program = await make_program()
    await allow(browser, program.question())
    async with new_client(gateway) as other:
        await sign_in_browser(other, await make_account("bo@example.com"))
        assert (await other.get(program.question())).status_code == 200


async def test_no_is_not_remembered_as_yes(browser):
    program = await make_program()
    await deny(browser, program.question())
    assert (await browser.get(program.question())).status_code == 200


@pytest.mark.parametrize("redirect_uri", [LOOPBACK, PRIVATE])
async def test_a_program_that_anybody_could_pass_for_asks_each_time(browser, redirect_uri):
    """Any program on the machine can listen at a port or claim a scheme (RFC 8252, 8.6)."""
    program = await make_program(confidential=False, redirect_uris=(redirect_uri,))
    assert "code" in sent_back(await allow(browser, program.question()), redirect_uri)
    assert (await browser.get(program.question())).status_code == 200


async def test_a_native_program_is_answered_at_the_port_it_listens_on(browser, api):
    program = await make_program(confidential=False, redirect_uris=(LOOPBACK,))
    program.redirect_uri = "http://127.0.0.1:51763/callback"
    page = await browser.get(program.question())
    assert "form-action 'self' http://127.0.0.1:51763;" in page.headers["content-security-policy"]
    code = sent_back(await allow(browser, program.question()), program.redirect_uri)["code"]
    assert (await program.exchange(api, code, redirect_uri=LOOPBACK)).json()["error"] == "invalid_grant"
    code = sent_back(await allow(browser, program.question()), program.redirect_uri)["code"]
    assert (await program.exchange(api, code)).status_code == 200


async def test_a_confidential_program_has_no_port_to_choose(browser):
    program = await make_program(redirect_uris=(LOOPBACK,))
    assert (await browser.get(program.question(redirect_uri="http://127.0.0.1:51763/callback"))).status_code == 400


async def test_straight_after_signing_in_the_page_is_shown_once_more(browser):
    """Browsers hold the form of the sign-in page to that page's policy, which leads to no program."""
    program = await make_program()
    await allow(browser, program.question())
    page = await browser.get(program.question(), headers={"sec-fetch-site": "same-origin"})
    assert page.status_code == 200
    assert "You have allowed it before" in page.text
    assert ">Continue<" in page.text
    assert "code" in sent_back(await browser.get(program.question(), headers={"sec-fetch-site": "cross-site"}))


async def test_staff_give_what_they_hold_themselves(browser, api, ada):
    """And customers nothing of staff's, however the program asks."""
    program = await make_program("profile.read", "orders.view", "products.edit")
    tokens = await program.tokens(browser, scope="profile.read orders.view")
    assert tokens["scope"] == "profile.read"
    only_staff = sent_back(await browser.get(program.question(scope="orders.view products.edit")))
    assert only_staff["error"] == "invalid_scope"
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    await sign_in_browser(browser, clerk)
    page = await browser.get(program.question(scope=None))
    assert "It asks for rights of staff" in page.text
    tokens = await program.tokens(browser, scope="profile.read orders.view products.edit")
    assert tokens["scope"] == "profile.read orders.view"
    assert (await api.get("/api/v1/admin/orders", headers=bearing(tokens))).status_code == 200
    assert (await api.get("/api/v1/admin/stock", headers=bearing(tokens))).status_code in {403, 404}


async def test_what_staff_gave_ends_with_their_own_right(browser, api):
    program = await make_program("orders.view")
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    await sign_in_browser(browser, clerk)
    tokens = await program.tokens(browser, scope="orders.view")
    await write(staff.set_roles, clerk, [])
    assert (await api.get("/api/v1/admin/orders", headers=bearing(tokens))).status_code == 403


async def test_rights_of_staff_are_given_only_by_who_has_just_confirmed(browser, rows):
    program = await make_program("orders.view", "profile.read")
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    await sign_in_browser(browser, clerk)
    question = program.question(scope="orders.view")
    token = await asked(browser, question)
    with clock.shifted(timedelta(minutes=16)):
        answer = await browser.get(question)
        assert answer.headers["location"] == f"/account/confirm?next={quote(question, safe='')}"
        late = await browser.post(question, data={"decision": "allow", "csrf_token": token})
        assert (late.status_code, late.headers["location"]) == (303, question), "back to the page, which leads there"
        assert await rows("oauth_code") == []
        assert (await browser.get(program.question(scope="profile.read"))).status_code == 200
        assert "error" in sent_back(await deny(browser, question.replace("orders.view", "profile.read")))


@pytest.mark.usefixtures("second_factor_required")
async def test_rights_of_staff_need_a_second_factor(browser, rows):
    program = await make_program("orders.view")
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    await sign_in_browser(browser, clerk, strong=False)
    answer = await browser.get(program.question(scope="orders.view"))
    assert answer.headers["location"].startswith("/account/security?setup=1")
    await sign_in_browser(browser, clerk, strong=True)
    assert "code" in sent_back(await allow(browser, program.question(scope="orders.view")))


async def test_each_time_a_program_gets_rights_of_staff_the_audit_log_tells(browser, owner):
    program = await make_program("orders.view", "profile.read")
    clerk = await make_account("clerk@example.com", permissions=("orders.view",))
    await sign_in_browser(browser, clerk)
    await allow(browser, program.question(scope="profile.read"))
    await deny(browser, program.question(scope="orders.view"))
    given = "select actor_id, subject_id, details from backoffice.audit_entry where action = 'oauth_consent.given'"
    assert owner.execute(given).fetchall() == []
    await allow(browser, program.question(scope="orders.view profile.read"))
    await browser.get(program.question(scope="orders.view"))
    assert owner.execute(given).fetchall() == [(str(clerk), program.id, {"permissions": ["orders.view"]})] * 2


async def test_without_tls_nothing_is_served(browser, api, monkeypatch):
    """Tokens would travel in the clear; this machine's own address is as good as TLS."""
    program = await make_program()
    monkeypatch.delenv("AUTHLIB_INSECURE_TRANSPORT")
    assert (await browser.get(program.question())).status_code == 400
    answer = await program.own_tokens(api)
    assert (answer.status_code, answer.json()["error"]) == (400, "insecure_transport")


async def test_the_questions_address_tells_nothing_in_the_page_it_leads_to(browser):
    """Codes travel in addresses: none of ours is told to another site as a referrer."""
    program = await make_program()
    for answer in (await browser.get(program.question()), await allow(browser, program.question())):
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"


async def test_a_get_of_the_question_changes_nothing(browser, rows):
    program = await make_program()
    page = await browser.get(program.question())
    assert csrf_in(page.text)
    for table in ("oauth_code", "oauth_consent", "token_family"):
        assert await rows(table) == []
    assert (await browser.get(AUTHORIZE)).status_code == 400
