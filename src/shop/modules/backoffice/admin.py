"""The dashboard, and the outbox with what died in it."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.health import check_readiness
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.outbox import OutboxRowNotFound
from shop.modules.backoffice.schemas import DeadEvent
from shop.modules.backoffice.service import replay_all_events, replay_event, show_outbox

ShopRequest = Request[Any, Any, Any]


@get("/admin", guards=[staff("backoffice.view")], include_in_schema=False)
async def dashboard(request: ShopRequest) -> HTMLPage:
    checks = await check_readiness()
    context = {
        "checks": checks,
        "healthy": all(value == "ok" for value in checks.values()),
        "outbox": await read(show_outbox, with_dead=False),
    }
    return await admin_page(request, "backoffice/dashboard.html", context, slots=("admin.attention", "admin.dashboard"))


@get("/admin/outbox", guards=[staff("outbox.view")], include_in_schema=False)
async def outbox_page(request: ShopRequest) -> HTMLPage:
    view = await read(show_outbox, with_dead=True)
    principal = (await session_of(request)).principal
    context = {
        "outbox": view,
        "rows": [_as_shown(row) for row in view.items or ()],
        "may_replay": principal is not None and principal.may("outbox.replay"),
    }
    return await admin_page(request, "backoffice/outbox.html", context)


@post("/admin/outbox/{row_id:uuid}/replay", guards=[staff("outbox.replay")], include_in_schema=False)
async def replay_from_form(request: ShopRequest, row_id: FromPath[UUID]) -> Redirect:
    session = await session_of(request)
    try:
        await write(replay_event, row_id)
    except OutboxRowNotFound as refusal:
        session.flash("warning", refusal.detail)
    else:
        session.flash("success", "The event is on its way again")
    return Redirect("/admin/outbox", status_code=303)


@post("/admin/outbox/replay", guards=[staff("outbox.replay")], include_in_schema=False)
async def replay_all_from_form(request: ShopRequest) -> Redirect:
    count = await write(replay_all_events)
    (await session_of(request)).flash("success", f"{count} event{'' if count == 1 else 's'} on the way again")
    return Redirect("/admin/outbox", status_code=303)


def _as_shown(row: DeadEvent) -> dict[str, Any]:
    error = (row.last_error or "No error was kept").strip()
    return {
        "id": row.id,
        "event": row.event,
        "subscriber": row.subscriber,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "payload": msgspec.json.format(msgspec.json.encode(row.payload), indent=2).decode(),
        "error": error,
        "summary": error.splitlines()[-1][:200],
    }


ROUTES: Final = (dashboard, outbox_page, replay_from_form, replay_all_from_form)
