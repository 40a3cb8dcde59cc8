"""Lists with cursors, search and expanded fields, as every resource of Stripe's has them."""

import json
import re
import time
from typing import Any

from tests.fakes.stripe_api.books import Books, public
from tests.fakes.stripe_api.errors import StripeRefusal
from tests.fakes.stripe_api.forms import Params

MOST = 100
COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
CLAUSE = re.compile(r"""\s*(metadata\[['"](?P<key>[^'"\\]{1,40})['"]\]|(?P<field>\w+))\s*(?P<how>[:<>]=?)\s*"""
                    r"""(['"](?P<text>(?:[^'"\\]|\\.)*)['"]|(?P<number>\d+))\s*(?:AND|$)""", re.IGNORECASE)  # fmt: skip
SEARCHED = {"amount", "created", "currency", "customer", "status"}


def listed(books: Books, kind: str, params: Params, url: str, **facts: Any) -> dict[str, Any]:
    """A page of the newest first. `facts`: what fields have to be, one of a list, or whatever where None."""
    limit = params.integer("limit")
    if limit is not None and not 1 <= limit <= MOST:
        raise StripeRefusal(f"Invalid integer: {limit} (must be between 1 and {MOST})", param="limit")
    where, values = ["kind = ?", "json_extract(body, '$._gone') is null"], [kind]
    for name, value in facts.items():
        if value is not None:
            allowed = value if isinstance(value, list) else [value]
            where.append(f"json_extract(body, '$.{name}') in ({', '.join('?' * len(allowed))})")
            values += allowed
    where += _created(params)
    after, before = params.text("starting_after"), params.text("ending_before")
    for cursor, sign in ((after, "<"), (before, ">")):
        if cursor is not None:
            books.get(kind, cursor, "starting_after" if sign == "<" else "ending_before")
            where.append(f"number {sign} (select number from object where id = ?)")
            values.append(cursor)
    return _page(books, where, values, limit or 10, url, oldest_first=before is not None)


def _created(params: Params) -> list[str]:
    born = "json_extract(body, '$.created')"
    if isinstance(params.get("created"), str):
        return [f"{born} = {params.integer('created')}"]
    asked = params.part("created")
    return [f"{born} {COMPARED[how]} {asked.integer(how)}" for how in asked if how in COMPARED]


def _page(
    books: Books, where: list[str], values: list[Any], limit: int, url: str, oldest_first: bool = False
) -> dict[str, Any]:
    order = "asc" if oldest_first else "desc"
    found = books.store.rows(
        f"select body from object where {' and '.join(where)} order by number {order} limit ?", *values, limit + 1
    )
    data = [json.loads(row["body"]) for row in found[:limit]]
    if oldest_first:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def searched(books: Books, kind: str, params: Params, url: str) -> dict[str, Any]:
    """What is younger than the lag is not found yet, as Stripe warns."""
    query, limit, lag = (
        params.need("query"),
        params.integer("limit") or 10,
        books.store.setting("search_lag_seconds", 0),
    )
    where, values = ["kind = ?", "born <= ?"], [kind, time.time() - lag]
    rest = query
    while rest:
        clause = CLAUSE.match(rest)
        if clause is None or (clause["field"] and clause["field"] not in SEARCHED):
            raise StripeRefusal(f"We were unable to parse your search query: {query}", param="query")
        path = f"$.metadata.{_quoted(clause['key'])}" if clause["key"] else f"$.{clause['field']}"
        where.append(f"json_extract(body, '{path}') {'=' if clause['how'] == ':' else clause['how']} ?")
        values.append(int(clause["number"]) if clause["number"] else re.sub(r"\\(.)", r"\1", clause["text"]))
        rest = rest[clause.end() :]
    page = params.text("page")
    if page is not None:
        where.append("number < ?")
        values.append(int(page.removeprefix("page_")) if page.removeprefix("page_").isdigit() else 0)
    found = books.store.rows(
        f"select number, body from object where {' and '.join(where)} order by number desc limit ?", *values, limit + 1
    )
    more = len(found) > limit
    return {
        "object": "search_result",
        "data": [json.loads(row["body"]) for row in found[:limit]],
        "has_more": more,
        "next_page": f"page_{found[limit - 1]['number']}" if more else None,
        "url": url,
    }


def _quoted(key: str) -> str:
    """As the index on metadata.payment_id spells it."""
    return key if key.isidentifier() else '"' + key.replace('"', "").replace("'", "''") + '"'


def expanded(books: Books, thing: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """`thing` for its reader: ids that were asked for as objects, and nothing of what only we know."""
    shown: dict[str, Any] = public(thing)
    for path in paths:
        _expand(books, shown, path.split("."))
    return shown


def _expand(books: Books, place: Any, names: list[str]) -> None:
    if isinstance(place, list):
        for each in place:
            _expand(books, each, names)
        return
    if isinstance(place, dict) and place.get("object") == "charge" and names[0] == "refunds":
        given = [public(each) for each in books.store.having("refund", charge=place["id"])]
        url = f"/v1/charges/{place['id']}/refunds"
        place["refunds"] = {"object": "list", "data": given, "has_more": False, "url": url}
        return
    if not isinstance(place, dict) or names[0] not in place:
        raise StripeRefusal(f"This property cannot be expanded ({names[0]}).", param="expand")
    value = place[names[0]]
    if isinstance(value, str):
        found = books.store.find(value)
        if found is None:
            raise StripeRefusal(f"This property cannot be expanded ({names[0]}).", param="expand")
        value = place[names[0]] = public(found)
    if value is not None and names[1:]:
        _expand(books, value, names[1:])
