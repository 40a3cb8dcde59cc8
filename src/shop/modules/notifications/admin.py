"""The mailbox in the back office: every message, and the bodies of those that no mail server took."""

from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.modules.notifications import service
from shop.modules.notifications.errors import MessageNotFound

PAGE_SIZE = 50
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox allow-popups"
)


@get("/admin/mailbox", guards=[staff("messages.view")], include_in_schema=False)
async def mailbox(
    request: Request[Any, Any, Any],
    q: Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)] = None,
    cursor: Cursor = None,
) -> HTMLPage:
    before = decode_cursor(cursor, UUID)
    wanted = (q or "").strip() or None
    messages = await read(service.list_messages, wanted, None, before[0] if before else None, PAGE_SIZE + 1)
    next_cursor = encode_cursor(messages[PAGE_SIZE - 1].id) if len(messages) > PAGE_SIZE else None
    context = {
        "messages": messages[:PAGE_SIZE],
        "next_cursor": next_cursor,
        "cursor": cursor,
        "q": wanted or "",
        "mail_server": bool(settings().smtp_url),
    }
    return await admin_page(request, "notifications/mailbox.html", context)


@get("/admin/mailbox/{message_id:uuid}", guards=[staff("messages.view")], include_in_schema=False)
async def message(request: Request[Any, Any, Any], message_id: FromPath[UUID]) -> HTMLPage:
    found = await read(service.get_message, message_id)
    return await admin_page(request, "notifications/message.html", {"message": found}, csp={"frame-src": "'self'"})


@get("/admin/mailbox/{message_id:uuid}/body", guards=[staff("messages.view")], include_in_schema=False)
async def message_body(message_id: FromPath[UUID]) -> Response[str]:
    """The HTML body alone, for the frame that shows it; sandboxed, because a mail may hold anything."""
    found = await read(service.get_message, message_id)
    if found.html is None:
        raise MessageNotFound
    headers = {"Content-Security-Policy": BODY_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(found.html, media_type=MediaType.HTML, headers=headers)


@post("/admin/mailbox/{message_id:uuid}/resend", guards=[staff("messages.resend")], include_in_schema=False)
async def resend(request: Request[Any, Any, Any], message_id: FromPath[UUID]) -> Redirect:
    await write(service.send_again, message_id)
    (await session_of(request)).flash("success", "The message is on its way again.")
    return Redirect(f"/admin/mailbox/{message_id}", status_code=303)


ROUTES = (mailbox, message, message_body, resend)
