"""Input that was made to break things: odd addresses and naughty strings, in every field of every form and endpoint.

Each field gets a part of the strings, another one than its neighbours; SHOP_RELIABILITY=full sends all to each.
"""

import json
import xml.etree.ElementTree as ET

import pytest

from tests.bad_input.extent import part
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, sign_in_browser

FIELDS = {
    f"{AUTH}/signup": {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"},
    f"{AUTH}/signin": {"email": "ada@example.com", "password": PASSWORD, "cart_id": "x"},
    f"{AUTH}/email/verify": {"token": "x"},
    f"{AUTH}/refresh": {"refresh_token": "x"},
    f"{AUTH}/password/forgot": {"email": "ada@example.com"},
    f"{AUTH}/password/reset": {"token": "x", "password": PASSWORD},
}
ONE_IN = 5
FORMS = {
    "/signup": {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"},
    "/signin": {"email": "ada@example.com", "password": PASSWORD, "next": "/account"},
    "/forgot": {"email": "ada@example.com"},
    "/account": {"name": "Ada"},
}


def naughty(real_data) -> list[str]:
    return json.loads((real_data("bad-input") / "blns" / "blns.json").read_text(encoding="utf-8"))


def odd_addresses(real_data) -> list[str]:
    """The collection writes control characters as their pictures, U+2400 and up."""
    found = []
    for each in ET.parse(real_data("bad-input") / "isemail" / "tests.xml").getroot().iter("address"):
        text = each.text or ""
        found.append("".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) <= 0x2421 else c for c in text))
    assert len(found) > 150
    return found


async def test_odd_addresses_are_taken_or_refused_but_never_break_anything(client, quick, real_data, rows):
    seen = set()
    for address in odd_addresses(real_data):
        body = {"email": address, "password": PASSWORD, "name": "Ada"}
        answer = await client.post(f"{AUTH}/signup", json=body)
        assert answer.status_code in {202, 422}, address
        if answer.status_code == 422:
            assert [error["field"] for error in answer.json()["errors"]] == ["email"]
        forgot = await client.post(f"{AUTH}/password/forgot", json={"email": address})
        assert forgot.status_code == answer.status_code, address
        sign_in = await client.post(f"{AUTH}/signin", json={"email": address, "password": PASSWORD})
        assert sign_in.status_code in {401, 422}, address
        seen.add(answer.status_code)
    assert seen == {202, 422}
    assert await rows("account")


async def test_odd_addresses_in_forms_are_taken_or_told(client, quick, real_data):
    for address in odd_addresses(real_data):
        client.cookies.clear()
        form = {"email": address, "password": PASSWORD, "name": "Ada"}
        assert (await client.post("/signup", data=form)).status_code in {303, 422}, address
        client.cookies.clear()
        assert (await client.post("/signin", data=form)).status_code == 422, address


async def test_naughty_strings_in_every_field_of_every_endpoint_get_a_plain_answer(client, quick, real_data):
    headers = await bearer(await make_account("known@example.com"))
    for path, body in FIELDS.items():
        for field in body:
            for string in part(naughty(real_data), ONE_IN, (path, field)):
                answer = await client.post(path, json={**body, field: string})
                assert answer.status_code in {200, 202, 400, 401, 422}, (path, field, string)
                assert "Traceback" not in answer.text
    for string in part(naughty(real_data), ONE_IN, "me"):
        answer = await client.patch("/api/v1/me", headers=headers, json={"name": string})
        assert answer.status_code in {200, 422}, string


async def test_naughty_strings_in_every_field_of_every_form_get_a_page(client, quick, real_data):
    await sign_in_browser(client, await make_account("known@example.com"))
    page = (await client.get("/account")).text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    for path, form in FORMS.items():
        for field in form:
            for string in part(naughty(real_data), ONE_IN, (path, field)):
                answer = await client.post(path, data={**form, field: string, "csrf_token": token})
                assert answer.status_code in {303, 422}, (path, field, string)
                assert answer.headers.get("location", "/").startswith("/")
                assert not answer.headers.get("location", "/").startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"email": 1, "password": [], "name": {}}',
        b'{"email": null, "password": null, "name": null}',
        b'{"email": "\xff@example.com"}',
        b'{"email": "\\ud800@example.com", "password": "long enough", "name": "Ada"}',
        b'{"email": "a\\u0000@example.com", "password": "long\\u0000enough", "name": "A\\u0000da"}',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
    ],
)
async def test_bodies_that_are_no_sign_up_are_refused_with_a_problem_document(client, body, rows):
    answer = await client.post(f"{AUTH}/signup", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows("account") == []


async def test_a_name_with_a_nul_is_refused_and_nothing_changes(client, rows):
    headers = await bearer(await make_account())
    answer = await client.patch("/api/v1/me", headers=headers, json={"name": "Ada\x00"})
    assert answer.status_code == 422
    assert (await rows("account"))[0].name == "Ada Lovelace"


@pytest.mark.parametrize(
    "content", [b"email=%ff%fe&password=%ff&name=%ff", b"\xff\xfe", b"email=%00&password=%00&name=%00", b"&&&==;"]
)
async def test_forms_that_can_not_be_read_as_text_are_refused(client, content, rows):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/signup", "/signin", "/forgot"):
        answer = await client.post(path, content=content, headers=headers)
        assert answer.status_code in {400, 422}, path
    assert await rows("account") == []
