"""Every column of every table sent along with every JSON body and every form: nothing that the sender may not set is set.

Words, numbers, ids and times are canaries that would be found again in the database. Yes and no can't be: there the same
request is made twice, plainly and with all columns, and both must leave as many yeses in each table.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import text

from shop.kernel.db import read, sql
from shop.kernel.uow import UnitOfWork
from tests.attacks.estate import NOTHING, Estate
from tests.attacks.routes import Route
from tests.attacks.test_others_things import call, needed_headers
from tests.bad_input.endpoints import put
from tests.bad_input.forms import Form, Routes, all_forms, find_again

TEXT, NUMBER, UUID = "mass-assigned-canary", 1_987_654_321, "01900000-0000-7000-8000-00000000cafe"
TIME = "2031-03-03T03:03:03Z"
CANARIES = (TEXT, str(NUMBER), UUID, "2031-03-03")
BY_TYPE: dict[str, Any] = {
    "uuid": UUID,
    "integer": NUMBER,
    "bigint": NUMBER,
    "smallint": 773,
    "numeric": NUMBER,
    "boolean": True,
    "timestamp with time zone": TIME,
    "date": "2031-03-03",
    "ARRAY": [TEXT],
    "jsonb": {TEXT: TEXT},
    "USER-DEFINED": TEXT,
}
Columns = dict[str, Any]


async def _columns(uow: UnitOfWork) -> Columns:
    """Name and a canary of its type, of every column there is; of two types of one name a yes wins."""
    found = await sql(uow).execute(
        text(
            "select column_name, data_type from information_schema.columns"
            " where table_schema not in ('pg_catalog', 'information_schema', 'public')"
            " order by data_type = 'boolean', column_name"
        )
    )
    return {name: BY_TYPE.get(kind, TEXT) for name, kind in found}


async def _yeses(uow: UnitOfWork) -> dict[str, int]:
    """How many rows say yes, by column."""
    found = await sql(uow).execute(
        text(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
            " where data_type = 'boolean' and table_schema not in ('pg_catalog', 'information_schema', 'public')"
        )
    )
    query = " union all ".join(
        f"select '{table}.{column}', count(*) filter (where {column}) from {table}" for table, column in found
    )
    return {row[0]: row[1] for row in (await sql(uow).execute(text(query))).all()}


async def _landed(uow: UnitOfWork) -> list[str]:
    """Rows that hold a canary."""
    tables = await sql(uow).execute(
        text(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema', 'public')"
        )
    )
    any_canary = " or ".join(f"t::text like '%{canary}%'" for canary in CANARIES)
    query = " union all ".join(
        f"select '{name}: ' || t::text from {name} t where {any_canary}" for name in tables.scalars()
    )
    return list((await sql(uow).execute(text(query))).scalars())


@pytest.fixture
async def columns(db: None) -> Columns:
    found = await read(_columns)
    assert len(found) > 100
    assert {"is_staff", "verified_at", "account_id", "price_minor", "status"} & set(found) >= {"is_staff", "account_id"}
    return found


def laden(body: Any, columns: Columns) -> Any:
    """`body` with every column that it doesn't know, in itself and in each object within."""
    if not isinstance(body, dict):
        return body
    inner = {name: laden(value, columns) for name, value in body.items()}
    return {**{name: value for name, value in columns.items() if name not in body}, **inner}


def body_of(route: Route, estate: Estate) -> dict[str, Any] | None:
    if route.endpoint is None or route.endpoint.body is None:
        return None
    body = route.endpoint.example({**estate.known, **OF_ENDPOINTS.get(str(route), {})})
    return body if isinstance(body, dict) else None


OF_ENDPOINTS: dict[str, dict[str, Any]] = {
    "POST /api/v1/auth/signup": {"email": "new@example.com"},
}
"""What makes a body one that is taken, so that the columns beside it might be too."""


async def difference(before: dict[str, int]) -> dict[str, int]:
    """How many more yeses there are; that some go away with what is ended is as it should be."""
    after = await read(_yeses)
    return {name: count - before[name] for name, count in after.items() if count > before[name]}


async def test_no_json_body_sets_a_column_that_is_not_its_own(
    estate: Estate, every_route: list[Route], columns: Columns
) -> None:
    taken = []
    for route in every_route:
        if not route.is_api or not route.changes or body_of(route, estate) is None:
            continue
        who = {"staff": "staff", "public": "guest", "signature": "guest"}.get(route.rule.kind, "customer")
        differences = []
        for load in (False, True):
            await estate.go_back()
            url = route.url(await estate.values(route))
            body = body_of(route, estate)
            before = await read(_yeses)
            answer = await estate.api.request(
                route.method,
                url,
                json=laden(body, columns) if load else body,
                headers=needed_headers(estate, route) | estate.headers[who],
            )
            assert answer.status_code < 500, f"{route} can't bear further fields: {answer.text[:300]}"
            assert not any(canary in answer.text for canary in CANARIES), f"{route} answers {answer.text[:300]}"
            differences.append((answer.status_code, await difference(before)))
        plain, with_columns = differences
        if with_columns[0] < 400:
            assert with_columns == plain, f"{route}: a yes was set by a column of that name"
            taken.append(str(route))
        landed = await read(_landed)
        assert landed == [], f"{route} let these in: {landed}"
    assert len(taken) > 3, f"only {taken} were taken, so little was proved"


async def test_no_form_sets_a_column_that_is_not_its_own(estate: Estate, routes: Routes, columns: Columns) -> None:
    taken = []
    texts = {name: _typed(value) for name, value in columns.items()}
    for found in await all_forms(estate, routes):
        if found.method != "post" or set(found.kinds.values()) & {"file"} or "signout" in found.route:
            continue
        differences = []
        for load in (False, True):
            await estate.go_back()
            form = await find_again(estate, routes, found)
            before = await read(_yeses)
            fields = {**form.fields, **form.buttons}
            answer = await form.send_fields(estate.browsers[form.who], _laden(form, fields, texts) if load else fields)
            assert answer.status_code < 500, f"{form} can't bear further fields: {answer.text[:300]}"
            differences.append((answer.status_code, await difference(before)))
        plain, with_columns = differences
        if with_columns[0] < 400:
            assert with_columns == plain, f"{found}: a yes was set by a column of that name"
            taken.append(str(found))
        landed = await read(_landed)
        assert landed == [], f"{found} let these in: {landed}"
    assert len(taken) > 5, f"only {taken} were taken, so little was proved"


def _typed(value: Any) -> str:
    return "on" if value is True else TEXT if isinstance(value, list | dict) else str(value)


def _laden(form: Form, fields: dict[str, str], texts: dict[str, str]) -> dict[str, str]:
    """Every column by its name, and below the groups that the form's own names begin with (shipping_address.…)."""
    groups: Iterable[str] = {name.rpartition(".")[0] for name in form.names if "." in name}
    extra = {name: value for name, value in texts.items() if name not in form.names}
    for group in groups:
        extra |= {f"{group}.{name}": value for name, value in texts.items() if f"{group}.{name}" not in form.names}
    return {**extra, **fields}


async def test_query_parameters_set_nothing_either(estate: Estate, every_route: list[Route], columns: Columns) -> None:
    """Named beside a body that is taken."""
    texts = {name: _typed(value) for name, value in columns.items()}
    for path in ("/api/v1/auth/signup", "/api/v1/me"):
        for route in every_route:
            if route.path == path and route.changes and body_of(route, estate) is not None:
                await estate.api.request(
                    route.method,
                    path,
                    json=body_of(route, estate),
                    params=texts,
                    headers=needed_headers(estate, route) | estate.headers["customer"],
                )
    answer = await call(estate, _me(every_route), "/api/v1/me", estate.headers["customer"])
    assert answer.json()["is_staff"] is False
    assert await read(_landed) == []


def _me(every_route: list[Route]) -> Route:
    return next(route for route in every_route if str(route) == "GET /api/v1/me")


async def test_the_canaries_would_be_found(estate: Estate) -> None:
    """So that an empty hand above means that nothing landed."""
    body = {"name": TEXT}
    answer = await estate.api.patch("/api/v1/me", json=body, headers=estate.headers["customer"])
    assert answer.status_code == 200, answer.text
    assert any(TEXT in row for row in await read(_landed))
    assert put(body, ("name",), NOTHING) != body
