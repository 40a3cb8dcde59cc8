"""The second step of signing in to the pages. Between the steps a visitor is a guest whose session remembers the first one:
nothing of the account can be used or seen yet."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect

from shop.contracts.identity import AccountId, WrongCredentials
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import AUTH
from shop.kernel.http.sessions import Session, session_cookie, session_of
from shop.kernel.http.templating import HTMLPage
from shop.modules.identity.credentials import second_step, signed_in_by
from shop.modules.identity.errors import CodeNeeded, WrongCode
from shop.modules.identity.known_devices import device_cookie
from shop.modules.identity.pages.forms import form_page, typed_form
from shop.modules.identity.rules import local_path
from shop.modules.identity.schemas import CodeForm
from shop.modules.identity.service import factors, sign_in
from shop.modules.identity.service.sign_in import Proof

AnyRequest = Request[Any, Any, Any]

HOME: Final = "/account"
STAFF_HOME: Final = "/admin"
KEY: Final = "first_step"
"""In a guest's session."""
LIFE: Final = timedelta(minutes=10)
WRONG_CODES: Final = 5
"""Then the password is asked for again."""


class FirstStep(msgspec.Struct, frozen=True, kw_only=True):
    """What has been shown so far, when, and where to go afterwards."""

    account_id: UUID
    version: int
    is_staff: bool
    methods: tuple[str, ...]
    at: float
    target: str | None
    wrong_codes: int = 0

    def proof(self, request: AnyRequest) -> Proof:
        return Proof(
            account_id=AccountId(self.account_id),
            version=self.version,
            is_staff=self.is_staff,
            signed_in=signed_in_by(request, *self.methods),
        )


def after_sign_in(target: str | None, *, is_staff: bool) -> str:
    return local_path(target) or (STAFF_HOME if is_staff else HOME)


async def let_in(request: AnyRequest, proof: Proof, target: str | None) -> Redirect:
    """Signs in, or asks for the second step where the account has one; the guest's things come along. Raises
    WrongCredentials, WrongCode, PasskeyRefused. The session holds what it held before: nothing may be put in it now."""
    session = await session_of(request)
    # What another account had in this session stays its own.
    is_guest = session.principal is None or session.principal.account_id == proof.account_id
    data = {name: value for name, value in session.data.items() if name != KEY} if is_guest else {}
    try:
        session.replaced(await write(sign_in.open_session, proof, session.token, data))
    except CodeNeeded:
        step = FirstStep(
            account_id=proof.account_id,
            version=proof.version,
            is_staff=proof.is_staff,
            methods=proof.signed_in.methods,
            at=clock.now().timestamp(),
            target=local_path(target),
        )
        data[KEY] = msgspec.to_builtins(step)
        session.replaced(await write(sign_in.park, proof, session.token, data))
        return Redirect("/signin/code", status_code=303)
    to = after_sign_in(target, is_staff=proof.is_staff)
    return Redirect(to, status_code=303, cookies=[device_cookie(proof.account_id)])


@get("/signin/code", guards=[public], include_in_schema=False)
async def code_page(request: AnyRequest) -> HTMLPage | Redirect:
    step = await _first_step(request)
    return Redirect("/signin", status_code=303) if step is None else await _code_page(request, step)


@post("/signin/code", guards=[public], opt=AUTH, include_in_schema=False)
async def code_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    form, step = await typed_form(request), await _first_step(request)
    if step is None:
        return await _from_the_start(request, "That took too long. Please sign in again.")
    field = "code" if form.get("code") else "recovery_code"
    try:
        typed = fields.check(CodeForm, {"code": form.get(field, "")}).code
        async with second_step(request, step.proof(request), typed) as proof:
            return await let_in(request, proof, step.target)
    except Invalid:
        return await _code_page(request, step, [FieldError("code", "Enter a code")])
    except WrongCode as refusal:
        if step.wrong_codes + 1 >= WRONG_CODES:
            return await _from_the_start(request, "Too many wrong codes. Please sign in again.")
        step = msgspec.structs.replace(step, wrong_codes=step.wrong_codes + 1)
        (await session_of(request))[KEY] = msgspec.to_builtins(step)
        return await _code_page(request, step, [FieldError(field, refusal.detail)])
    except WrongCredentials:
        return await _from_the_start(request, "The way you sign in has just been changed. Please sign in again.")


async def _first_step(request: AnyRequest) -> FirstStep | None:
    if session_cookie(request) is None:
        return None
    session = await session_of(request)
    if session.principal is not None:
        return None
    return _stored(session)


def _stored(session: Session) -> FirstStep | None:
    if KEY not in session.data:
        return None
    step = msgspec.convert(session.data[KEY], FirstStep)
    return step if step.at > (clock.now() - LIFE).timestamp() else None


async def _from_the_start(request: AnyRequest, why: str) -> Redirect:
    session = await session_of(request)
    session.pop(KEY)
    session.flash("warning", why)
    return Redirect("/signin", status_code=303)


async def _code_page(request: AnyRequest, step: FirstStep, errors: Sequence[FieldError] = ()) -> HTMLPage:
    present = await read(factors.find_factors, step.account_id)
    form = {"next": step.target or ""}
    return await form_page(request, "identity/code.html", form, errors, more={"factors": present})


ROUTES: Final = (code_page, code_from_form)
