"""What a customer decides about the own data: consents with their history, a copy of everything, the end of the account."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.response import Redirect

from shop.kernel.db import read, snapshot, write
from shop.kernel.errors import Conflict, FieldError
from shop.kernel.http.access import customer
from shop.kernel.http.ratelimit import EXPORT
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.pages.forms import end_session
from shop.modules.identity.personal_file import personal_file
from shop.modules.identity.service import consents, person

AnyRequest = Request[Any, Any, Any]

PRIVACY: Final = "/account/privacy"


@get(PRIVACY, guards=[customer], include_in_schema=False)
async def privacy_page(request: AnyRequest) -> HTMLPage:
    principal = await signed_in(request)
    standing, history = await read(consents.show_consents, principal.account_id)
    titles = {each.purpose: each.title for each in standing}
    entries = [
        {
            "at": each.at,
            "title": f"{titles.get(each.purpose, each.purpose)}: {'yes' if each.given else 'no'}",
            "note": "",
        }
        for each in history
    ]
    return await account_page(
        request,
        "identity/privacy.html",
        {"consents": standing, "history": entries, "is_staff": principal.is_staff},
    )


@post(PRIVACY, guards=[customer], include_in_schema=False)
async def decide_from_form(request: AnyRequest) -> Redirect:
    principal, form = await signed_in(request), await form_fields(request)
    wanted = {purpose.code: bool(form.get(purpose.code)) for purpose in consents.PURPOSES}
    await write(consents.decide, principal.account_id, wanted)
    (await session_of(request)).flash("success", "Your choices are saved.")
    return Redirect(PRIVACY, status_code=303)


@get(f"{PRIVACY}/export", guards=[customer], opt=EXPORT, include_in_schema=False)
async def export_file(request: AnyRequest) -> Response[bytes]:
    held = await snapshot(person.export_account, (await require_recent(request)).account_id)
    return personal_file(held, "my-data")


@get("/account/close", guards=[customer], include_in_schema=False)
async def close_page(request: AnyRequest) -> HTMLPage:
    await require_recent(request)
    return await _close_page(request)


@post("/account/close", guards=[customer], include_in_schema=False)
async def close_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form = await require_recent(request), await form_fields(request)
    if not form.get("sure"):
        return await _close_page(request, [FieldError("sure", "Tick this to close your account")], 422)
    try:
        await write(person.close_account, principal.account_id)
    except Conflict as refusal:
        return await _close_page(request, [FieldError("", refusal.detail)], 409)
    await end_session(request)
    (await session_of(request)).flash(
        "success", "Your account is closed. What we held on you is erased within the hour."
    )
    return Redirect("/", status_code=303)


async def _close_page(request: AnyRequest, errors: Sequence[FieldError] = (), status: int = 200) -> HTMLPage:
    context = {
        "errors": {error.field: error.message for error in errors if error.field},
        "problem": next((error.message for error in errors if not error.field), None),
    }
    return await account_page(request, "identity/close.html", context, status=status, part_of=PRIVACY)


ROUTES: Final = (privacy_page, decide_from_form, export_file, close_page, close_from_form)
