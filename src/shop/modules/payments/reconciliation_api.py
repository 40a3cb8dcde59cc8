"""Reconciliation as JSON for staff: begun, watched, and what it put before them resolved."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.idempotency import NEEDS_A_KEY, idempotently
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.kernel.http.sessions import signed_in
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.back_office_schemas import (
    DiscrepancyView,
    NewReconciliation,
    ReconciliationDetails,
    ReconciliationView,
    Resolution,
)
from shop.modules.payments.reconcile_schemas import State
from shop.modules.payments.repository import discrepancies, reconciliations
from shop.modules.payments.service import back_office, reconcile

ShopRequest = Request[Any, Any, Any]
TAGS: Final = ["reconciliation"]
MOST: Final = 200
InState = Annotated[State, QueryParameter(name="state", description="`open`, `mended` or `resolved`")]
BEGUN: Final = {
    202: ResponseSpec(ReconciliationView, generate_examples=False, description="A worker takes it up in a moment")
}


@post(
    "/api/v1/admin/reconciliations",
    guards=[staff("payments.capture")],
    tags=TAGS,
    operation_id="beginReconciliation",
    opt=NEEDS_A_KEY,
    status_code=202,
    responses=BEGUN,
)
async def begin(request: ShopRequest, data: JSONBody[NewReconciliation]) -> Response[bytes]:
    """Compare our payments of these days with the providers' records: both days included, in the shop's time zone; the last
    three if none are given. Needs an `Idempotency-Key`. 409 `reconciliation_running` while another one is."""
    by = (await signed_in(request)).account_id

    async def work() -> tuple[int, ReconciliationView]:
        since, until = stretch(data.since, data.until)
        return 202, back_office.view_run(await write(reconcile.begin_run, since, until, by))

    return await idempotently(request, f"reconcile:{by}", work, required=True)


def stretch(first: date | None, last: date | None) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last one."""
    zone = ZoneInfo(settings().time_zone)
    until = clock.now()
    if last is not None and last < date.max:
        until = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    if first is None:
        return min(until, clock.now()) - reconcile.STRETCH, until
    return datetime.combine(max(first, date(2, 1, 1)), time(), zone).astimezone(UTC), until


@get("/api/v1/admin/reconciliations", guards=[staff("payments.view")], tags=TAGS, operation_id="listReconciliations")
async def list_runs(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[ReconciliationView]:
    """Newest first."""
    before = decode_cursor(cursor, UUID)
    runs = await read(reconciliations.list_runs, before[0] if before else None, limit + 1)
    further = encode_cursor(runs[limit - 1].id) if len(runs) > limit else None
    return Page([back_office.view_run(run) for run in runs[:limit]], further)


@get(
    "/api/v1/admin/reconciliations/{reconciliation_id:uuid}",
    guards=[staff("payments.view")],
    tags=TAGS,
    operation_id="getReconciliation",
)
async def show_run(reconciliation_id: FromPath[UUID]) -> ReconciliationDetails:
    """With the discrepancies that it was the first to find, newest first, up to 200."""
    return await read(_details, reconciliation_id)


async def _details(uow: UnitOfWork, run_id: UUID) -> ReconciliationDetails:
    run = await reconcile.get_run(uow, run_id)
    found = await discrepancies.list_discrepancies(uow, None, run_id, None, MOST)
    return ReconciliationDetails(back_office.view_run(run), await back_office.view_discrepancies(uow, found))


@get("/api/v1/admin/discrepancies", guards=[staff("payments.view")], tags=TAGS, operation_id="listDiscrepancies")
async def list_discrepancies(
    wanted: InState = "open", limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[DiscrepancyView]:
    """What the books disagree about, newest first."""
    before = decode_cursor(cursor, UUID)
    found = await read(_discrepancies, wanted, before[0] if before else None, limit + 1)
    return Page(found[:limit], encode_cursor(found[limit - 1].id) if len(found) > limit else None)


async def _discrepancies(uow: UnitOfWork, state: State, before: UUID | None, limit: int) -> list[DiscrepancyView]:
    found = await discrepancies.list_discrepancies(uow, state, None, before, limit)
    return await back_office.view_discrepancies(uow, found)


@post(
    "/api/v1/admin/discrepancies/{discrepancy_id:uuid}/resolve",
    guards=[staff("payments.capture")],
    tags=TAGS,
    operation_id="resolveDiscrepancy",
    status_code=200,
)
async def resolve(request: ShopRequest, discrepancy_id: FromPath[UUID], data: JSONBody[Resolution]) -> DiscrepancyView:
    """Somebody has cleared it; the note says how. It stays closed while the books say the same. 409
    `discrepancy_resolved`."""
    by = (await signed_in(request)).account_id
    return await write(_resolve, discrepancy_id, data.note, by)


async def _resolve(uow: UnitOfWork, discrepancy_id: UUID, note: str, by: UUID) -> DiscrepancyView:
    resolved = await reconcile.resolve(uow, discrepancy_id, note.strip(), by)
    return (await back_office.view_discrepancies(uow, [resolved]))[0]


ROUTES: Final = (begin, list_runs, show_run, list_discrepancies, resolve)
