"""Customers as JSON for staff: found, shown, told of in full, closed."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, delete, get
from litestar.params import FromPath, QueryParameter

from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.repository.persons import CustomerRow
from shop.modules.identity.service import customers
from shop.modules.identity.service.customers import Customer

AnyRequest = Request[Any, Any, Any]
TAGS: Final = ["customers"]
Wanted = Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)]


@get("/api/v1/admin/customers", guards=[staff("customers.view")], tags=TAGS, operation_id="searchCustomers")
async def search(q: Wanted = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[CustomerRow]:
    """Newest first; `q` is how an e-mail address begins, a part of a name, or an id."""
    before = decode_cursor(cursor, UUID)
    wanted = (q or "").strip() or None
    found = await read(customers.search_customers, wanted, before[0] if before else None, limit + 1)
    return Page(found[:limit], encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@get(
    "/api/v1/admin/customers/{account_id:uuid}",
    guards=[staff("customers.view")],
    tags=TAGS,
    operation_id="getCustomer",
)
async def show(account_id: FromPath[UUID]) -> Customer:
    """One customer, with address book, consents and how many are signed in."""
    return await read(customers.get_customer, account_id)


@get(
    "/api/v1/admin/customers/{account_id:uuid}/export",
    guards=[staff("customers.manage")],
    tags=TAGS,
    operation_id="exportCustomer",
)
async def export(request: AnyRequest, account_id: FromPath[UUID]) -> dict[str, Any]:
    """Everything held on a customer, for whoever asked for it by letter; the audit log tells that it was taken."""
    await require_recent(request)
    return await write(customers.export_customer, account_id)


@delete(
    "/api/v1/admin/customers/{account_id:uuid}/sessions",
    guards=[staff("customers.manage")],
    tags=TAGS,
    operation_id="signOutCustomer",
    status_code=204,
)
async def sign_out(request: AnyRequest, account_id: FromPath[UUID]) -> None:
    """Sign somebody out everywhere, whose account somebody else may be in; programs and API keys end as well."""
    await require_recent(request)
    await write(customers.sign_out_customer, account_id)


@delete(
    "/api/v1/admin/customers/{account_id:uuid}",
    guards=[staff("customers.manage")],
    tags=TAGS,
    operation_id="closeCustomer",
    status_code=204,
)
async def close(request: AnyRequest, account_id: FromPath[UUID]) -> None:
    """Close the account, at its owner's wish; what is held on the person is erased within the hour. 409 `open_orders`."""
    await require_recent(request)
    await write(customers.close_customer, account_id)


ROUTES: Final = (search, show, export, sign_out, close)
