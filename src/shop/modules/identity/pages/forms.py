"""What the forms of an account share."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request

from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.errors import FieldError
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import SessionStore, session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.ports import port

AnyRequest = Request[Any, Any, Any]


async def typed_form(request: AnyRequest) -> dict[str, str]:
    """The form's fields; passwords exactly as they were typed, for the API takes it so too."""
    typed = await request.form()
    passwords = {name: typed.get(name) for name in ("password", "current_password")}
    return {**await form_fields(request), **{name: text for name, text in passwords.items() if isinstance(text, str)}}


async def form_page(
    request: AnyRequest,
    template: str,
    form: dict[str, str],
    errors: Sequence[FieldError] = (),
    *,
    more: Mapping[str, Any] | None = None,
    status: int | None = None,
) -> HTMLPage:
    """The form as it was filled in, and what is to be mended in it."""
    context = {
        "values": form,
        "problem": next((error.message for error in errors if not error.field), None),
        "errors": {error.field: error.message for error in reversed(errors) if error.field},
        "providers": settings().sign_in_with,
        **(more or {}),
    }
    return await page(request, template, context, status=status or (422 if errors else 200))


def without_referrer(answer: HTMLPage) -> HTMLPage:
    """Of a page whose address is a secret: not even our own pages are told where the visitor came from."""
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


async def end_session(request: AnyRequest) -> None:
    session = await session_of(request)
    if session.token is not None:
        await write(port(SessionStore).end_session, session.token)
    session.ended()
