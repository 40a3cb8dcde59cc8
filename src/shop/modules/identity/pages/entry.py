"""In, out, up, and the links in mails. All work without JavaScript.

Opening a link from a mail changes nothing: mail scanners open them too. Only the form on its page uses the token.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.identity import LinkExpired, WrongCredentials
from shop.kernel.db import read
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import AUTH
from shop.kernel.http.sessions import session_cookie, session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.modules.identity.credentials import (
    ask_for_reset,
    checked_address,
    choose_password,
    confirm_address,
    prove,
    register,
)
from shop.modules.identity.known_devices import device_cookie
from shop.modules.identity.pages.forms import end_session, form_page, typed_form, without_referrer
from shop.modules.identity.pages.second_factor import STAFF_HOME, after_sign_in, let_in
from shop.modules.identity.rules import local_path
from shop.modules.identity.schemas import Address, PasswordForm, SignIn, SignUp
from shop.modules.identity.service import mail_links, sign_up

AnyRequest = Request[Any, Any, Any]
S = TypeVar("S", bound=msgspec.Struct)
OPENED: Final = "opened"
"""In a session: which account this browser has just opened."""
Next = Annotated[str | None, QueryParameter(name="next")]


@get("/signin", guards=[public], include_in_schema=False)
async def sign_in_page(request: AnyRequest, target: Next = None) -> HTMLPage | Redirect:
    if session_cookie(request) is not None:
        principal = (await session_of(request)).principal
        if principal is not None:
            return Redirect(after_sign_in(target, is_staff=principal.is_staff), status_code=303)
    return await _sign_in_page(request, {"next": local_path(target) or ""})


@post("/signin", guards=[public], opt=AUTH, include_in_schema=False)
async def sign_in_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await typed_form(request)
    try:
        given = fields.check(SignIn, {name: form.get(name, "") for name in ("email", "password")})
        return await let_in(request, await prove(request, given.email, given.password), form.get("next"))
    except Invalid as refusal:
        return await _sign_in_page(request, form, refusal.errors)
    except WrongCredentials as refusal:
        return await _sign_in_page(request, form, [FieldError("", refusal.detail)])


@post("/signout", guards=[public], include_in_schema=False)
async def sign_out(request: AnyRequest) -> Redirect:
    await end_session(request)
    return Redirect("/", status_code=303)


@post("/admin/signout", guards=[public], include_in_schema=False)
async def sign_out_of_back_office(request: AnyRequest) -> Redirect:
    await end_session(request)
    return Redirect(f"/signin?next={STAFF_HOME}", status_code=303)


@get("/signup", guards=[public], include_in_schema=False)
async def sign_up_page(request: AnyRequest) -> HTMLPage:
    return await form_page(request, "identity/signup.html", {})


@post("/signup", guards=[public], opt=AUTH, include_in_schema=False)
async def sign_up_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await typed_form(request)
    # What isn't the box's own value is no yes.
    given = {**form, "newsletter": "true" if form.get("newsletter") == "true" else "false"}
    try:
        mark = await register(request, _checked_with_address(SignUp, given))
    except Invalid as refusal:
        return await form_page(request, "identity/signup.html", form, refusal.errors)
    (await session_of(request))[OPENED] = mark
    return Redirect("/signup/sent", status_code=303)


@get("/signup/sent", guards=[public], include_in_schema=False)
async def sign_up_sent_page(request: AnyRequest) -> HTMLPage:
    return await page(request, "identity/signup_sent.html")


@get("/verify/{token:str}", guards=[public], include_in_schema=False)
async def verify_page(request: AnyRequest, token: FromPath[str]) -> HTMLPage:
    return await _verify_page(request, token)


@post("/verify/{token:str}", guards=[public], opt=AUTH, include_in_schema=False)
async def verify_from_form(request: AnyRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    session, form = await session_of(request), await typed_form(request)
    try:
        await confirm_address(token, session.data.get(OPENED), form.get("password", "")[:256])
    except Invalid as refusal:
        return await _verify_page(request, token, refusal.errors)
    except LinkExpired:
        return await _expired_page(request, "verify")
    session.pop(OPENED)
    session.flash("success", "Your e-mail address is confirmed. You can sign in now.")
    return Redirect("/signin", status_code=303)


@get("/forgot", guards=[public], include_in_schema=False)
async def forgot_page(request: AnyRequest) -> HTMLPage:
    return await form_page(request, "identity/forgot.html", {})


@post("/forgot", guards=[public], opt=AUTH, include_in_schema=False)
async def forgot_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await typed_form(request)
    try:
        await ask_for_reset(request, fields.check(Address, form).email)
    except Invalid as refusal:
        return await form_page(request, "identity/forgot.html", form, refusal.errors)
    return Redirect("/forgot/sent", status_code=303)


@get("/forgot/sent", guards=[public], include_in_schema=False)
async def forgot_sent_page(request: AnyRequest) -> HTMLPage:
    return await page(request, "identity/forgot_sent.html")


@get("/reset/{token:str}", guards=[public], include_in_schema=False)
async def reset_page(request: AnyRequest, token: FromPath[str]) -> HTMLPage:
    if not await read(mail_links.is_link_good, token, "reset"):
        return await _expired_page(request, "reset")
    return without_referrer(await form_page(request, "identity/reset.html", {}))


@post("/reset/{token:str}", guards=[public], opt=AUTH, include_in_schema=False)
async def reset_from_form(request: AnyRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    form = await typed_form(request)
    try:
        known_as = await choose_password(token, fields.check(PasswordForm, form).password)
    except Invalid as refusal:
        return without_referrer(await form_page(request, "identity/reset.html", {}, refusal.errors))
    except LinkExpired:
        return await _expired_page(request, "reset")
    session = await session_of(request)
    if session.principal is not None:
        # It may be one of those that have just ended; a guest's stays, with the cart in it.
        await end_session(request)
    session.flash("success", "Your password is changed. Please sign in with the new one.")
    return Redirect("/signin", status_code=303, cookies=[device_cookie(known_as)] if known_as else None)


async def _verify_page(request: AnyRequest, token: str, errors: Sequence[FieldError] = ()) -> HTMLPage:
    try:
        opened, _ = await read(sign_up.find_opened, token)
    except LinkExpired:
        return await _expired_page(request, "verify")
    known = session_cookie(request) is not None and (await session_of(request)).data.get(OPENED) == opened.mark
    template = "identity/verify.html" if known else "identity/verify_elsewhere.html"
    return without_referrer(await form_page(request, template, {}, errors))


def _checked_with_address(struct: type[S], form: dict[str, str]) -> S:
    """Raises Invalid that names a mistyped address beside whatever else is wrong."""
    errors: list[FieldError] = []
    for rule in (lambda: fields.check(struct, form), lambda: checked_address(form.get("email", ""))):
        try:
            rule()
        except Invalid as refusal:
            told = {error.field for error in errors}
            errors += [error for error in refusal.errors if error.field not in told]
    if errors:
        raise Invalid(errors)
    return fields.check(struct, form)


async def _sign_in_page(request: AnyRequest, form: dict[str, str], errors: Sequence[FieldError] = ()) -> HTMLPage:
    form = {**form, "next": local_path(form.get("next")) or ""}
    return await form_page(request, "identity/signin.html", form, errors)


async def _expired_page(request: AnyRequest, purpose: str) -> HTMLPage:
    return without_referrer(await page(request, "identity/link_expired.html", {"purpose": purpose}, status=404))


ROUTES: Final = (
    sign_in_page,
    sign_in_from_form,
    sign_out,
    sign_out_of_back_office,
    sign_up_page,
    sign_up_from_form,
    sign_up_sent_page,
    verify_page,
    verify_from_form,
    forgot_page,
    forgot_from_form,
    forgot_sent_page,
    reset_page,
    reset_from_form,
)
