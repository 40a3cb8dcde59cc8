"""The address book: kept as each country writes it, one's own alone, fifty at most, one default of each kind."""

import asyncio

import pytest

from shop.contracts.identity import AddressBook, PostalAddress
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from tests.factories.identity import bearer, make_account, sign_in_browser

BOOK = "/api/v1/me/addresses"
BERLIN = {
    "name": "Ada Lovelace",
    "line1": "Unter den Linden 5",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
PORTLAND = {**BERLIN, "city": "Portland", "postal_code": "972011234", "region": "oregon", "country": "US"}


@pytest.fixture
async def ada(db):
    return await make_account()


@pytest.fixture
async def headers(ada):
    return await bearer(ada)


async def add(client, headers, **changes):
    answer = await client.post(BOOK, json={**BERLIN, **changes}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def book(client, headers):
    return (await client.get(BOOK, headers=headers)).json()["items"]


async def test_an_address_is_kept_as_its_country_writes_it(client, headers):
    kept = await add(client, headers, **PORTLAND, company="  ", line2=" Flat 3 ")
    assert (kept["postal_code"], kept["region"]) == ("97201-1234", "OR")
    assert (kept["company"], kept["line2"]) == (None, "Flat 3")
    assert await book(client, headers) == [kept]
    assert (await client.get(f"{BOOK}/{kept['id']}", headers=headers)).json() == kept


async def test_what_its_country_has_otherwise_is_told_by_field(client, headers):
    refused = await client.post(BOOK, json={**PORTLAND, "postal_code": "1", "region": "Bavaria"}, headers=headers)
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == {"postal_code", "region"}
    missing = await client.post(BOOK, json={**BERLIN, "country": "US"}, headers=headers)
    assert [error["field"] for error in missing.json()["errors"]] == ["region"]
    nowhere = await client.post(BOOK, json={**BERLIN, "country": "XX"}, headers=headers)
    assert [error["field"] for error in nowhere.json()["errors"]] == ["country"]
    assert await book(client, headers) == []


async def test_an_unknown_region_passes_where_no_list_is_known(client, headers):
    assert (await add(client, headers, region="Anywhere"))["region"] == "Anywhere"


async def test_the_first_is_every_default_and_one_default_follows_another(client, headers):
    first = await add(client, headers)
    assert (first["default_shipping"], first["default_billing"]) == (True, True)
    second = await add(client, headers, line1="Other Street 1")
    assert (second["default_shipping"], second["default_billing"]) == (False, False)
    third = await add(client, headers, line1="Third Street 1", default_shipping=True)
    assert (await book(client, headers))[0]["id"] == third["id"]
    await client.patch(f"{BOOK}/{second['id']}", json={"default_billing": True}, headers=headers)
    now = {each["id"]: (each["default_shipping"], each["default_billing"]) for each in await book(client, headers)}
    assert now == {first["id"]: (False, False), second["id"]: (False, True), third["id"]: (True, False)}


async def test_a_change_leaves_what_it_does_not_name(client, headers):
    kept = await add(client, headers, phone="+49 30 1", company="Engines")
    changed = await client.patch(f"{BOOK}/{kept['id']}", json={"line1": "New Street 1", "phone": None}, headers=headers)
    assert changed.json() == {**kept, "line1": "New Street 1", "phone": None}
    refused = await client.patch(f"{BOOK}/{kept['id']}", json={"country": "GB"}, headers=headers)
    assert [error["field"] for error in refused.json()["errors"]] == ["postal_code"], "the code is no British one"
    assert await book(client, headers) == [changed.json()]


async def test_another_persons_address_is_not_there(client, headers):
    kept = await add(client, headers)
    stranger = await bearer(await make_account("eve@example.com"))
    for answer in (
        await client.get(f"{BOOK}/{kept['id']}", headers=stranger),
        await client.patch(f"{BOOK}/{kept['id']}", json={"name": "Eve"}, headers=stranger),
        await client.delete(f"{BOOK}/{kept['id']}", headers=stranger),
        await client.get(f"{BOOK}/{new_id()}", headers=headers),
    ):
        assert answer.status_code == 404
    assert await book(client, headers) == [kept]
    assert await book(client, stranger) == []


async def test_a_deleted_address_is_gone(client, headers):
    kept = await add(client, headers)
    assert (await client.delete(f"{BOOK}/{kept['id']}", headers=headers)).status_code == 204
    assert (await client.delete(f"{BOOK}/{kept['id']}", headers=headers)).status_code == 404
    assert await book(client, headers) == []


async def test_the_book_holds_fifty_whatever_comes_at_once(client, headers):
    for number in range(46):
        await add(client, headers, line1=f"Street {number}")
    answers = await asyncio.gather(
        *(client.post(BOOK, json={**BERLIN, "line1": f"Lane {n}"}, headers=headers) for n in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 6
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"address_book_full"}
    assert len(await book(client, headers)) == 50


async def test_of_defaults_set_at_once_one_is_left(client, headers):
    kept = [await add(client, headers, line1=f"Street {number}") for number in range(6)]
    answers = await asyncio.gather(
        *(client.patch(f"{BOOK}/{each['id']}", json={"default_shipping": True}, headers=headers) for each in kept)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sum(each["default_shipping"] for each in await book(client, headers)) == 1


async def test_nobody_signed_in_has_a_book(client):
    assert (await client.get(BOOK)).status_code == 401
    assert (await client.get("/account/addresses")).status_code == 303


async def test_checkout_keeps_an_address_once(db, ada):
    address = PostalAddress(**BERLIN)
    for _ in range(3):
        await write(port(AddressBook).keep_address, ada, address)
    assert len(await read(port(AddressBook).list_addresses, ada)) == 1


async def test_an_address_that_does_not_fit_or_a_full_book_fails_no_order(client, db, ada, headers):
    await write(port(AddressBook).keep_address, ada, PostalAddress(**{**BERLIN, "postal_code": "1"}))
    assert await read(port(AddressBook).list_addresses, ada) == []
    for number in range(50):
        await add(client, headers, line1=f"Street {number}")
    await write(port(AddressBook).keep_address, ada, PostalAddress(**BERLIN))
    assert len(await read(port(AddressBook).list_addresses, ada)) == 50
    await write(port(AddressBook).keep_address, new_id(), PostalAddress(**BERLIN))


class TestPages:
    @pytest.fixture
    async def browser(self, client, ada):
        await sign_in_browser(client, ada)
        return client

    async def form(self, browser, path, **fields):
        page = (await browser.get("/account/addresses/new")).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        return await browser.post(path, data={**fields, "csrf_token": token})

    async def test_an_address_is_added_changed_made_default_and_deleted(self, browser, headers):
        added = await self.form(browser, "/account/addresses", **BERLIN, default_shipping="on")
        assert (added.status_code, added.headers["location"]) == (303, "/account/addresses")
        [kept] = await book(browser, headers)
        shown = (await browser.get("/account/addresses")).text
        assert "10117 Berlin" in shown
        assert "Germany" in shown
        path = f"/account/addresses/{kept['id']}"
        assert 'value="Unter den Linden 5"' in (await browser.get(path)).text
        await self.form(browser, path, **{**BERLIN, "line1": "New Street 1"})
        [kept] = await book(browser, headers)
        assert (kept["line1"], kept["default_shipping"]) == ("New Street 1", False)
        await self.form(browser, f"{path}/default", default="default_billing")
        assert (await book(browser, headers))[0]["default_billing"]
        await self.form(browser, f"{path}/delete")
        assert await book(browser, headers) == []
        assert "No addresses yet" in (await browser.get("/account/addresses")).text

    async def test_the_form_asks_for_what_the_country_asks_for(self, browser, headers):
        plain = (await browser.get("/account/addresses/new")).text
        assert 'name="region"' not in plain
        american = await self.form(browser, "/account/addresses", **{**BERLIN, "country": "US"}, action="update")
        assert american.status_code == 200
        assert "ZIP code" in american.text
        assert '<option value="OR">Oregon</option>' in american.text
        assert 'value="Unter den Linden 5"' in american.text, "what was typed stays"
        assert await book(browser, headers) == []

    async def test_mistakes_are_told_together_in_the_forms_words(self, browser, headers):
        wrong = await self.form(browser, "/account/addresses", **{**PORTLAND, "name": "", "postal_code": "1"})
        assert wrong.status_code == 422
        for words in (
            "Full name: this is needed",
            "ZIP code: this is no ZIP code of that country: one looks like 95014",
        ):
            assert words in wrong.text
        assert await book(browser, headers) == []

    async def test_a_default_that_is_none_changes_nothing(self, browser, headers):
        await self.form(browser, "/account/addresses", **BERLIN)
        [kept] = await book(browser, headers)
        await self.form(browser, f"/account/addresses/{kept['id']}/default", default="name")
        assert await book(browser, headers) == [kept]
