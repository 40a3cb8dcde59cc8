"""Reconciliation in the back office: its runs and how far the present one is, and what the books disagree about."""

from datetime import date
from typing import Any, Final, get_args
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.back_office_schemas import Resolution
from shop.modules.payments.reconcile_schemas import Discrepancy, State
from shop.modules.payments.reconciliation_api import stretch
from shop.modules.payments.repository import discrepancies, reconciliations
from shop.modules.payments.service import back_office, reconcile

ShopRequest = Request[Any, Any, Any]
PAGE: Final = "/admin/reconciliation"
LINKS: Final = (AdminLink("Reconciliation", PAGE, "check-circle", "payments.view", order=14),)
SHOWN_RUNS: Final = 15
SHOWN: Final = 100
STATES: Final[tuple[State, ...]] = get_args(State)


@get(PAGE, guards=[staff("payments.view")], include_in_schema=False)
async def reconciliation_page(request: ShopRequest) -> HTMLPage:
    return await admin_page(request, "payments/admin_reconciliation.html", await read(_overview))


async def _overview(uow: UnitOfWork) -> dict[str, Any]:
    runs = await reconciliations.list_runs(uow, None, SHOWN_RUNS)
    found = await discrepancies.list_discrepancies(uow, "open", None, None, SHOWN + 1)
    return {
        "runs": runs,
        "busy": any(run.finished_at is None for run in runs),
        "discrepancies": await back_office.view_discrepancies(uow, found[:SHOWN]),
        "more": len(found) > SHOWN,
        "people": await back_office.names_of(uow, [run.requested_by for run in runs]),
        "today": clock.now().date(),
    }


@get(f"{PAGE}/{{reconciliation_id:uuid}}", guards=[staff("payments.view")], include_in_schema=False)
async def run_page(request: ShopRequest, reconciliation_id: FromPath[UUID]) -> HTMLPage:
    context = await read(_run, reconciliation_id)
    return await admin_page(request, "payments/admin_reconciliation_run.html", context)


async def _run(uow: UnitOfWork, run_id: UUID) -> dict[str, Any]:
    run = await reconcile.get_run(uow, run_id)
    found: list[Discrepancy] = await discrepancies.list_discrepancies(uow, None, run_id, None, SHOWN)
    return {
        "run": run,
        "discrepancies": await back_office.view_discrepancies(uow, found),
        "people": await back_office.names_of(uow, [run.requested_by, *(each.resolved_by for each in found)]),
    }


@post(PAGE, guards=[staff("payments.capture")], include_in_schema=False)
async def begin_from_form(request: ShopRequest) -> Redirect:
    form = await form_fields(request)
    by = (await signed_in(request)).account_id
    session = await session_of(request)
    try:
        since, until = stretch(_day(form.get("since")), _day(form.get("until")))
        run = await write(reconcile.begin_run, since, until, by)
    except Invalid as refusal:
        session.flash("danger", refusal.errors[0].message)
    except Conflict as refusal:
        session.flash("warning", refusal.detail)
    else:
        return Redirect(f"{PAGE}/{run.id}", status_code=303)
    return Redirect(PAGE, status_code=303)


def _day(typed: str | None) -> date | None:
    """Raises Invalid."""
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid.field("since", "Choose a day, such as 2026-05-31") from None


@post("/admin/discrepancies/{discrepancy_id:uuid}/resolve", guards=[staff("payments.capture")], include_in_schema=False)
async def resolve_from_form(request: ShopRequest, discrepancy_id: FromPath[UUID]) -> Redirect:
    form = await form_fields(request)
    by = (await signed_in(request)).account_id
    session = await session_of(request)
    try:
        note = fields.check(Resolution, form).note
        await write(reconcile.resolve, discrepancy_id, note, by)
    except Invalid:
        session.flash("danger", "Say in a few words, on one line, how it was cleared")
    except Conflict as refusal:
        session.flash("warning", refusal.detail)
    else:
        session.flash("success", "The discrepancy is closed. It comes back only if the books say something else.")
    return Redirect(PAGE, status_code=303)


ROUTES: Final = (reconciliation_page, run_page, begin_from_form, resolve_from_form)
