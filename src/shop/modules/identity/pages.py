"""The pages of an account: in, out, up, the links in mails, and the account itself. All work without JavaScript.

Opening a link from a mail changes nothing: mail scanners open them too. Only the form on its page uses the token.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.identity import Account, AccountId, LinkExpired, WrongCredentials
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid, NotSignedIn
from shop.kernel.http import fields
from shop.kernel.http.access import customer, public
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Principal, SessionStore, principal_of, session_cookie, session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.ports import port
from shop.modules.identity import service
from shop.modules.identity.credentials import ask_for_reset, checked_address, choose_password, prove, register
from shop.modules.identity.rules import local_path
from shop.modules.identity.schemas import Address, PasswordForm, ProfileForm, SignIn, SignUp

AnyRequest = Request[Any, Any, Any]
S = TypeVar("S", bound=msgspec.Struct)
Next = Annotated[str | None, QueryParameter(name="next")]

HOME: Final = "/account"
STAFF_HOME: Final = "/admin"


@get("/signin", guards=[public], include_in_schema=False)
async def sign_in_page(request: AnyRequest, target: Next = None) -> HTMLPage | Redirect:
    if session_cookie(request) is not None:
        principal = (await session_of(request)).principal
        if principal is not None:
            return Redirect(_after_sign_in(target, is_staff=principal.is_staff), status_code=303)
    return await _sign_in_page(request, {"next": local_path(target) or ""})


@post("/signin", guards=[public], include_in_schema=False)
async def sign_in_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await _form(request)
    try:
        given = fields.check(SignIn, {name: form.get(name, "") for name in ("email", "password")})
        proof = await prove(request, given.email, given.password)
        session = await session_of(request)
        # What another account had in this session stays its own.
        is_guest = session.principal is None or session.principal.account_id == proof.account_id
        data = session.data if is_guest else {}
        session.replaced(await write(service.open_session, proof, session.token, data))
    except Invalid as refusal:
        return await _sign_in_page(request, form, refusal.errors)
    except WrongCredentials as refusal:
        return await _sign_in_page(request, form, [FieldError("", refusal.detail)])
    return Redirect(_after_sign_in(form.get("next"), is_staff=proof.is_staff), status_code=303)


@post("/signout", guards=[public], include_in_schema=False)
async def sign_out(request: AnyRequest) -> Redirect:
    await _end_session(request)
    return Redirect("/", status_code=303)


@post("/admin/signout", guards=[public], include_in_schema=False)
async def sign_out_of_back_office(request: AnyRequest) -> Redirect:
    await _end_session(request)
    return Redirect(f"/signin?next={STAFF_HOME}", status_code=303)


@get("/signup", guards=[public], include_in_schema=False)
async def sign_up_page(request: AnyRequest) -> HTMLPage:
    return await _form_page(request, "identity/signup.html", {})


@post("/signup", guards=[public], include_in_schema=False)
async def sign_up_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await _form(request)
    try:
        await register(request, _checked_with_address(SignUp, form))
    except Invalid as refusal:
        return await _form_page(request, "identity/signup.html", form, refusal.errors)
    return Redirect("/signup/sent", status_code=303)


@get("/signup/sent", guards=[public], include_in_schema=False)
async def sign_up_sent_page(request: AnyRequest) -> HTMLPage:
    return await page(request, "identity/signup_sent.html")


@get("/verify/{token:str}", guards=[public], include_in_schema=False)
async def verify_page(request: AnyRequest, token: FromPath[str]) -> HTMLPage:
    if not await read(service.is_link_good, token, "verify"):
        return await _expired_page(request, "verify")
    return await page(request, "identity/verify.html")


@post("/verify/{token:str}", guards=[public], include_in_schema=False)
async def verify_from_form(request: AnyRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    try:
        await write(service.verify_email, token)
    except LinkExpired:
        return await _expired_page(request, "verify")
    (await session_of(request)).flash("success", "Your e-mail address is confirmed. You can sign in now.")
    return Redirect("/signin", status_code=303)


@get("/forgot", guards=[public], include_in_schema=False)
async def forgot_page(request: AnyRequest) -> HTMLPage:
    return await _form_page(request, "identity/forgot.html", {})


@post("/forgot", guards=[public], include_in_schema=False)
async def forgot_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form = await _form(request)
    try:
        await ask_for_reset(request, fields.check(Address, form).email)
    except Invalid as refusal:
        return await _form_page(request, "identity/forgot.html", form, refusal.errors)
    return Redirect("/forgot/sent", status_code=303)


@get("/forgot/sent", guards=[public], include_in_schema=False)
async def forgot_sent_page(request: AnyRequest) -> HTMLPage:
    return await page(request, "identity/forgot_sent.html")


@get("/reset/{token:str}", guards=[public], include_in_schema=False)
async def reset_page(request: AnyRequest, token: FromPath[str]) -> HTMLPage:
    if not await read(service.is_link_good, token, "reset"):
        return await _expired_page(request, "reset")
    return await _form_page(request, "identity/reset.html", {})


@post("/reset/{token:str}", guards=[public], include_in_schema=False)
async def reset_from_form(request: AnyRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    form = await _form(request)
    try:
        await choose_password(token, fields.check(PasswordForm, form).password)
    except Invalid as refusal:
        return await _form_page(request, "identity/reset.html", {}, refusal.errors)
    except LinkExpired:
        return await _expired_page(request, "reset")
    session = await session_of(request)
    if session.principal is not None:
        # It may be one of those that have just ended; a guest's stays, with the cart in it.
        await _end_session(request)
    session.flash("success", "Your password is changed. Please sign in with the new one.")
    return Redirect("/signin", status_code=303)


@get("/account", guards=[customer], include_in_schema=False)
async def account_page(request: AnyRequest) -> HTMLPage:
    return await _account_page(request, await _principal(request))


@post("/account", guards=[customer], include_in_schema=False)
async def change_profile_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form = await _principal(request), await form_fields(request)
    try:
        await write(service.rename, principal.account_id, fields.check(ProfileForm, form).name)
    except Invalid as refusal:
        return await _account_page(request, principal, form, refusal.errors)
    (await session_of(request)).flash("success", "Your details are saved.")
    return Redirect(HOME, status_code=303)


async def _form(request: AnyRequest) -> dict[str, str]:
    """The form's fields; a password exactly as it was typed, for the API takes it so too."""
    typed = (await request.form()).get("password")
    form = await form_fields(request)
    return {**form, "password": typed} if isinstance(typed, str) else form


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


def _after_sign_in(target: str | None, *, is_staff: bool) -> str:
    return local_path(target) or (STAFF_HOME if is_staff else HOME)


async def _end_session(request: AnyRequest) -> None:
    session = await session_of(request)
    if session.token is not None:
        await write(port(SessionStore).end_session, session.token)
    session.ended()


async def _principal(request: AnyRequest) -> Principal:
    principal = await principal_of(request)
    if principal is None:
        raise NotSignedIn
    return principal


async def _sign_in_page(request: AnyRequest, form: dict[str, str], errors: Sequence[FieldError] = ()) -> HTMLPage:
    form = {**form, "next": local_path(form.get("next")) or ""}
    return await _form_page(request, "identity/signin.html", form, errors)


async def _form_page(
    request: AnyRequest, template: str, form: dict[str, str], errors: Sequence[FieldError] = ()
) -> HTMLPage:
    """The form as it was filled in, and what is to be mended in it."""
    context = {
        "values": form,
        "problem": next((error.message for error in errors if not error.field), None),
        "errors": {error.field: error.message for error in reversed(errors) if error.field},
    }
    return await page(request, template, context, status=422 if errors else 200)


async def _expired_page(request: AnyRequest, purpose: str) -> HTMLPage:
    return await page(request, "identity/link_expired.html", {"purpose": purpose}, status=404)


async def _account_page(
    request: AnyRequest, principal: Principal, form: dict[str, str] | None = None, errors: Sequence[FieldError] = ()
) -> HTMLPage:
    account = Account(
        AccountId(principal.account_id), principal.email, principal.name, principal.is_staff, verified=True
    )
    context = {
        "account": account,
        "values": form or {"name": principal.name},
        "errors": {error.field: error.message for error in errors},
    }
    return await page(request, "identity/account.html", context, status=422 if errors else 200, slots=("account.main",))


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
    account_page,
    change_profile_from_form,
)
