"""Where the account is signed in, and what its owner changes of how it is entered, as JSON."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody

from shop.kernel.db import read, write
from shop.kernel.http.access import customer
from shop.kernel.http.sessions import Principal, signed_in
from shop.modules.identity.credentials import signed_in_by
from shop.modules.identity.credentials_change import ask_to_move, take_new_password
from shop.modules.identity.devices import device_in_words
from shop.modules.identity.repository.sessions import Holder
from shop.modules.identity.schemas import Message, NewEmail, PasswordChange, SignedInPlace, SignedInPlaces, Tokens
from shop.modules.identity.service import change_password, sessions

AnyRequest = Request[Any, Any, Any]
TAGS: Final = ["accounts"]
EMAIL_ANSWER: Final = "We have sent a mail to the new address. Follow the link in it within an hour to make it yours."


@get("/api/v1/me/sessions", guards=[customer], tags=TAGS, operation_id="listSessions")
async def list_sessions(request: AnyRequest) -> SignedInPlaces:
    """Browsers and programs that are signed in to the account, the last seen first; at most 100."""
    principal = await signed_in(request)
    held = await read(sessions.list_holders, principal.account_id)
    return SignedInPlaces(tuple(place_of(holder, principal) for holder in held))


@delete("/api/v1/me/sessions", guards=[customer], tags=TAGS, operation_id="endOtherSessions", status_code=204)
async def end_other_sessions(request: AnyRequest) -> None:
    """End all but the one that this call is made by, and delete all API keys."""
    await write(sessions.end_others, await signed_in(request))


@delete(
    "/api/v1/me/sessions/{session_id:uuid}", guards=[customer], tags=TAGS, operation_id="endSession", status_code=204
)
async def end_session(request: AnyRequest, session_id: FromPath[UUID]) -> None:
    """End one, be it the caller's own. 404 for one that is over, or somebody else's."""
    await write(sessions.end_one, (await signed_in(request)).account_id, session_id)


@post("/api/v1/me/password", guards=[customer], tags=TAGS, operation_id="changePassword", status_code=200)
async def change_own_password(request: AnyRequest, data: JSONBody[PasswordChange]) -> Tokens:
    """Everything that was signed in to the account ends; the caller goes on with the tokens that are returned. API keys stay
    good (a reset ends them as well). Without `current_password` only for an account that has no password, signed in to
    within 15 minutes."""
    asked = await take_new_password(request, data.current_password, data.password)
    signed_in = signed_in_by(request, "password")
    return await write(
        change_password.change_password_by_token, asked.owner, asked.version, asked.password_hash, signed_in
    )


@post("/api/v1/me/email", guards=[customer], tags=TAGS, operation_id="changeEmail", status_code=202)
async def change_own_email(request: AnyRequest, data: JSONBody[NewEmail]) -> Message:
    """Ask to move the account to another address, within 15 minutes of signing in. The answer is the same whether the new
    address is known or not."""
    await ask_to_move(request, data.email)
    return Message(EMAIL_ANSWER)


def place_of(holder: Holder, principal: Principal) -> SignedInPlace:
    return SignedInPlace(
        id=holder.id,
        kind=holder.kind,
        device=device_in_words(holder.user_agent),
        program=holder.client_name,
        network=holder.network,
        methods=holder.methods,
        signed_in_at=holder.signed_in_at,
        last_seen_at=holder.last_seen_at,
        current=holder.id == principal.session_id,
    )


ROUTES: Final = (list_sessions, end_other_sessions, end_session, change_own_password, change_own_email)
