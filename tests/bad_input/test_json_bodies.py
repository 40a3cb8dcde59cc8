"""JSON as nobody should write it: every file of the JSON test suite as a body, and bodies that are too deep, too big or
not JSON at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shop.app import MAX_BODY_BYTES
from tests.bad_input.answers import is_api_answer, is_page_answer
from tests.bad_input.calls import call, renewed_when_taken
from tests.bad_input.endpoints import Endpoint
from tests.bad_input.extent import FULL
from tests.bad_input.forms import Routes, all_forms, find_again
from tests.bad_input.people import Shop

FILES_FOR_ALL = 10
"""So many files go to every endpoint; each other file goes to two of them, together to all."""
DEEP = 100_000

Bodies = dict[str, bytes]


@pytest.fixture(scope="module")
def bodies(real_data: Callable[[str], Path]) -> Bodies:
    folder = real_data("bad-input") / "json-test-suite"
    found = {path.name: path.read_bytes() for path in sorted(folder.rglob("*.json"))}
    assert len(found) > 300
    return {
        **found,
        "deep_lists": b"[" * DEEP + b"]" * DEEP,
        "deep_objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        "a_key_twice": b'{"quantity": 1, "quantity": 2}',
        "no_text": b"\xff\xfe\x00",
        "nothing": b"",
        "blank": b" \n ",
        "a_very_long_number": b'{"quantity": ' + b"9" * 50_000 + b"}",
        "utf_16": '{"name": "Ada"}'.encode("utf-16"),
    }


@pytest.fixture
def takers(endpoints: list[Endpoint]) -> list[Endpoint]:
    """POST, PUT and PATCH, with a body described or not."""
    found = [each for each in endpoints if each.method in {"POST", "PUT", "PATCH"}]
    assert len(found) > 12
    return found


async def test_every_file_as_a_body(shop: Shop, takers: list[Endpoint], bodies: Bodies) -> None:
    described = [each for each in takers if each.body is not None]
    for number, (name, body) in enumerate(bodies.items()):
        meant = takers if FULL or number % (len(bodies) // FILES_FOR_ALL) == 0 else ()
        for endpoint in meant or (described[number % len(described)], described[(number * 7 + 3) % len(described)]):
            answer = await call(shop, endpoint, content=body)
            is_api_answer(answer, (str(endpoint), name))
            if name.startswith("n_") and body and endpoint.body is not None:
                assert answer.status_code == 400, f"{endpoint} answers {answer.status_code} to the broken {name}"
            await renewed_when_taken(shop, endpoint, answer)


async def test_no_broken_body_changes_anything(
    shop: Shop, takers: list[Endpoint], bodies: Bodies, nothing_changes
) -> None:
    names = (
        "n_object_trailing_comma.json",
        "n_structure_unclosed_object.json",
        "deep_objects",
        "no_text",
        "i_string_utf16LE_no_BOM.json",
    )
    async with nothing_changes("broken JSON"):
        for endpoint in (each for each in takers if each.body is not None):
            for name in names:
                answer = await call(shop, endpoint, content=bodies[name])
                assert 400 <= answer.status_code < 500, f"{endpoint} takes {name}"


async def test_a_body_that_is_too_big_is_refused(shop: Shop, takers: list[Endpoint], nothing_changes) -> None:
    big = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'
    async with nothing_changes("a body over the limit"):
        for endpoint in takers:
            if endpoint.body is not None:
                answer = await call(shop, endpoint, content=big)
                is_api_answer(answer, (str(endpoint), "a big body"))
                assert answer.status_code == 413, f"{endpoint}: {answer.text[:200]}"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json; charset=no-such-thing",
        "application/msgpack",
        "nonsense",
    ],
)
async def test_a_body_that_calls_itself_something_else(shop: Shop, takers: list[Endpoint], content_type: str) -> None:
    for endpoint in takers:
        answer = await call(shop, endpoint, content=b'{"a": 1}', headers={"Content-Type": content_type})
        is_api_answer(answer, (str(endpoint), content_type))
        await renewed_when_taken(shop, endpoint, answer)


URLENCODED = "application/x-www-form-urlencoded"
NO_FORMS = (
    (URLENCODED, b'{"email": "ada@example.com"}'),
    (URLENCODED, b"\xff\xfe=\x00&%ff=%00&%"),
    (URLENCODED, b"a" * 300_000),
    (URLENCODED, b"a=1&" * 20_000),
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nada'),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="email"; filename="f"\r\n\r\n\x00\r\n--x--',
    ),
    ("multipart/form-data; boundary=\x7f", b"\x00"),
    ("application/json", b"[" * DEEP),
    ("application/json", b"{"),
    ("text/plain; charset=no-such-thing", b"a=1"),
)


async def test_a_form_that_is_none(shop: Shop, routes: Routes) -> None:
    for found in await all_forms(shop, routes):
        if found.method != "post" or found.route.endswith("signout"):
            continue
        form = await find_again(shop, routes, found)
        for content_type, body in NO_FORMS:
            headers = {"Content-Type": content_type, "X-CSRF-Token": form.fields.get("csrf_token", "")}
            answer = await shop.browsers[form.who].post(form.action, content=body, headers=headers)
            is_page_answer(answer, "")
