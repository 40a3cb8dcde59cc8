"""Passkeys on pages: signing in by one without typing an address, and keeping one's own.

The browser's script fetches what the passkey is to sign, and sends its answer as a form like any other.
"""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.identity import WrongCredentials
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer, public
from shop.kernel.http.ratelimit import AUTH, address_of, limit
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.credentials import signed_in_by
from shop.modules.identity.errors import LastFactor, PasskeyRefused, TooManyPasskeys
from shop.modules.identity.pages.forms import form_page
from shop.modules.identity.pages.second_factor import let_in
from shop.modules.identity.pages.security import PAGE, recovery_codes_page
from shop.modules.identity.rules import local_path
from shop.modules.identity.schemas import NewPasskeyForm, PasskeyForm, PasskeyNameForm
from shop.modules.identity.service import passkeys, sessions
from shop.modules.identity.service.sign_in import Proof

AnyRequest = Request[Any, Any, Any]

FRESH: Final = {"Cache-Control": "no-store"}


@get("/signin/passkey/options", guards=[public], include_in_schema=False)
async def sign_in_options() -> Response[dict[str, Any]]:
    return Response(passkeys.options_to_show("signin"), headers=FRESH)


@post("/signin/passkey", guards=[public], opt=AUTH, include_in_schema=False)
async def sign_in_by_passkey(request: AnyRequest) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        await limit("signin", address_of(request), 10, 60)
        given = fields.check(PasskeyForm, form)
        shown = await read(passkeys.check_assertion, given.credential, "signin")
        proof = Proof(
            account_id=shown.owner.account_id,
            version=shown.owner.version,
            is_staff=shown.owner.is_staff,
            signed_in=signed_in_by(request),
        )
        return await let_in(request, proof.with_factor(shown), form.get("next"))
    except (Invalid, PasskeyRefused, WrongCredentials):
        problem = {"problem": PasskeyRefused.title}
        form = {"next": local_path(form.get("next")) or ""}
        return await form_page(request, "identity/signin.html", form, more=problem, status=422)


@get("/account/security/passkeys/options", guards=[customer], include_in_schema=False)
async def new_passkey_options(request: AnyRequest) -> Response[dict[str, Any]]:
    principal = await require_recent(request)
    return Response(await read(passkeys.options_to_add, principal), headers=FRESH)


@post("/account/security/passkeys", guards=[customer], include_in_schema=False)
async def add_passkey_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form, session = await require_recent(request), await form_fields(request), await session_of(request)

    async def add(uow: UnitOfWork, given: NewPasskeyForm, token: str) -> tuple[tuple[str, ...], str]:
        codes = await passkeys.add_passkey(uow, principal, given.credential, given.name)
        return codes, await sessions.rotate(uow, token, methods=("passkey",), strong=True)

    try:
        codes, token = await write(add, fields.check(NewPasskeyForm, form), session.token or "")
    except Invalid as refusal:
        session.flash("error", f"The passkey was not added. Name: {refusal.errors[0].message}")
        return Redirect(PAGE, status_code=303)
    except (PasskeyRefused, TooManyPasskeys) as refusal:
        session.flash("error", refusal.detail)
        return Redirect(PAGE, status_code=303)
    session.replaced(token)
    if codes:
        return await recovery_codes_page(request, codes, first=True)
    session.flash("success", "Your passkey is ready. You can sign in by it from now on.")
    return Redirect(PAGE, status_code=303)


@post("/account/security/passkeys/{passkey_id:uuid}", guards=[customer], include_in_schema=False)
async def rename_passkey_from_form(request: AnyRequest, passkey_id: FromPath[UUID]) -> Redirect:
    principal, form, session = await require_recent(request), await form_fields(request), await session_of(request)
    try:
        name = fields.check(PasskeyNameForm, form).name
        await write(passkeys.rename_passkey, principal.account_id, passkey_id, name)
        session.flash("success", "The passkey has its new name.")
    except Invalid as refusal:
        session.flash("error", f"Name: {refusal.errors[0].message}")
    return Redirect(PAGE, status_code=303)


@post("/account/security/passkeys/{passkey_id:uuid}/remove", guards=[customer], include_in_schema=False)
async def remove_passkey_from_form(request: AnyRequest, passkey_id: FromPath[UUID]) -> Redirect:
    principal, session = await require_recent(request), await session_of(request)
    try:
        await write(passkeys.remove_passkey, principal, passkey_id)
        session.flash("success", "The passkey is removed. Take it off your device as well.")
    except LastFactor as refusal:
        session.flash("error", refusal.detail)
    return Redirect(PAGE, status_code=303)


ROUTES: Final = (
    sign_in_options,
    sign_in_by_passkey,
    new_passkey_options,
    add_passkey_from_form,
    rename_passkey_from_form,
    remove_passkey_from_form,
)
