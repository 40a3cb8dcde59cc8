"""Statements as JSON, and their files: the customer's own, or a program's for the customer, and staff's view of them.

A statement and its files share one address but for its end, which is why one route answers all three.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from shop.contracts.identity import AccountId, Accounts
from shop.kernel.db import read, write
from shop.kernel.errors import NotFound
from shop.kernel.http.access import customer_or_program, staff
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit
from shop.kernel.http.sessions import signed_in
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service import statements
from shop.modules.wallet.service.statements import StatementNotFound
from shop.modules.wallet.statement_download import download
from shop.modules.wallet.statement_files.folder import named
from shop.modules.wallet.statement_schemas import StatementPage, StatementTaken, StatementView, statement_view

AnyRequest = Request[Any, Any, Any]
OWN: Final = "/api/v1/wallet/statements"
# Read by `read_wish`, which names every one that is wrong at once and as a caller knows it.
_DAY: Final = {"format": "date"}
FirstDay = Annotated[
    str, QueryParameter(name="from", description="Needed: the first day, in the shop's time zone", schema_extra=_DAY)
]
LastDay = Annotated[
    str,
    QueryParameter(name="to", description="Needed: the last day, included; a future one is today", schema_extra=_DAY),
]
Currency = Annotated[str | None, QueryParameter(max_length=3, description="ISO 4217; the shop's own when left out")]
ANSWERS: Final = {
    200: ResponseSpec(
        StatementPage, generate_examples=False, description="Of up to 15 days: oldest transactions first"
    ),
    202: ResponseSpec(StatementTaken, generate_examples=False, description="Of more: `status_url` tells how far it is"),
}
VIEW: Final = {
    200: ResponseSpec(StatementView, generate_examples=False, description="How far it is; the file for .csv and .pdf")
}


class CustomerNotFound(NotFound):
    code = "customer_not_found"
    title = "There is no such customer"


@get(
    "/api/v1/wallet/statement",
    guards=[customer_or_program("wallet.read")],
    tags=["wallet"],
    operation_id="getStatement",
    responses=ANSWERS,
)
async def own_statement(
    request: AnyRequest,
    *,
    first: FirstDay = "",
    last: LastDay = "",
    currency: Currency = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[Any]:
    """Every transaction of these days with the balance after it. Up to 15 days are answered at once, page by page; of more
    a worker makes a statement, once however often it is asked for, and tells by mail when it is ready."""
    owner = (await signed_in(request)).account_id
    wish = statements.read_wish(owner, first, last, currency)
    return await _answer(wish, cursor, limit, OWN, by_owner=True)


@get(
    f"{OWN}/{{statement:str}}",
    guards=[customer_or_program("wallet.read")],
    tags=["wallet"],
    operation_id="getLongStatement",
    responses=VIEW,
)
async def own_long_statement(request: AnyRequest, statement: FromPath[str]) -> Response[Any]:
    """A statement of more than 15 days, by its id; with `.csv` or `.pdf` behind the id its files, 409 `statement_not_ready`
    until they are there. Another's is not found."""
    return await _long_statement((await signed_in(request)).account_id, statement, OWN)


@get(
    "/api/v1/admin/wallets/{customer_id:uuid}/statement",
    guards=[staff("wallet.view")],
    tags=["wallet"],
    operation_id="getStatementOf",
    responses=ANSWERS,
)
async def statement_of(
    customer_id: FromPath[UUID],
    *,
    first: FirstDay = "",
    last: LastDay = "",
    currency: Currency = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[Any]:
    """As the customer would be answered, who is not told of it."""
    wish = statements.read_wish(customer_id, first, last, currency)
    await read(_check_customer, customer_id)
    return await _answer(wish, cursor, limit, _url_of(customer_id), by_owner=False)


@get(
    "/api/v1/admin/wallets/{customer_id:uuid}/statements/{statement:str}",
    guards=[staff("wallet.view")],
    tags=["wallet"],
    operation_id="getLongStatementOf",
    responses=VIEW,
)
async def long_statement_of(customer_id: FromPath[UUID], statement: FromPath[str]) -> Response[Any]:
    """A customer's statement of more than 15 days, by its id; with `.csv` or `.pdf` behind the id its files."""
    return await _long_statement(customer_id, statement, _url_of(customer_id))


def _url_of(customer_id: UUID) -> str:
    return f"/api/v1/admin/wallets/{customer_id}/statements"


async def _check_customer(uow: UnitOfWork, customer_id: UUID) -> None:
    """Raises CustomerNotFound."""
    if not await port(Accounts).find_accounts(uow, [AccountId(customer_id)]):
        raise CustomerNotFound


async def _answer(wish: statements.Wish, cursor: str | None, limit: int, url: str, *, by_owner: bool) -> Response[Any]:
    if wish.period.at_once:
        return Response(await read(statements.show_page, wish, cursor, limit))
    made = await write(statements.request_statement, wish, by_owner=by_owner)
    status_url = f"{url}/{made.id}"
    return Response(StatementTaken(made.id, status_url), status_code=202, headers={"Location": status_url})


async def _long_statement(owner_id: UUID, name: str, url: str) -> Response[Any]:
    found = named(name)
    if found is None:
        raise StatementNotFound
    statement_id, kind = found
    statement = await read(statements.get_statement, statement_id, owner_id)
    if kind is not None:
        return await download(statement, kind)
    return Response(statement_view(statement, f"{url}/{statement.id}"))


ROUTES: Final = (own_statement, own_long_statement, statement_of, long_statement_of)
