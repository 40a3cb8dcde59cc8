"""Another password, another e-mail address: the forms in the account, and the links that a change of address sends out.

As with all links from mails, opening one changes nothing: mail scanners open them too.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.identity import LinkExpired
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer, public
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page, page
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.credentials_change import ask_to_move, take_new_password
from shop.modules.identity.errors import AddressTaken
from shop.modules.identity.pages.forms import end_session, typed_form, without_referrer
from shop.modules.identity.repository.api_keys import ApiKey
from shop.modules.identity.schemas import NewEmail, PasswordChange
from shop.modules.identity.service import api_keys, change_email, change_password

AnyRequest = Request[Any, Any, Any]

SECURITY: Final = "/account/security"
PASSWORD: Final = "/account/password"  # noqa: S105  # an address
EMAIL: Final = "/account/email"


@get(PASSWORD, guards=[customer], include_in_schema=False)
async def password_page(request: AnyRequest) -> HTMLPage:
    principal = await signed_in(request)
    if not await read(change_password.has_password, principal.account_id):
        await require_recent(request)
    return await _password_page(request)


@post(PASSWORD, guards=[customer], include_in_schema=False)
async def change_password_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await typed_form(request)
    session = await session_of(request)
    try:
        given = fields.check(PasswordChange, {name: text for name, text in form.items() if text})
        asked = await take_new_password(request, given.current_password, given.password)
    except Invalid as refusal:
        return await _password_page(request, refusal)
    session.replaced(
        await write(
            change_password.change_password_on_page,
            asked.owner,
            asked.version,
            asked.password_hash,
            session.token or "",
        )
    )
    session.flash("success", "Your password is changed. Wherever else you were signed in, you no longer are.")
    return Redirect(SECURITY, status_code=303)


@get(EMAIL, guards=[customer], include_in_schema=False)
async def email_page(request: AnyRequest) -> HTMLPage:
    await require_recent(request)
    return await _email_page(request, {})


@post(EMAIL, guards=[customer], include_in_schema=False)
async def change_email_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await typed_form(request)
    try:
        await ask_to_move(request, fields.check(NewEmail, form).email)
    except Invalid as refusal:
        return await _email_page(request, form, refusal)
    return Redirect(f"{EMAIL}/sent", status_code=303)


@get(f"{EMAIL}/sent", guards=[customer], include_in_schema=False)
async def email_sent_page(request: AnyRequest) -> HTMLPage:
    return await account_page(request, "identity/email_sent.html", part_of=SECURITY)


@get("/change-email/{token:str}", guards=[customer], include_in_schema=False)
async def confirm_email_page(request: AnyRequest, token: FromPath[str]) -> HTMLPage:
    wanted = await read(change_email.find_wanted, token, "change_email")
    if wanted is None:
        return await _expired_page(request, "change_email")
    return without_referrer(await page(request, "identity/email_confirm.html", {"wanted": wanted}))


@post("/change-email/{token:str}", guards=[customer], include_in_schema=False)
async def confirm_email_from_form(request: AnyRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    try:
        await write(change_email.confirm_change, await signed_in(request), token)
    except LinkExpired:
        return await _expired_page(request, "change_email")
    except AddressTaken as refusal:
        return await _expired_page(request, "change_email", refusal.title)
    (await session_of(request)).flash(
        "success", "Your new e-mail address is confirmed. You sign in with it from now on."
    )
    return Redirect("/account", status_code=303)


@get("/revert-email/{token:str}", guards=[public], include_in_schema=False)
async def undo_email_page(request: AnyRequest, token: FromPath[str]) -> HTMLPage:
    wanted = await read(change_email.find_wanted, token, "revert_email")
    if wanted is None:
        return await _expired_page(request, "revert_email")
    return without_referrer(await page(request, "identity/email_undo.html", {"wanted": wanted}))


@post("/revert-email/{token:str}", guards=[public], include_in_schema=False)
async def undo_email_from_form(request: AnyRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    try:
        await write(change_email.undo_change, token)
    except LinkExpired:
        return await _expired_page(request, "revert_email")
    except AddressTaken as refusal:
        return await _expired_page(request, "revert_email", refusal.title)
    session = await session_of(request)
    if session.principal is not None:
        # It has ended with all others of the account, or is another account's; a guest's stays, with the cart in it.
        await end_session(request)
    session.flash(
        "success",
        "Your account has its old address again, and everybody is signed out. We have sent you a link to choose a new"
        " password.",
    )
    return Redirect("/signin", status_code=303)


async def _password_page(request: AnyRequest, refusal: Invalid | None = None) -> HTMLPage:
    has_password, keys = await read(_at_a_glance, (await signed_in(request)).account_id)
    context = {"errors": _told(refusal), "has_password": has_password, "keys": keys}
    return await account_page(
        request, "identity/password.html", context, status=422 if refusal else 200, part_of=SECURITY
    )


async def _at_a_glance(uow: UnitOfWork, account_id: UUID) -> tuple[bool, Sequence[ApiKey]]:
    return await change_password.has_password(uow, account_id), await api_keys.find_keys(uow, account_id)


async def _email_page(request: AnyRequest, form: dict[str, str], refusal: Invalid | None = None) -> HTMLPage:
    context = {"values": form, "errors": _told(refusal)}
    return await account_page(request, "identity/email.html", context, status=422 if refusal else 200, part_of=SECURITY)


async def _expired_page(request: AnyRequest, purpose: str, why: str | None = None) -> HTMLPage:
    context = {"purpose": purpose, "why": why}
    status = 404 if why is None else 409
    return without_referrer(await page(request, "identity/email_link_over.html", context, status=status))


def _told(refusal: Invalid | None) -> dict[str, str]:
    return {error.field: error.message for error in reversed(refusal.errors)} if refusal else {}


ROUTES: Final = (
    password_page,
    change_password_from_form,
    email_page,
    change_email_from_form,
    email_sent_page,
    confirm_email_page,
    confirm_email_from_form,
    undo_email_page,
    undo_email_from_form,
)
