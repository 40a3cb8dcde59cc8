"""Every change that staff make is told of in the audit log by the same commit: tried on every route of theirs there is.

That they stand or fall together is read from PostgreSQL itself: each row carries the number of the transaction that wrote it.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from shop.app import build_litestar
from shop.kernel import audit
from shop.kernel.audit import who_acts
from shop.kernel.db import read, sql
from shop.kernel.http.access import rules_of
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.importing.mapping import presets
from tests.bad_input.calls import call, renewed_when_taken
from tests.bad_input.endpoints import Endpoint
from tests.bad_input.forms import Form, Routes, find_again, forms_of, without_types
from tests.bad_input.people import Shop, csrf_in

THE_KERNELS_OWN = {"identity.session", "kernel.idempotency", "kernel.heartbeat", "kernel.job", "backoffice.audit_entry"}
"""What is kept beside a change: the visitor's session, the key of the attempt, the beat of another process."""
CHOSEN = {
    "/admin/imports/{run_id:uuid}/mapping": {"mapping": presets()["shop"].read_text()},
    "/admin/staff": {"role.orders": "1", "email": "another.colleague@example.com", "name": "Another"},
    "/admin/roles": {"code": "carriers", "title": "Carriers", "permission.orders.view": "1"},
    "/admin/clients/new": {
        "name": "Till",
        "kind": "confidential",
        "redirect_uris": "https://till.example.com/back",
        "scope.orders.view": "on",
    },
    "/admin/orders/{order_id:uuid}/refunds": {"what": "amount", "amount": "1", "reason": "Scratched"},
    "/admin/discrepancies/{discrepancy_id:uuid}/resolve": {"note": "Paid at the fair"},
    "/admin/wallets/{customer_id:uuid}/adjustments": {"amount": "5", "reason": "Sorry for the delay"},
    "/admin/wallets/{customer_id:uuid}/transfers": {
        "to": "stranger@example.com",
        "transfer_amount": "5",
        "transfer_reason": "A present",
    },
    "/admin/wallets/{customer_id:uuid}/transactions/{transaction_id:uuid}/reversals": {"reason": "Too dear"},
    "/admin/wallets/{customer_id:uuid}/transactions/{transaction_id:uuid}/cancellation": {"reason": "Not wanted"},
    "/admin/withdrawals/{withdrawal_id:uuid}/decision": {"decision": "paid_by_hand"},
    "/admin/gift-cards": {"amount": "5"},
    "/admin/roles/{code:str}": {"title": "Packers", "permission.orders.view": "1"},
}
"""What staff write into forms that come empty."""
UPLOADS = {"/admin/imports"}
IN_BODIES = {
    "email": "new.colleague@example.com",
    "permissions": ["orders.view"],
    "scopes": ["orders.view"],
    "confidential": True,
    "disabled": False,
}
ALREADY_FILLED_IN = {"/admin/products/{product_id:uuid}/prices", "/admin/products/{product_id:uuid}/stock"}
"""With what is so: only other numbers are a change."""


async def written(uow: UnitOfWork) -> dict[str, set[str]]:
    """By table: the numbers of the transactions that wrote the rows that are there."""
    tables = await sql(uow).execute(
        text(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema', 'public')"
        )
    )
    query = " union all ".join(f"select '{name}', xmin::text from {name}" for name in tables.scalars())
    found: dict[str, set[str]] = {}
    for name, transaction in await sql(uow).execute(text(query)):
        found.setdefault(name, set()).add(transaction)
    return found


async def entries(uow: UnitOfWork) -> list[dict[str, Any]]:
    found = await sql(uow).execute(text("select xmin::text as transaction, * from backoffice.audit_entry order by id"))
    return [dict(row) for row in found.mappings()]


async def told_of(send: Callable[[], Awaitable[httpx.Response]]) -> tuple[httpx.Response, list[dict[str, Any]]]:
    """The answer, and the entries it left: one for each transaction that wrote anything, and no other."""
    before, known = await read(written), len(await read(entries))
    answer = await send()
    assert who_acts() is None, "somebody is still at work when the answer is out"
    after, fresh = await read(written), (await read(entries))[known:]
    transactions = {
        number: name
        for name, numbers in after.items()
        if name not in THE_KERNELS_OWN
        for number in numbers - before.get(name, set())
    }
    told = [entry["transaction"] for entry in fresh]
    assert len(told) == len(set(told)), f"{answer.request.url}: two entries tell of one transaction"
    untold = {name for number, name in transactions.items() if number not in told}
    assert untold == set(), f"{answer.request.method} {answer.request.url} changed {untold} untold"
    for entry in fresh:
        assert entry["request_id"] == answer.headers["x-request-id"]
        assert entry["actor_kind"] == "account"
    return answer, fresh


def changing_routes() -> dict[tuple[str, str], str]:
    """What staff may change: the permission by method and path."""
    return {
        (method, path): rule.permission or ""
        for method, path, rule in rules_of(build_litestar())
        if rule is not None and rule.kind == "staff" and method not in {"GET", "HEAD"}
    }


async def test_on_every_route_of_staff_it_is_told_who_acts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever they send: so no route can be taken up that the audit log doesn't know of."""
    acted: list[audit.Acting] = []

    def watched(acting: audit.Acting | None, acts: Callable[[audit.Acting | None], None] = audit.acts) -> None:
        acts(acting)
        if acting is not None:
            acted.append(acting)

    monkeypatch.setattr(audit, "acts", watched)
    token = csrf_in((await shop.browsers["staff"].get("/admin")).text)
    for (method, path), permission in changing_routes().items():
        url = re.sub(r"{(\w+)(?::(\w+))?}", lambda named, path=path: _value(shop, path, *named.groups()), path)
        acted.clear()
        if path.startswith("/api/"):
            await shop.api.request(method, url, json={}, headers=shop.headers["staff"])
        else:
            await shop.browsers["staff"].request(method, url, data={"csrf_token": token})
        told = {(acting.method, acting.route, acting.permission, acting.actor.kind) for acting in acted}
        assert told == {(method, without_types(path), permission, "account")}, f"{method} {path}"


def _value(shop: Shop, path: str, name: str, kind: str | None) -> str:
    return str(shop.value_of(path, name) or (uuid4() if kind == "uuid" else "something"))


async def test_no_route_of_staff_changes_anything_untold(shop: Shop, routes: Routes, endpoints: list[Endpoint]) -> None:
    wanted, told = changing_routes(), set()

    async def note(method: str, path: str, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        answer, fresh = await told_of(send)
        assert answer.status_code < 500, f"{method} {path}: {answer.text[:300]}"
        for entry in fresh:
            assert (entry["method"], entry["route"]) == (method, without_types(path))
            assert entry["permission"] == wanted[method, path]
            told.add((method, path))
        if answer.status_code < 400:
            assert fresh, f"{method} {path} was taken and left no entry: {answer.status_code}"
        return answer

    async def call_it(endpoint: Endpoint, path: str) -> None:
        body = endpoint.example({**shop.known, **IN_BODIES})
        answer = await note(endpoint.method, path, lambda: call(shop, endpoint, body=body))
        await renewed_when_taken(shop, endpoint, answer)

    by_name = {(endpoint.method, endpoint.path): endpoint for endpoint in endpoints}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for asked, path in wanted:
            if asked == method and path.startswith("/api/"):
                await call_it(by_name[method, without_types(path)], path)
    await shop.renew()
    for found in await forms_of(shop, routes, "staff"):
        key = ("POST", found.route)
        if found.method == "post" and key in wanted:
            form = await find_again(shop, routes, found)
            await note(*key, lambda form=form: _send(shop, form))
            await shop.renew(["staff"])
    silent = sorted(f"{method} {path}" for method, path in wanted.keys() - told)
    assert len(silent) <= len(wanted) // 4, f"give this shop, or CHOSEN, what these need to be taken: {silent}"


async def _send(shop: Shop, form: Form) -> httpx.Response:
    browser = shop.browsers["staff"]
    fields = {**form.fields, **form.buttons, **CHOSEN.get(form.route, {})}
    if form.route in ALREADY_FILLED_IN:
        fields = {name: f"1{value}" if form.kinds.get(name) == "input" else value for name, value in fields.items()}
    if form.route in UPLOADS:
        fields = {name: value for name, value in fields.items() if form.kinds[name] != "file"}
        return await browser.post(form.action, data=fields, files={"file": ("goods.csv", "slug,title\n")})
    return await form.send_fields(browser, fields)
