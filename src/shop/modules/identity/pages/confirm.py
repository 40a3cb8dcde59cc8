"""Showing anew to be the owner, before something that only the owner may do: by password, passkey or code. The session goes
on under a new token and counts as signed in now."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer
from shop.kernel.http.ratelimit import AUTH
from shop.kernel.http.sessions import Principal, session_of, signed_in
from shop.kernel.http.templating import HTMLPage
from shop.modules.identity.confirmation import password_is_enough
from shop.modules.identity.credentials import one_attempt
from shop.modules.identity.errors import PasskeyRefused, SignInRefused, WrongCode
from shop.modules.identity.pages.forms import form_page, typed_form
from shop.modules.identity.pages.passkeys import FRESH
from shop.modules.identity.passwords import check_password
from shop.modules.identity.rules import local_path
from shop.modules.identity.schemas import CodeForm, GivenPasswordForm, PasskeyForm
from shop.modules.identity.service import confirm, passkeys
from shop.modules.identity.service.second_factor import typed_factor

AnyRequest = Request[Any, Any, Any]

PAGE: Final = "/account/confirm"
DEFAULT_TARGET: Final = "/account/security"


@get(PAGE, guards=[customer], include_in_schema=False)
async def confirm_page(
    request: AnyRequest, target: Annotated[str | None, QueryParameter(name="next")] = None
) -> HTMLPage:
    return await _page(request, await signed_in(request), target)


@post(PAGE, guards=[customer], opt=AUTH, include_in_schema=False)
async def confirm_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form = await signed_in(request), await typed_form(request)
    field = next((name for name in ("code", "recovery_code") if form.get(name)), "password")
    try:
        async with one_attempt(request, f"confirm {principal.session_id}", None):
            if field == "password":
                await _by_password(request, principal, fields.check(GivenPasswordForm, form).password)
            else:
                code = fields.check(CodeForm, {"code": form[field]}).code
                session = await session_of(request)
                session.replaced(await write(confirm.by_factor, principal, session.token or "", typed_factor(code)))
    except SignInRefused:
        return await _page(request, principal, form.get("next"), [FieldError("password", "This is not your password")])
    except WrongCode as refusal:
        return await _page(request, principal, form.get("next"), [FieldError(field, refusal.detail)])
    except Invalid as refusal:
        return await _page(request, principal, form.get("next"), [FieldError(field, refusal.errors[0].message)])
    return _back(form.get("next"))


@get(f"{PAGE}/passkey/options", guards=[customer], include_in_schema=False)
async def confirm_options(request: AnyRequest) -> Response[dict[str, Any]]:
    principal = await signed_in(request)
    return Response(passkeys.options_to_show("confirm", passkeys.session_of(principal)), headers=FRESH)


@post(f"{PAGE}/passkey", guards=[customer], opt=AUTH, include_in_schema=False)
async def confirm_by_passkey(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form, session = await signed_in(request), await typed_form(request), await session_of(request)
    try:
        given = fields.check(PasskeyForm, form).credential
        shown = await read(passkeys.check_assertion, given, "confirm", passkeys.session_of(principal))
        session.replaced(await write(confirm.by_factor, principal, session.token or "", shown))
    except (Invalid, PasskeyRefused):
        return await _page(request, principal, form.get("next"), [FieldError("", PasskeyRefused.title)])
    return _back(form.get("next"))


async def _by_password(request: AnyRequest, principal: Principal, password: str) -> None:
    """Raises SignInRefused, also where a password is not enough."""
    ways = await read(confirm.find_ways, principal)
    verdict = await check_password(password, ways.password_hash)
    if not verdict.right or not password_is_enough(principal, ways.factors):
        raise SignInRefused
    session = await session_of(request)
    session.replaced(await write(confirm.by_password, principal, session.token or "", ways.version))


def _back(target: str | None) -> Redirect:
    return Redirect(local_path(target) or DEFAULT_TARGET, status_code=303)


async def _page(
    request: AnyRequest, principal: Principal, target: str | None, errors: Sequence[FieldError] = ()
) -> HTMLPage:
    ways = await read(confirm.find_ways, principal)
    context = {
        "factors": ways.factors,
        "by_password": ways.password_hash is not None and password_is_enough(principal, ways.factors),
        "email": principal.email,
    }
    form = {"next": local_path(target) or ""}
    return await form_page(request, "identity/confirm.html", form, errors, more=context)


ROUTES: Final = (confirm_page, confirm_from_form, confirm_options, confirm_by_passkey)
