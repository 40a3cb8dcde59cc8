"""The audit log as JSON, and the questions that page, API and file have in common."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get
from litestar.params import QueryParameter

from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import Invalid
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.modules.backoffice.schemas import AuditFilter, AuditView
from shop.modules.backoffice.service import show_audit

Who = Annotated[
    str | None,
    QueryParameter(max_length=100, pattern=PRINTABLE, description="Id of an account or a program, or `system`"),
]
Action = Annotated[str | None, QueryParameter(max_length=100, pattern=PRINTABLE, description="Such as `orders.refund`")]
Day = Annotated[
    str | None,
    QueryParameter(pattern=r"^(20\d\d-\d\d-\d\d)?$(?!\n)", description="A day of the shop's time zone: 2026-11-21"),
]
Subject = Annotated[
    str | None, QueryParameter(max_length=200, pattern=PRINTABLE, description="Id of what was changed, or of a request")
]


@get("/api/v1/admin/audit", guards=[staff("audit.view")], tags=["admin"], operation_id="listAudit")
async def list_audit(
    *,
    actor: Who = None,
    action: Action = None,
    day: Day = None,
    subject: Subject = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[AuditView]:
    """Who changed what, newest first. Nothing is ever taken out of it."""
    entries = await read(show_audit, wanted_of(actor, action, day, subject), moment_of(cursor), limit + 1)
    return Page(entries[:limit], cursor_after(entries, limit))


def wanted_of(actor: str | None, action: str | None, day: str | None, subject: str | None) -> AuditFilter:
    """Raises Invalid for a day that is none."""
    since, until = _bounds(day) if day else (None, None)
    return AuditFilter(actor=_words(actor), action=_words(action), subject=_words(subject), since=since, until=until)


def moment_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Raises Invalid for a cursor that isn't ours."""
    key = decode_cursor(cursor, datetime, UUID)
    if key is None:
        return None
    at, last = key
    if at.tzinfo is None:
        raise Invalid.field("cursor", "Take the cursor from next_cursor of the page before")
    return at, last


def cursor_after(entries: list[AuditView], limit: int) -> str | None:
    """`entries` are one more than `limit` when there are any left."""
    return encode_cursor(entries[limit - 1].at, entries[limit - 1].id) if len(entries) > limit else None


def _words(text: str | None) -> str | None:
    return (text or "").strip() or None


def _bounds(day: str) -> tuple[datetime, datetime]:
    try:
        first = date.fromisoformat(day)
    except ValueError:
        raise Invalid.field("day", "A day such as 2026-11-21") from None
    zone = ZoneInfo(settings().time_zone)
    since, until = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (first, first + timedelta(days=1)))
    return since, until


ROUTES: Final = (list_audit,)
