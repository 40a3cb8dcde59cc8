"""How somebody who is signed in changes what the account is entered by, alike for pages and API: a session left open, or
stolen, must not be enough for it."""

from typing import Any, NamedTuple

from litestar import Request

from shop.kernel.db import read, write
from shop.kernel.errors import Invalid, NotSignedIn
from shop.kernel.http.ratelimit import limit
from shop.kernel.http.sessions import Principal, principal_of
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.credentials import RESET_ANSWER_SECONDS, checked_address, lasting, one_attempt
from shop.modules.identity.passwords import check_new_password, check_password, hash_password
from shop.modules.identity.repository import accounts
from shop.modules.identity.repository.accounts import Credentials
from shop.modules.identity.service.change_email import request_change

AnyRequest = Request[Any, Any, Any]


class NewPassword(NamedTuple):
    """Checked, hashed, and asked for by the owner, who signed in by what there was at `version`."""

    owner: Principal
    version: int
    password_hash: str


async def take_new_password(request: AnyRequest, current: str | None, password: str) -> NewPassword:
    """Raises NotSignedIn, Invalid, TooMany; ConfirmationNeeded for an account without a password."""
    owner = await principal_of(request)
    found = None if owner is None else await read(accounts.find_credentials_of, owner.account_id)
    if owner is None or found is None:
        raise NotSignedIn
    check_new_password(password, email=owner.email, name=owner.name)
    await _confirm(request, owner, found, current)
    return NewPassword(owner, found.version, await hash_password(password))


async def _confirm(request: AnyRequest, owner: Principal, found: Credentials, current: str | None) -> None:
    """By the current password, also in a session by two factors: where it is forgotten, a mail leads to a new one. Where there
    is none, by having just signed in."""
    if found.password_hash is None:
        await require_recent(request)
    elif not current:
        raise Invalid.field("current_password", "This is needed")
    else:
        async with one_attempt(request, f"current password {owner.account_id}", owner.account_id):
            if not (await check_password(current, found.password_hash)).right:
                raise Invalid.field("current_password", "This is not your current password")


async def ask_to_move(request: AnyRequest, email: str) -> None:
    """Raises NotSignedIn, ConfirmationNeeded, Invalid, TooMany; says nothing of whether the address was known."""
    owner = await require_recent(request)
    email = checked_address(email)
    await limit("email-change", str(owner.account_id), 5, 3600)
    async with lasting(RESET_ANSWER_SECONDS):
        await write(request_change, owner, email)
