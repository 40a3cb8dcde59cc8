"""Messages for staff, as JSON."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, QueryParameter

from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.modules.notifications import service
from shop.modules.notifications.schemas import Message, MessageWithBody


@get("/api/v1/admin/messages", guards=[staff("messages.view")], tags=["messages"])
async def list_messages(
    to: Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)] = None,
    template: Annotated[str | None, QueryParameter(max_length=60, pattern=PRINTABLE)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Message]:
    """Messages, newest first. `to` is an exact address."""
    before = decode_cursor(cursor, UUID)
    items = await read(service.list_messages, to, template, before[0] if before else None, limit + 1)
    more = len(items) > limit
    return Page(items[:limit], encode_cursor(items[limit - 1].id) if more else None)


@get("/api/v1/admin/messages/{message_id:uuid}", guards=[staff("messages.view")], tags=["messages"])
async def get_message(message_id: FromPath[UUID]) -> MessageWithBody:
    """One message; `html` and `text` only when it is kept in the mailbox."""
    return await read(service.get_message, message_id)


@post(
    "/api/v1/admin/messages/{message_id:uuid}/resend",
    guards=[staff("messages.resend")],
    status_code=202,
    tags=["messages"],
)
async def resend_message(message_id: FromPath[UUID]) -> None:
    """Try a dead message again."""
    await write(service.send_again, message_id)


ROUTES = (list_messages, get_message, resend_message)
