"""The end of an account: at once for whoever holds a session or token, its address free, its owner told."""

import json

import pytest
from sqlalchemy import text

from shop.contracts.identity import AccountClosed
from shop.kernel.db import sql, write
from shop.kernel.ids import new_id
from tests.factories.catalog import make_product
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, sign_in_browser
from tests.factories.orders import cart_of, check_out, open_shop

ME = "/api/v1/me"


@pytest.fixture
async def ada(db):
    return await make_account()


async def run(statement, **values):
    async def use_case(uow):
        await sql(uow).execute(text(statement), values)

    await write(use_case)


async def grow_old():
    """As if everybody had signed in an hour ago."""
    for table in ("session", "token_family"):
        await run(
            f"update identity.{table} set signed_in_at = signed_in_at - interval '1 hour' where account_id is not null"
        )


async def csrf_of(client, path):
    return (await client.get(path)).text.partition('name="csrf_token" value="')[2].partition('"')[0]


async def test_a_closed_account_opens_nothing_any_more(client, ada, facts, rows):
    headers, other = await bearer(ada), await bearer(ada)
    signed_in = (await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})).json()
    facts.clear()
    assert (await client.delete(ME, headers=headers)).status_code == 204
    assert facts == [AccountClosed(account_id=ada)]
    for each in (headers, other, {"Authorization": f"Bearer {signed_in['access_token']}"}):
        assert (await client.get(ME, headers=each)).status_code == 401
    refreshed = await client.post(f"{AUTH}/refresh", json={"refresh_token": signed_in["refresh_token"]})
    assert refreshed.status_code == 401
    refused = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})
    unknown = await client.post(f"{AUTH}/signin", json={"email": "nobody@example.com", "password": PASSWORD})
    assert (refused.status_code, refused.json()["detail"]) == (unknown.status_code, unknown.json()["detail"])
    assert {table: await rows(table) for table in ("session", "token_family", "mail_link")} == {
        "session": [],
        "token_family": [],
        "mail_link": [],
    }


async def test_its_address_is_free_at_once_and_the_new_account_is_another(client, ada, rows):
    await client.delete(ME, headers=await bearer(ada))
    who = {"email": "ada@example.com", "password": "another good one", "name": "Ada II"}
    assert (await client.post(f"{AUTH}/signup", json=who)).status_code == 202
    accounts = {each.name: each for each in await rows("account")}
    assert accounts["Ada II"].id != ada
    assert accounts["Ada II"].email_key == "ada@example.com"


async def test_its_owner_gets_a_last_mail(client, ada, drain_outbox):
    staff = await bearer(await make_account("s@example.com", permissions=("*",)))
    await client.delete(ME, headers=await bearer(ada))
    await drain_outbox()
    [mail] = (await client.get("/api/v1/admin/messages?to=ada@example.com", headers=staff)).json()["items"]
    assert (mail["template"], mail["status"]) == ("account_closed", "captured")


async def test_an_old_sign_in_is_not_enough(client, ada, rows):
    headers = await bearer(ada)
    await sign_in_browser(client, ada)
    await grow_old()
    for answer in (await client.delete(ME, headers=headers), await client.get(f"{ME}/export", headers=headers)):
        assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
    for path in ("/account/close", "/account/privacy/export"):
        answer = await client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/account/confirm")
    token = await csrf_of(client, "/account/privacy")
    answer = await client.post("/account/close", data={"csrf_token": token, "sure": "on"})
    assert answer.headers["location"].startswith("/account/confirm")
    assert [each.closed_at for each in await rows("account")] == [None]


async def test_the_page_asks_once_more_and_then_closes(client, ada, rows):
    await sign_in_browser(client, ada)
    token = await csrf_of(client, "/account/close")
    unsure = await client.post("/account/close", data={"csrf_token": token})
    assert unsure.status_code == 422
    assert "Tick this to close your account" in unsure.text
    assert [each.closed_at for each in await rows("account")] == [None]
    closed = await client.post("/account/close", data={"csrf_token": token, "sure": "on"})
    assert (closed.status_code, closed.headers["location"]) == (303, "/")
    assert "Your account is closed" in (await client.get("/")).text
    assert (await client.get("/account")).status_code == 303
    assert (await rows("account"))[0].closed_at is not None


async def test_an_order_on_its_way_is_named_and_nothing_is_closed(client, ada, rows):
    await open_shop()
    mug = await make_product("Mug", price=1999, stock=5)
    headers = await bearer(ada)
    order = (await check_out(client, await cart_of(client, (mug, 1)), headers=headers)).json()
    answer = await client.delete(ME, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "open_orders")
    assert answer.json()["orders"] == [order["number"]]
    await sign_in_browser(client, ada)
    token = await csrf_of(client, "/account/close")
    page = await client.post("/account/close", data={"csrf_token": token, "sure": "on"})
    assert page.status_code == 409
    assert order["number"] in page.text
    assert (await client.get(ME, headers=headers)).status_code == 200
    assert [each.closed_at for each in await rows("account")] == [None]


async def test_staff_are_let_go_before_they_close_their_account(client, rows):
    staff = await make_account("s@example.com", permissions=("*",))
    answer = await client.delete(ME, headers=await bearer(staff))
    assert (answer.status_code, answer.json()["code"]) == (409, "staff_account")
    assert [each.closed_at for each in await rows("account")] == [None]


async def test_an_export_is_a_file_of_ones_own_and_nobody_elses(client, ada):
    eve = await make_account("eve@example.com", name="Eve")
    told = (await client.get(f"{ME}/export", headers=await bearer(ada))).json()
    assert told["data"]["identity"]["account"][0]["email"] == "ada@example.com"
    assert str(eve) not in json.dumps(told)
    await sign_in_browser(client, ada)
    file = await client.get("/account/privacy/export")
    assert file.headers["content-disposition"].startswith('attachment; filename="my-data-')
    assert file.headers["cache-control"] == "private, no-store"
    assert file.json()["data"]["identity"]["account"] == told["data"]["identity"]["account"]


async def test_ten_exports_an_hour_on_pages_and_over_the_api_together(client, rate_limits):
    """Each reads every table there is."""
    account_id = await make_account(f"{new_id().hex}@example.com")
    headers = await bearer(account_id)
    await sign_in_browser(client, account_id)
    told = [(await client.get(f"{ME}/export", headers=headers)).status_code for _ in range(5)]
    told += [(await client.get("/account/privacy/export")).status_code for _ in range(5)]
    assert told == [200] * 10
    assert (await client.get(f"{ME}/export", headers=headers)).status_code == 429
    assert (await client.get("/account/privacy/export")).status_code == 429
    assert (await client.get(ME, headers=headers)).status_code == 200


class TestStaff:
    CUSTOMERS = "/api/v1/admin/customers"

    async def test_customers_are_found_by_address_name_and_id(self, client, ada):
        await make_account("bob@example.com", name="Bob 100% Byron")
        headers = await bearer(await make_account("s@example.com", permissions=("customers.view",)))

        async def found(q):
            items = (await client.get(self.CUSTOMERS, params={"q": q}, headers=headers)).json()["items"]
            return [each["email"] for each in items]

        assert await found("") == ["bob@example.com", "ada@example.com"], "staff are no customers"
        assert await found("ADA@") == ["ada@example.com"]
        assert await found("lovelace") == ["ada@example.com"]
        assert await found(str(ada)) == ["ada@example.com"]
        assert await found("100%") == ["bob@example.com"]
        assert await found("%") == ["bob@example.com"], "a sign, no pattern"
        assert await found("_da@") == []

    async def test_one_is_shown_with_what_there_is_and_no_hash(self, client, ada):
        await bearer(ada)
        headers = await bearer(await make_account("s@example.com", permissions=("customers.view",)))
        shown = (await client.get(f"{self.CUSTOMERS}/{ada}", headers=headers)).json()
        assert (shown["email"], shown["programs"], shown["sessions"]) == ("ada@example.com", 1, 0)
        assert {each["purpose"] for each in shown["consents"]} == {"newsletter", "recommendations"}
        assert "argon2" not in json.dumps(shown)

    async def test_staff_are_not_shown_as_customers(self, client, ada):
        boss = await make_account("boss@example.com", permissions=("*",))
        headers = await bearer(boss)
        for path in (f"{self.CUSTOMERS}/{boss}", f"{self.CUSTOMERS}/{boss}/export"):
            assert (await client.get(path, headers=headers)).status_code == 404
        assert (await client.delete(f"{self.CUSTOMERS}/{boss}", headers=headers)).status_code == 404

    async def test_who_may_only_look_takes_nothing_and_closes_nothing(self, client, ada, rows):
        headers = await bearer(await make_account("s@example.com", permissions=("customers.view",)))
        assert (await client.get(f"{self.CUSTOMERS}/{ada}/export", headers=headers)).status_code == 403
        assert (await client.delete(f"{self.CUSTOMERS}/{ada}", headers=headers)).status_code == 403
        assert {each.closed_at for each in await rows("account")} == {None}

    async def test_what_is_taken_and_closed_is_on_record(self, client, ada):
        boss = await make_account("boss@example.com", permissions=("*",))
        headers = await bearer(boss)
        export = await client.get(f"{self.CUSTOMERS}/{ada}/export", headers=headers)
        assert export.json()["data"]["identity"]["account"][0]["id"] == str(ada)
        assert (await client.delete(f"{self.CUSTOMERS}/{ada}", headers=headers)).status_code == 204
        log = (await client.get(f"/api/v1/admin/audit?subject={ada}", headers=headers)).json()["items"]
        assert [each["action"] for each in log] == ["customer.closed", "customer.exported"]
        assert "ada@" not in json.dumps([each["details"] for each in log])

    async def test_the_pages_show_find_export_and_close(self, client, ada, rows):
        await sign_in_browser(client, await make_account("boss@example.com", permissions=("*",)))
        assert "ada@example.com" in (await client.get("/admin/customers?q=ada")).text
        page = await client.get(f"/admin/customers/{ada}")
        assert "Ada Lovelace" in page.text
        file = await client.get(f"/admin/customers/{ada}/export")
        assert file.headers["content-disposition"].startswith("attachment")
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        closed = await client.post(f"/admin/customers/{ada}/close", data={"csrf_token": token})
        assert closed.headers["location"] == f"/admin/customers/{ada}"
        assert "Closed on" in (await client.get(f"/admin/customers/{ada}")).text
        assert {each.id: each.closed_at is not None for each in await rows("account")}[ada]
