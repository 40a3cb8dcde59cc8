"""Accounts as JSON: `/api/v1/auth/...` and `/api/v1/me`.

None of these takes an Idempotency-Key: its record would keep a fast hash of a password, or the tokens themselves. Each may
be repeated without harm instead.
"""

from typing import Any, Final

import msgspec
from litestar import Request, get, patch, post
from litestar.params import JSONBody

from shop.kernel.db import read, write
from shop.kernel.http.access import customer, customer_or_program, public
from shop.kernel.http.ratelimit import AUTH, address_of, limit
from shop.kernel.http.sessions import Principal, signed_in
from shop.modules.identity.credentials import (
    ask_for_reset,
    choose_password,
    confirm_address,
    prove,
    register,
    second_step,
)
from shop.modules.identity.errors import CodeNeeded, RefreshRefused, WrongCode
from shop.modules.identity.schemas import (
    Address,
    AddressProof,
    Me,
    Message,
    NewPasswordByLink,
    ProfileChange,
    Refresh,
    SignIn,
    SignUp,
    Tokens,
)
from shop.modules.identity.service import api_sessions, profile
from shop.modules.identity.service.sign_up import verify_email as verify_by_link

AnyRequest = Request[Any, Any, Any]
TAGS: Final = ["accounts"]


@post("/api/v1/auth/signup", guards=[public], opt=AUTH, tags=TAGS, operation_id="signUp", status_code=202)
async def sign_up(request: AnyRequest, data: JSONBody[SignUp]) -> Message:
    """Open an account. The answer is the same for known and unknown addresses; the mail tells its owner what to do."""
    await register(request, data)
    return Message("Thank you. Please follow the link in the mail that is on its way to you.")


@post("/api/v1/auth/email/verify", guards=[public], opt=AUTH, tags=TAGS, operation_id="verifyEmail", status_code=200)
async def verify_email(data: JSONBody[AddressProof]) -> Message:
    """Confirm an address by the token of the link in its mail. It works once, for three days.

    A stranger may have signed up with somebody's address: who then confirms it hands them the account. So a front that
    opens such links in a browser which didn't sign up asks for the `password` as well, as the shop's own page does; a wrong
    one is answered by 422 and leaves the link good.
    """
    if data.password is None:
        await write(verify_by_link, data.token)
    else:
        await confirm_address(data.token, None, data.password)
    return Message("Your e-mail address is confirmed; you can sign in now.")


@post("/api/v1/auth/signin", guards=[public], opt=AUTH, tags=TAGS, operation_id="signIn", status_code=200)
async def sign_in(request: AnyRequest, data: JSONBody[SignIn]) -> Tokens:
    """An access token for fifteen minutes and a refresh token for thirty days. A guest's cart comes along by its `cart_id`.

    Where the account has a second factor, the right password without `code` is answered by 401 `code_required`.
    """
    proof = await prove(request, data.email, data.password)
    if data.code is None:
        return await write(api_sessions.open_api_session, proof, data.cart_id)
    try:
        async with second_step(request, proof, data.code) as both:
            return await write(api_sessions.open_api_session, both, data.cart_id)
    except WrongCode as refusal:
        raise CodeNeeded(refusal.detail) from None


@post("/api/v1/auth/refresh", guards=[public], tags=TAGS, operation_id="refreshTokens", status_code=200)
async def refresh(request: AnyRequest, data: JSONBody[Refresh]) -> Tokens:
    """A new pair of tokens for a refresh token, which works once; used again it ends everything from the same sign-in."""
    await limit("refresh", address_of(request), 60, 60)
    tokens = await write(api_sessions.refresh, data.refresh_token)
    if tokens is None:
        raise RefreshRefused
    return tokens


@post("/api/v1/auth/signout", guards=[customer], tags=TAGS, operation_id="signOut", status_code=204)
async def sign_out(request: AnyRequest) -> None:
    """End the access token that this call carries, and all that came from the same sign-in."""
    principal = await signed_in(request)
    if principal.session_id is not None:
        await write(api_sessions.end_family, principal.session_id)


@post(
    "/api/v1/auth/password/forgot", guards=[public], opt=AUTH, tags=TAGS, operation_id="forgotPassword", status_code=202
)
async def forgot_password(request: AnyRequest, data: JSONBody[Address]) -> Message:
    """Ask for a link to choose a new password. The answer is the same for known and unknown addresses."""
    await ask_for_reset(request, data.email)
    return Message("If there is an account with this address, a link to choose a new password is on its way to it.")


@post(
    "/api/v1/auth/password/reset", guards=[public], opt=AUTH, tags=TAGS, operation_id="resetPassword", status_code=200
)
async def reset_password(data: JSONBody[NewPasswordByLink]) -> Message:
    """Choose a new password by the token of the link in the mail. All sessions, tokens and API keys of the account end."""
    await choose_password(data.token, data.password)
    return Message("Your password is changed; please sign in with the new one.")


@get("/api/v1/me", guards=[customer_or_program("profile.read")], tags=TAGS, operation_id="getMe")
async def show_me(request: AnyRequest) -> Me:
    """Who the access token belongs to. A program is told of staff's permissions only those that it was given itself, and
    `is_staff` only with any of them."""
    principal = await signed_in(request)
    return as_told_to(principal, await read(profile.get_me, principal.account_id))


@patch("/api/v1/me", guards=[customer_or_program("profile.write")], tags=TAGS, operation_id="changeMe")
async def change_me(request: AnyRequest, data: JSONBody[ProfileChange]) -> Me:
    """Change what is given, leave the rest."""
    principal = await signed_in(request)
    if isinstance(data.name, msgspec.UnsetType):
        return as_told_to(principal, await read(profile.get_me, principal.account_id))
    return as_told_to(principal, await write(profile.rename, principal.account_id, data.name.strip()))


def as_told_to(principal: Principal, me: Me) -> Me:
    """Whom it would pay to attack is nothing for a program that may see a name."""
    if principal.scopes is None:
        return me
    shared = tuple(sorted(scope for scope in principal.scopes if principal.may(scope)))
    return msgspec.structs.replace(me, is_staff=bool(shared), permissions=shared)


ROUTES: Final = (
    sign_up,
    verify_email,
    sign_in,
    refresh,
    sign_out,
    forgot_password,
    reset_password,
    show_me,
    change_me,
)
