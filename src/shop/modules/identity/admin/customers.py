"""Customers in the back office: found by address or name, one with all there is, and what the law gives them."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.identity import Account
from shop.kernel import postal
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.personal_file import personal_file
from shop.modules.identity.service import customers

AnyRequest = Request[Any, Any, Any]
LINKS: Final = (AdminLink("Customers", "/admin/customers", "user", "customers.view", order=15),)
PAGE_SIZE: Final = 50


@get("/admin/customers", guards=[staff("customers.view")], include_in_schema=False)
async def customers_page(
    request: AnyRequest,
    q: Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)] = None,
    cursor: Cursor = None,
) -> HTMLPage:
    before = decode_cursor(cursor, UUID)
    wanted = (q or "").strip() or None
    found = await read(customers.search_customers, wanted, before[0] if before else None, PAGE_SIZE + 1)
    context = {
        "customers": found[:PAGE_SIZE],
        "q": wanted or "",
        "cursor": cursor,
        "next_cursor": encode_cursor(found[PAGE_SIZE - 1].id) if len(found) > PAGE_SIZE else None,
    }
    return await admin_page(request, "identity/admin_customers.html", context)


@get("/admin/customers/{account_id:uuid}", guards=[staff("customers.view")], include_in_schema=False)
async def customer_page(request: AnyRequest, account_id: FromPath[UUID]) -> HTMLPage:
    return await _customer_page(request, account_id)


@get("/admin/customers/{account_id:uuid}/export", guards=[staff("customers.manage")], include_in_schema=False)
async def export_file(request: AnyRequest, account_id: FromPath[UUID]) -> Response[bytes]:
    await require_recent(request)
    held = await write(customers.export_customer, account_id)
    return personal_file(held, str(account_id))


@post("/admin/customers/{account_id:uuid}/signout", guards=[staff("customers.manage")], include_in_schema=False)
async def sign_out_from_form(request: AnyRequest, account_id: FromPath[UUID]) -> Redirect:
    await require_recent(request)
    await write(customers.sign_out_customer, account_id)
    (await session_of(request)).flash("success", "They are signed out everywhere; programs and API keys ended as well.")
    return Redirect(f"/admin/customers/{account_id}", status_code=303)


@post("/admin/customers/{account_id:uuid}/close", guards=[staff("customers.manage")], include_in_schema=False)
async def close_from_form(request: AnyRequest, account_id: FromPath[UUID]) -> HTMLPage | Redirect:
    await require_recent(request)
    try:
        await write(customers.close_customer, account_id)
    except Conflict as refusal:
        return await _customer_page(request, account_id, refusal.detail, 409)
    (await session_of(request)).flash(
        "success", "The account is closed; what is held on the person is erased within the hour."
    )
    return Redirect(f"/admin/customers/{account_id}", status_code=303)


async def _customer_page(
    request: AnyRequest, account_id: UUID, problem: str | None = None, status: int = 200
) -> HTMLPage:
    found = await read(customers.get_customer, account_id)
    principal = (await session_of(request)).principal
    context = {
        "account": Account(found.id, found.email, found.name, is_staff=False, verified=found.confirmed),
        "customer": found,
        "addresses": [postal.shown(msgspec.structs.asdict(each)) for each in found.addresses],
        "problem": problem,
        "may_manage": principal is not None and principal.may("customers.manage"),
    }
    return await admin_page(request, "identity/admin_customer.html", context, slots=("admin.customer",), status=status)


ROUTES: Final = (customers_page, customer_page, export_file, sign_out_from_form, close_from_form)
