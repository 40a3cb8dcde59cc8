"""How the account is signed in to, at a glance: password, passkeys, authenticator app, recovery codes; and changes of them."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import segno
from litestar import Request, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from markupsafe import Markup

from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Principal, session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.confirmation import is_recent, require_recent
from shop.modules.identity.credentials import one_attempt
from shop.modules.identity.errors import FactorExists, LastFactor, NoFactor, WrongCode
from shop.modules.identity.pages.federation import shown_providers
from shop.modules.identity.repository.factors import Factors, Passkey
from shop.modules.identity.rules import local_path
from shop.modules.identity.schemas import CodeForm
from shop.modules.identity.service import factors, federation, passkeys, sessions, totp
from shop.modules.identity.service.federation import WaysIn

AnyRequest = Request[Any, Any, Any]

PAGE: Final = "/account/security"
APP: Final = f"{PAGE}/app"


@get(PAGE, guards=[customer], include_in_schema=False)
async def security_page(
    request: AnyRequest,
    setup: Annotated[bool, QueryParameter(name="setup")] = False,
    target: Annotated[str | None, QueryParameter(name="next")] = None,
) -> HTMLPage:
    """With `setup`, for staff who were sent here from `next` because they need a second factor."""
    principal = await signed_in(request)
    present, keys, ways = await read(_at_a_glance, principal)
    context = {
        "factors": present,
        "passkeys": keys,
        "has_password": ways.has_password,
        "providers": shown_providers(ways),
        "recent": is_recent(principal),
        "setup": setup and principal.is_staff and not principal.strong,
        "required": principal.is_staff and settings().second_factor_of_staff == "required",
        "next": local_path(target),
    }
    return await account_page(request, "identity/security.html", context)


@post(f"{APP}/new", guards=[customer], include_in_schema=False)
async def begin_app_from_form(request: AnyRequest) -> Redirect:
    principal = await require_recent(request)
    try:
        await write(totp.begin_app, principal)
    except FactorExists as refusal:
        (await session_of(request)).flash("info", refusal.detail)
        return Redirect(PAGE, status_code=303)
    return Redirect(APP, status_code=303)


@get(APP, guards=[customer], include_in_schema=False)
async def app_page(request: AnyRequest) -> HTMLPage | Redirect:
    return await _app_page(request, await require_recent(request))


@post(APP, guards=[customer], include_in_schema=False)
async def confirm_app_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form, session = await require_recent(request), await form_fields(request), await session_of(request)

    async def confirm(uow: UnitOfWork, code: str, token: str) -> tuple[tuple[str, ...], str]:
        codes = await totp.confirm_app(uow, principal, code)
        return codes, await sessions.rotate(uow, token, methods=("otp",), strong=True)

    try:
        code = fields.check(CodeForm, form).code
        async with one_attempt(request, f"new app {principal.account_id}", None):
            codes, token = await write(confirm, code, session.token or "")
    except Invalid:
        return await _app_page(request, principal, [FieldError("code", "Enter the six digits that the app shows")])
    except WrongCode:
        message = "That is not the code that the app shows now. Is the time of your phone right?"
        return await _app_page(request, principal, [FieldError("code", message)])
    except FactorExists:
        return Redirect(PAGE, status_code=303)
    session.replaced(token)
    if codes:
        return await recovery_codes_page(request, codes, first=True)
    session.flash("success", "The app is set up. Its code is asked for when you sign in.")
    return Redirect(PAGE, status_code=303)


@post(f"{APP}/remove", guards=[customer], include_in_schema=False)
async def remove_app_from_form(request: AnyRequest) -> Redirect:
    principal, session = await require_recent(request), await session_of(request)
    try:
        await write(totp.remove_app, principal)
        session.flash("success", "The app is removed; its codes are worth nothing now.")
    except LastFactor as refusal:
        session.flash("error", refusal.detail)
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/recovery-codes", guards=[customer], include_in_schema=False)
async def renew_recovery_codes_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal = await require_recent(request)
    try:
        codes = await write(factors.renew_recovery_codes, principal)
    except NoFactor as refusal:
        (await session_of(request)).flash("info", refusal.detail)
        return Redirect(PAGE, status_code=303)
    return await recovery_codes_page(request, codes, first=False)


async def recovery_codes_page(request: AnyRequest, codes: Sequence[str], *, first: bool) -> HTMLPage:
    """The only time that they are shown: an answer to the form that made them, which no cache and no session keeps."""
    return await account_page(request, "identity/recovery_codes.html", {"codes": codes, "first": first})


async def _app_page(
    request: AnyRequest, principal: Principal, errors: Sequence[FieldError] = ()
) -> HTMLPage | Redirect:
    secret = await read(totp.find_unconfirmed_secret, principal.account_id)
    if secret is None:
        return Redirect(PAGE, status_code=303)
    context = {
        "picture": qr_code(totp.app_uri(principal.email, secret)),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "errors": {error.field: error.message for error in errors},
    }
    return await account_page(request, "identity/app.html", context, status=422 if errors else 200)


def qr_code(text: str) -> Markup:
    """Drawn by attributes alone: our Content-Security-Policy lets no style through."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        scale=5, border=3, dark="#000", light="#fff", svgclass="qr-code", lineclass=None, omitsize=True
    )
    return Markup(svg)  # noqa: S704  # made of numbers by segno


async def _at_a_glance(uow: UnitOfWork, principal: Principal) -> tuple[Factors, list[Passkey], WaysIn]:
    present = await factors.find_factors(uow, principal.account_id)
    keys = await passkeys.find_passkeys(uow, principal.account_id) if present.passkeys else []
    return present, keys, await federation.find_ways_in(uow, principal.account_id, present.passkeys)


ROUTES: Final = (
    security_page,
    begin_app_from_form,
    app_page,
    confirm_app_from_form,
    remove_app_from_form,
    renew_recovery_codes_from_form,
)
