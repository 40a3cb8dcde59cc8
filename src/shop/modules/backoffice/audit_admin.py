"""The audit log in the back office: a page of it, and as a file for whoever audits."""

import csv
import io
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get

from shop.kernel import clock
from shop.kernel.db import read
from shop.kernel.http.access import staff
from shop.kernel.http.paging import Cursor
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.uow import UnitOfWork
from shop.modules.backoffice.audit_api import Action, Day, Subject, Who, cursor_after, moment_of, wanted_of
from shop.modules.backoffice.schemas import SYSTEM, AuditFilter, AuditView, Moment
from shop.modules.backoffice.service import show_audit, show_audit_choices

ShopRequest = Request[Any, Any, Any]
PAGE_SIZE: Final = 50
LARGEST_FILE: Final = 20_000
"""Entries; more are taken out day by day."""
UTF_8_MARK: Final = "\ufeff"
COLUMNS: Final = (
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "program_id",
    "action",
    "permission",
    "subject_kind",
    "subject_id",
    "details",
    "method",
    "route",
    "network",
    "request_id",
    "id",
)


@get("/admin/audit", guards=[staff("audit.view")], include_in_schema=False)
async def audit_page(
    request: ShopRequest,
    *,
    who: Who = None,
    action: Action = None,
    day: Day = None,
    q: Subject = None,
    cursor: Cursor = None,
) -> HTMLPage:
    wanted = wanted_of(who, action, day, q)
    entries, (people, actions) = await read(_page, wanted, moment_of(cursor))
    asked = {"who": wanted.actor, "action": wanted.action, "day": day, "q": wanted.subject}
    filters = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "entries": [_as_shown(entry) for entry in entries[:PAGE_SIZE]],
        "people": people,
        "actions": actions,
        "deeds": {action: _deed(action) for action in actions},
        "system": SYSTEM,
        "asked": asked,
        "filters": filters,
        "cursor": cursor,
        "next_cursor": cursor_after(entries, PAGE_SIZE),
    }
    return await admin_page(request, "backoffice/audit.html", context)


@get("/admin/audit/export", guards=[staff("audit.view")], include_in_schema=False)
async def export(who: Who = None, action: Action = None, day: Day = None, q: Subject = None) -> Response[str]:
    """As CSV: the same entries as on the page, all of them up to 20,000."""
    entries = await read(show_audit, wanted_of(who, action, day, q), None, LARGEST_FILE)
    out = io.StringIO()
    out.write(UTF_8_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, entries))
    name = f"audit-{day or f'{clock.now():%Y-%m-%d}'}.csv"
    return Response(
        out.getvalue(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _page(
    uow: UnitOfWork, wanted: AuditFilter, before: Moment | None
) -> tuple[list[AuditView], tuple[dict[str, str], list[str]]]:
    return await show_audit(uow, wanted, before, PAGE_SIZE + 1), await show_audit_choices(uow)


def _as_shown(entry: AuditView) -> dict[str, Any]:
    subject = entry.subject
    return {
        "at": entry.at,
        "name": _name(entry),
        "actor": entry.actor,
        "action": entry.action,
        "deed": _deed(entry.action),
        "subject": subject,
        "subject_kind": _plain(subject.kind) if subject else "",
        "subject_shown": _short(subject.id or "") if subject else "",
        "details": [(name.replace("_", " "), _words(value)) for name, value in entry.details.items()],
        "request": f"{entry.method} {entry.route}" if entry.method else "Command or job",
        "permission": entry.permission,
        "network": entry.network,
        "request_id": entry.request_id,
    }


def _plain(code: str) -> str:
    """`oauth_client.secret_rotated` as the back office says it: "program secret rotated"."""
    return code.replace("oauth_client", "program").replace(".", " ").replace("_", " ")


def _deed(action: str) -> str:
    return _plain(action)[:1].upper() + _plain(action)[1:]


def _name(entry: AuditView) -> str:
    if entry.actor.kind == SYSTEM:
        return "The shop itself"
    if entry.actor.kind == "program":
        return f"Program {entry.actor.id}"
    return entry.actor.name or "A former account"


def _short(subject_id: str) -> str:
    """The end tells ids that were made at the same time apart."""
    return f"…{subject_id[-8:]}" if len(subject_id) == 36 else subject_id


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_words(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_words(each)}" for name, each in value.items())
    return (
        {True: "yes", False: "no", None: "none"}.get(value, str(value)) if value in (True, False, None) else str(value)
    )


def _row(entry: AuditView) -> list[str]:
    subject = entry.subject
    cells = (
        entry.at.isoformat(),
        entry.actor.kind,
        entry.actor.id,
        entry.actor.name,
        entry.actor.program_id,
        entry.action,
        entry.permission,
        subject.kind if subject else None,
        subject.id if subject else None,
        "; ".join(f"{name}={_words(value)}" for name, value in entry.details.items()),
        entry.method,
        entry.route,
        entry.network,
        entry.request_id,
        str(entry.id),
    )
    return [_harmless(cell or "") for cell in cells]


def _harmless(cell: str) -> str:
    """A name that begins like a formula would be run by a spreadsheet."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


ROUTES: Final = (audit_page, export)
