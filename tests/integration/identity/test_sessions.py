"""Sessions of pages: how long they last, what they cost, what ends them, and the form tokens bound to them."""

from datetime import timedelta

import pytest

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.http.sessions import SessionStore
from shop.kernel.ports import port
from shop.modules.identity.jobs import purge_expired
from shop.modules.identity.rules import token_hash
from tests.conftest import new_client
from tests.factories.identity import bearer, make_account, mint, sign_in_browser


@pytest.fixture
def store(db):
    return port(SessionStore)


async def save(store, token, **data):
    return await write(store.save_session, token, data)


async def load(store, token):
    return await read(store.load_session, token)


async def test_what_is_saved_is_found_again_under_the_same_token(store):
    token = await save(store, None, cart="abc")
    assert await save(store, token, cart="abc", flashes=[]) == token
    found = await load(store, token)
    assert (found.token, found.principal, found.data) == (token, None, {"cart": "abc", "flashes": []})


async def test_a_token_has_192_bits_and_only_its_hash_is_stored(store, rows):
    token = await save(store, None)
    [session] = await rows("session")
    assert len(token) == 32
    assert session.token_hash == token_hash(token)
    assert token not in str(session)


async def test_nothing_is_saved_under_a_token_that_a_client_chose(client, store, rows):
    assert await save(store, "chosen-by-a-client", cart="abc") is None
    client.cookies.set("shop_session", "chosen-by-a-client", domain="testserver.local")
    await client.get("/signin")
    assert await rows("session") == []


async def test_a_session_that_has_ended_is_never_revived(store, rows):
    account_id = await make_account()
    client = new_client(None)
    token = await sign_in_browser(client, account_id)
    await write(store.end_session, token)
    assert await save(store, token, cart="abc") is None
    assert await load(store, token) is None
    assert await rows("session") == []


async def test_a_session_ends_after_thirty_days_without_a_visit(store):
    token = await save(store, None)
    with clock.shifted(timedelta(days=29, hours=23)):
        assert await load(store, token) is not None
    with clock.shifted(timedelta(days=60)):
        assert await load(store, token) is None
        assert await save(store, token, cart="abc") is None


async def test_a_session_ends_after_ninety_days_however_busy_it_is(store):
    token = await save(store, None)
    for day in range(20, 90, 20):
        with clock.shifted(timedelta(days=day)):
            assert await load(store, token) is not None
    with clock.shifted(timedelta(days=90, seconds=1)):
        assert await load(store, token) is None


async def test_a_visit_is_noted_at_most_every_ten_minutes(store, record_statements, rows):
    token = await save(store, None)
    with record_statements() as sent:
        for minute in (0, 5, 9):
            with clock.shifted(timedelta(minutes=minute)):
                await load(store, token)
    assert len(sent) == 3
    with clock.shifted(timedelta(minutes=11)), record_statements() as sent:
        await load(store, token)
        await load(store, token)
    assert len([statement for statement in sent if statement.startswith("update")]) == 1
    [session] = await rows("session")
    assert session.last_seen_at - session.created_at > timedelta(minutes=10)


async def test_loading_a_customers_session_is_one_statement(store, record_statements):
    account_id = await make_account()
    token = await sign_in_browser(new_client(None), account_id)
    with record_statements() as sent:
        found = await load(store, token)
    assert len(sent) == 1
    assert found.principal.account_id == account_id
    assert found.principal.permissions == frozenset()


async def test_loading_the_session_of_staff_takes_one_more_for_what_they_may(store, record_statements):
    account_id = await make_account(permissions=("orders.view",))
    token = await sign_in_browser(new_client(None), account_id)
    with record_statements() as sent:
        found = await load(store, token)
    assert len(sent) == 2
    assert found.principal.account_id == account_id
    assert found.principal.may("orders.view")
    assert not found.principal.may("orders.refund")


async def test_a_page_of_somebody_signed_in_asks_once_who_that_is(client, record_statements):
    await sign_in_browser(client, await make_account())
    with record_statements() as sent:
        assert (await client.get("/account")).status_code == 200
    assert len([statement for statement in sent if "identity." in statement]) == 1


async def test_a_visitor_who_changes_nothing_gets_no_session(client, rows):
    for path in ("/signin", "/signup", "/forgot", "/signup/sent", "/forgot/sent"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert await rows("session") == []


async def test_signing_out_ends_the_session_in_the_database_and_in_the_browser(client, rows):
    token = await sign_in_browser(client, await make_account())
    answer = await client.post("/signout", data={"csrf_token": await csrf_of(client)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'shop_session=""' in answer.headers["set-cookie"] or "Max-Age=0" in answer.headers["set-cookie"]
    assert await rows("session") == []
    client.cookies.set("shop_session", token, domain="testserver.local")
    assert (await client.get("/account")).status_code == 303


async def test_signing_out_of_the_back_office_leads_back_to_signing_in(client, rows):
    await sign_in_browser(client, await make_account(permissions=("*",)))
    answer = await client.post("/admin/signout", data={"csrf_token": await csrf_of(client)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/admin")
    assert await rows("session") == []


async def test_signing_out_on_one_device_leaves_the_others_signed_in(client, gateway):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    async with new_client(gateway) as phone:
        await sign_in_browser(phone, account_id)
        await client.post("/signout", data={"csrf_token": await csrf_of(client)})
        assert (await phone.get("/account")).status_code == 200
    assert (await client.get("/account")).status_code == 303


async def test_signing_out_twice_is_no_error(client):
    assert (await client.post("/signout")).status_code == 303


async def test_a_form_without_its_token_changes_nothing_once_there_is_a_session(client, rows):
    await sign_in_browser(client, await make_account())
    answer = await client.post("/account", data={"name": "Mallory"})
    assert answer.status_code == 403
    assert (await rows("account"))[0].name == "Ada Lovelace"


async def test_the_form_token_of_another_session_is_worth_nothing(client, gateway, rows):
    await sign_in_browser(client, await make_account())
    async with new_client(gateway) as mallory:
        await sign_in_browser(mallory, await make_account("mallory@example.com", name="Mallory"))
        stolen = await csrf_of(mallory)
    answer = await client.post("/account", data={"name": "Mallory", "csrf_token": stolen})
    assert answer.status_code == 403
    assert {account.name for account in await rows("account")} == {"Ada Lovelace", "Mallory"}
    assert await csrf_of(client) != stolen


async def test_the_account_page_changes_the_name(client, rows):
    await sign_in_browser(client, await make_account())
    answer = await client.post("/account", data={"name": "  Ada King  ", "csrf_token": await csrf_of(client)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (await rows("account"))[0].name == "Ada King"
    page = (await client.get("/account")).text
    assert "Hello, Ada King" in page
    assert "Your details are saved." in page


async def test_a_blank_name_is_refused_with_a_word_at_the_field(client, rows):
    await sign_in_browser(client, await make_account())
    answer = await client.post("/account", data={"name": "", "csrf_token": await csrf_of(client)})
    assert answer.status_code == 422
    assert "This is needed" in answer.text
    assert (await rows("account"))[0].name == "Ada Lovelace"


async def test_what_is_over_is_purged_and_the_rest_stays(store, rows):
    account_id = await make_account()
    await bearer(account_id)
    await mint("reset", account_id)
    await mint("verify", account_id)
    old = await save(store, None)
    with clock.shifted(timedelta(days=29)):
        young = await save(store, None)
    with clock.shifted(timedelta(days=31)):
        await purge_expired()
        assert await load(store, young) is not None
    assert [session.token_hash for session in await rows("session")] == [token_hash(young)]
    assert token_hash(old) != token_hash(young)
    assert (await rows("token_family"), await rows("mail_link")) == ([], [])
    assert len(await rows("account")) == 1


async def test_purging_spares_what_still_lives(store, rows):
    account_id = await make_account()
    await bearer(account_id)
    await mint("verify", account_id)
    await save(store, None)
    with clock.shifted(timedelta(hours=2)):
        await purge_expired()
    assert (len(await rows("session")), len(await rows("mail_link"))) == (1, 1)
    assert (len(await rows("token_family")), len(await rows("refresh_token"))) == (1, 1)


async def csrf_of(client) -> str:
    page = (await client.get("/account")).text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
