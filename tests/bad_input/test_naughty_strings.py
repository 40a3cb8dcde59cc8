"""The Big List of Naughty Strings in every text field of every form and endpoint, in addresses and headers too."""

import re

from tests.bad_input.answers import LAST_NET, is_api_answer, is_page_answer
from tests.bad_input.calls import call, renewed_when_taken
from tests.bad_input.endpoints import Endpoint, put, schema_at
from tests.bad_input.extent import UNSTORABLE, part
from tests.bad_input.forms import Routes, all_forms, find_again
from tests.bad_input.people import Shop

IN_BODIES, IN_FORMS, IN_PARAMETERS, IN_HEADERS = 100, 200, 24, 500
"""`make test` sends one in so many strings to each field."""


OF_PROGRAMS = {"/oauth/token", "/oauth/revoke", "/oauth/introspect"}
"""Forms that no page shows: programs send them."""


async def test_the_bodies_around_the_bad_input_are_good(shop: Shop, endpoints: list[Endpoint]) -> None:
    """Else whatever stands in them would be refused for something else. A new field may need an entry in USUAL."""
    refused = {}
    for endpoint in endpoints:
        if endpoint.body is not None:
            answer = await call(shop, endpoint, body=endpoint.example(shop.known))
            if answer.status_code in {422, 404, 409}:
                refused[str(endpoint)] = answer.text
            await renewed_when_taken(shop, endpoint, answer)
    assert refused == {}


async def test_in_every_text_of_every_body(shop: Shop, endpoints: list[Endpoint], strings: list[str]) -> None:
    places = [(endpoint, path) for endpoint in endpoints for path in endpoint.texts()]
    assert len(places) > 25
    taken = 0
    for endpoint, path in places:
        for string in (*part(strings, IN_BODIES, (str(endpoint), path)), *UNSTORABLE):
            body = put(endpoint.example(shop.known), path, string)
            answer = await call(shop, endpoint, body=body)
            is_api_answer(answer, (str(endpoint), path, string))
            assert LAST_NET not in answer.text, f"no rule of {endpoint} looks at {path}, which held {string!r}"
            taken += answer.status_code < 300
            if len(path) == 1 or "address" in path[0]:
                await renewed_when_taken(shop, endpoint, answer)
    assert taken, "no string at all was taken: the bodies around them were refused"


async def test_a_line_end_after_a_good_value(shop: Shop, endpoints: list[Endpoint]) -> None:
    """Where a pattern allows no line end in the middle, it allows none at the end either, though `$` would."""
    tried = 0
    for endpoint in endpoints:
        for path in endpoint.texts():
            pattern = schema_at(endpoint.body or {}, path).get("pattern")
            if pattern is None or re.search(pattern, "a\nb"):
                continue
            body = endpoint.example(shop.known)
            good = body
            for name in path:
                good = good[name]
            answer = await call(shop, endpoint, body=put(body, path, f"{good}\n"))
            assert answer.status_code == 422, f"{endpoint} takes a line end at {path}"
            assert {error["field"].partition(".[")[0] for error in answer.json()["errors"]} == {
                ".".join(map(str, path))
            }
            tried += 1
    assert tried > 10


async def test_in_every_parameter_of_every_address(shop: Shop, endpoints: list[Endpoint], strings: list[str]) -> None:
    places = [(endpoint, each) for endpoint in endpoints for each in endpoint.parameters]
    assert {each.place for _, each in places} == {"path", "query", "header"}
    for endpoint, parameter in places:
        for string in (*part(strings, IN_PARAMETERS, (str(endpoint), parameter.name)), *UNSTORABLE):
            if not string:
                continue
            sent = (str(endpoint), parameter.name, string)
            body = endpoint.example(shop.known)
            if parameter.place == "path":
                if len(string) > 5000:
                    continue
                answer = await call(shop, endpoint, body=body, **{parameter.name: string})
            elif parameter.place == "query":
                answer = await call(shop, endpoint, body=body, query={parameter.name: string})
            else:
                if {"\r", "\n", "\x00"} & set(string):
                    continue  # no header can hold these: HTTP itself refuses them
                answer = await call(shop, endpoint, body=body, headers={parameter.name: string.encode()})
            is_api_answer(answer, sent)
            assert LAST_NET not in answer.text, f"no rule looks at {sent}"
            if endpoint.method != "DELETE":
                await renewed_when_taken(shop, endpoint, answer)


async def test_in_headers_that_every_endpoint_reads(shop: Shop, endpoints: list[Endpoint], strings: list[str]) -> None:
    headers = ("Authorization", "Idempotency-Key", "X-Request-Id", "Accept", "Cookie", "Content-Type")
    for endpoint in endpoints:
        for header in headers:
            for string in part(strings, IN_HEADERS, (str(endpoint), header), when_full=12):
                if {"\r", "\n", "\x00"} & set(string):
                    continue
                value = f"Bearer {string}" if header == "Authorization" else string
                body = endpoint.example(shop.known)
                answer = await call(shop, endpoint, body=body, headers={header: value.encode()})
                is_api_answer(answer, (str(endpoint), header, string))
                await renewed_when_taken(shop, endpoint, answer)


async def test_every_page_that_takes_a_form_has_one(
    shop: Shop, routes: Routes, rules: dict[tuple[str, str], str]
) -> None:
    """So that no form goes untested. One that no page leads to needs a door in `people.py`."""
    met = {form.route for form in await all_forms(shop, routes) if form.method == "post"}
    takes_a_form = {
        path
        for (method, path), kind in rules.items()
        if method == "POST" and not path.startswith("/api/") and kind != "signature"
    }
    assert sorted(takes_a_form - met - OF_PROGRAMS) == []


async def test_in_every_field_of_every_form(shop: Shop, routes: Routes, strings: list[str]) -> None:
    for found in await all_forms(shop, routes):
        form = await find_again(shop, routes, found)
        for name in sorted(form.names - {"csrf_token"}):
            field = name
            for string in (*part(strings, IN_FORMS, (str(form), len(name), name[:12]), when_full=5), *UNSTORABLE):
                answer = await form.send(shop.browsers[form.who], **{field: string})
                is_page_answer(answer, string)
                assert LAST_NET not in answer.text, f"no rule of {form} looks at {field}, which held {string!r}"
                if form.method == "post" and answer.is_redirect:
                    form = await find_again(shop, routes, found)
                    field = name if name in form.names else next(iter(form.names - {"csrf_token"}))
