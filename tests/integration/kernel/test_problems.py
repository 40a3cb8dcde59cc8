"""Refusals on their way out: one table from error to status, a whole problem document or a page, never a trace."""

import re
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shop.kernel import errors
from shop.kernel.db import read, sql
from shop.kernel.http.access import public
from shop.kernel.http.errors import EXCEPTION_HANDLERS
from shop.kernel.http.fields import CountryCode, Line, Quantity
from shop.kernel.http.gateway import Gateway
from shop.kernel.http.requests import ShopRequest
from tests.conftest import new_client

SECRET = "the password of the database"


class OutOfTea(errors.Conflict):
    code = "out_of_tea"
    title = "There is no tea left"


class SpecialTea(OutOfTea):
    """A kind of a kind keeps its status."""

    code = "out_of_special_tea"


class Cup(msgspec.Struct):
    label: Line
    quantity: Quantity
    country: CountryCode | None = None
    milk: bool = False


class Order(msgspec.Struct):
    cup: Cup
    note: Line | None = None


async def _refused_by_database() -> None:
    await read(lambda uow: sql(uow).execute(text("select cast(:big as smallint)"), {"big": 10**6}))


REFUSALS: dict[str, Any] = {
    "malformed": errors.Malformed("not like this"),
    "not_signed_in": errors.NotSignedIn(),
    "forbidden": errors.Forbidden(),
    "not_found": errors.NotFound(),
    "conflict": OutOfTea(lines=[{"line_id": "1", "available": 0}]),
    "special": SpecialTea(),
    "invalid": errors.Invalid([errors.FieldError("a", "Mend a"), errors.FieldError("b.c", "Mend c")]),
    "too_many": errors.TooMany(retry_after=17),
    "unavailable": errors.Unavailable(),
    "pool": PoolTimeoutError("no connection"),
    "bug": RuntimeError(SECRET),
    "key": KeyError(SECRET),
}
EXPECTED = {
    "malformed": (400, "malformed"),
    "not_signed_in": (401, "not_signed_in"),
    "forbidden": (403, "forbidden"),
    "not_found": (404, "not_found"),
    "conflict": (409, "out_of_tea"),
    "special": (409, "out_of_special_tea"),
    "invalid": (422, "invalid"),
    "too_many": (429, "rate_limited"),
    "unavailable": (503, "unavailable"),
    "pool": (503, "unavailable"),
    "bug": (500, "internal_error"),
    "key": (500, "internal_error"),
    "database": (422, "invalid"),
}


async def _raise(name: str) -> str:
    if name == "database":
        await _refused_by_database()
    raise REFUSALS[name]


@get("/api/raise/{name:str}", guards=[public])
async def raise_for_program(name: FromPath[str]) -> str:
    return await _raise(name)


@get("/raise/{name:str}", guards=[public])
async def raise_for_person(name: FromPath[str]) -> str:
    return await _raise(name)


@post("/api/order", guards=[public])
async def take_order(data: JSONBody[Order]) -> str:
    return data.cup.label


@get("/api/list/{thing:uuid}", guards=[public])
async def list_things(
    thing: FromPath[UUID],
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
    kind: Annotated[str | None, QueryParameter(max_length=5)] = None,
) -> str:
    return str(thing)


@pytest.fixture(scope="module")
def small(booted):
    routes = [raise_for_program, raise_for_person, take_order, list_things]
    return Gateway(
        Litestar(
            routes,
            request_class=ShopRequest,
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            request_max_body_size=10_000,
            logging_config=None,
        )
    )


@pytest.fixture
async def asker(small):
    async with new_client(small) as made:
        yield made


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_program_gets_a_problem_document(asker, name):
    answer = await asker.get(f"/api/raise/{name}")
    status, code = EXPECTED[name]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"urn:shop:problem:{code}")
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "not_signed_in"])
async def test_a_person_gets_a_page(asker, name):
    answer = await asker.get(f"/raise/{name}")
    assert answer.status_code == EXPECTED[name][0]
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1" in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


async def test_a_person_who_must_sign_in_is_led_there_and_back(asker):
    answer = await asker.get("/raise/not_signed_in?a=1&b=//evil.example")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/signin?next=%2Fraise%2Fnot_signed_in%3Fa%3D1%26b%3D%2F%2Fevil.example"


async def test_further_members_and_headers_come_along(asker):
    assert (await asker.get("/api/raise/conflict")).json()["lines"] == [{"line_id": "1", "available": 0}]
    assert (await asker.get("/api/raise/not_signed_in")).headers["www-authenticate"] == "Bearer"
    assert (await asker.get("/api/raise/too_many")).headers["retry-after"] == "17"
    assert (await asker.get("/raise/too_many")).headers["retry-after"] == "17"
    assert (await asker.get("/api/raise/unavailable")).headers["retry-after"] == "2"
    assert (await asker.get("/api/raise/invalid")).json()["errors"] == [
        {"field": "a", "message": "Mend a"},
        {"field": "b.c", "message": "Mend c"},
    ]


async def test_a_broken_body_is_told_all_its_fields_at_once(asker):
    body = {"cup": {"label": " ", "quantity": 0, "country": "Germany", "milk": "no"}, "note": "a\nb"}
    answer = await asker.post("/api/order", json=body)
    assert answer.status_code == 422
    told = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert set(told) == {"cup.label", "cup.quantity", "cup.country", "cup.milk", "note"}
    assert told["cup.quantity"] == "At least 1"
    assert all("`" not in message and "regex" not in message for field, message in told.items() if field != "cup.milk")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "cup"),
        ({"cup": None}, "cup"),
        ({"cup": 5}, "cup"),
        ({"cup": []}, "cup"),
        (None, "body"),
        ([], "body"),
        ("x", "body"),
    ],
)
async def test_what_is_missing_or_of_another_kind_is_named(asker, body, field):
    answer = await asker.post("/api/order", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_text_where_a_number_belongs_is_refused(asker):
    for quantity in ("2", "1e1", 2.5, True):
        answer = await asker.post("/api/order", json={"cup": {"label": "tea", "quantity": quantity}})
        assert answer.status_code == 422, quantity
        assert [error["field"] for error in answer.json()["errors"]] == ["cup.quantity"]


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"cup": NaN}', b"[" * 3000, b"{'cup': 1}"])
async def test_what_can_t_be_read_is_malformed(asker, body):
    answer = await asker.post("/api/order", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == (422 if body == b"" else 400)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_over_the_limit_is_too_large(asker):
    answer = await asker.post("/api/order", json={"cup": {"label": "x" * 20_000, "quantity": 1}})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("kind=toolong", "kind")]
)
async def test_a_broken_parameter_is_named(asker, query, field):
    answer = await asker.get(f"/api/list/01900000-0000-7000-8000-000000000000?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_unknown_address_and_another_method(asker):
    for path in ("/api/nothing", "/api/list/not-an-id"):
        answer = await asker.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    answer = await asker.request("DELETE", "/api/order")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]
    page = await asker.get("/nothing/<script>alert(1)</script>")
    assert page.status_code == 404
    assert "<script>alert" not in page.text


async def test_health_checks_are_for_programs(client):
    answer = await client.post("/healthz")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/", "/webhooks/nobody", "/webhooks/a/b"])
async def test_a_provider_that_was_given_a_wrong_address_is_told_so_as_a_program(client, path):
    answer = await client.post(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_every_refusal_of_a_module_has_a_word_and_a_sentence_of_its_own(booted):
    """Programs test for `code`; that of a whole kind would tell them nothing."""

    def below(kind: type) -> set[type]:
        return {each for sub in kind.__subclasses__() for each in (sub, *below(sub))}

    refusals = [each for each in below(errors.ShopError) if each.__module__.startswith("shop.")]
    assert len(refusals) > 20
    for each in refusals:
        assert re.fullmatch(r"[a-z][a-z_]+", each.code), each
        assert each.title[0].isupper(), each
    kinds = {each.code for each in refusals if each.__module__ == "shop.kernel.errors"}
    own = [each for each in refusals if each.__module__ != "shop.kernel.errors"]
    assert [each.__qualname__ for each in own if each.code in kinds] == []
