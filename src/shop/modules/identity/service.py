"""The use cases of identity. Passwords come in as hashes: hashing takes too long to hold a transaction open.

Whoever hands out a session or a token, or changes a password, holds the account's row; see `repository.py`.
"""

import copy
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shop.contracts.identity import (
    AccountId,
    AccountSignedUp,
    EmailVerified,
    LinkExpired,
    PasswordChanged,
    PasswordResetRequested,
    SignInStep,
    SignUpRepeated,
)
from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.ids import new_id, new_token
from shop.kernel.mail_address import comparison_key
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.identity import repository
from shop.modules.identity.errors import SignInRefused
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, OWNER, REFRESH_TOKEN_LIFE, token_hash
from shop.modules.identity.schemas import Me, Tokens


class Proof(msgspec.Struct, frozen=True):
    """Somebody knew the password behind `password_hash`, at the time it was read."""

    account_id: AccountId
    password_hash: str
    is_staff: bool
    better_hash: str | None = None


async def sign_up(uow: UnitOfWork, email: str, name: str, password_hash: str) -> None:
    """Three ways to end, and the caller is told none of them: a new account, a fresh link for an unconfirmed one (whose
    older links end, so that a link always confirms the newest sign-up), or word to the owner of a confirmed one."""
    now, key = clock.now(), comparison_key(email)
    account_id = AccountId(new_id())
    wanted = {"email": email, "name": name, "password_hash": password_hash}
    guest = {"id": account_id, "email_key": key, "is_staff": False, "permissions": [], "verified_at": None, "now": now}
    if await repository.add_account(uow, {**wanted, **guest}):
        uow.emit(AccountSignedUp(account_id=account_id))
        return
    present = await repository.lock_by_address(uow, key)
    if present is None:
        raise NotFound("The account has just been closed; please sign up again")
    if present.verified:
        uow.emit(SignUpRepeated(account_id=present.account_id))
        return
    await repository.set_unconfirmed_sign_up(uow, present.account_id, wanted)
    await repository.delete_links(uow, present.account_id, "verify")
    uow.emit(AccountSignedUp(account_id=present.account_id))


async def verify_email(uow: UnitOfWork, token: str) -> None:
    """Raises LinkExpired."""
    now = clock.now()
    account_id = await _use_link(uow, token, "verify", now)
    if await repository.set_verified(uow, account_id, now):
        uow.emit(EmailVerified(account_id=account_id))


async def request_password_reset(uow: UnitOfWork, email: str) -> None:
    """Does nothing for an unknown address, and doesn't say so."""
    found = await repository.find_credentials(uow, comparison_key(email))
    if found is not None:
        uow.emit(PasswordResetRequested(account_id=found.account_id))


async def reset_password(uow: UnitOfWork, token: str, password_hash: str) -> None:
    """Whoever held a session or token, or another link, holds it no longer. Raises LinkExpired.

    The link came by mail, so the address is confirmed by it as well.
    """
    now = clock.now()
    account_id = await _use_link(uow, token, "reset", now)
    if await repository.set_verified(uow, account_id, now):
        uow.emit(EmailVerified(account_id=account_id))
    await _change_password(uow, account_id, password_hash)


async def is_link_good(uow: UnitOfWork, token: str, purpose: str) -> bool:
    return await repository.find_link(uow, token_hash(token), purpose, clock.now()) is not None


async def open_session(uow: UnitOfWork, proof: Proof, guest_token: str | None, data: dict[str, Any]) -> str:
    """Sign in to the pages: a session under a new token, which is returned, in place of the guest's.
    Raises WrongCredentials when the password has just been changed."""
    data = await _enter(uow, proof, data)
    if guest_token is not None:
        await repository.delete_session(uow, token_hash(guest_token))
    token = new_token()
    await repository.add_session(uow, token_hash(token), proof.account_id, data, clock.now())
    return token


async def open_api_session(uow: UnitOfWork, proof: Proof, cart_id: str | None) -> Tokens:
    """Sign in to the API. Raises WrongCredentials when the password has just been changed."""
    data = await _enter(uow, proof, {} if cart_id is None else {"cart": cart_id})
    tokens = await _hand_out(uow, proof.account_id, new_id())
    return msgspec.structs.replace(tokens, cart_id=data.get("cart"))


async def refresh(uow: UnitOfWork, refresh_token: str) -> Tokens | None:
    """The next pair of the family; None when the token is no good. One that comes twice was copied: nobody can tell thief
    and owner apart, so the whole family ends."""
    hashed = token_hash(refresh_token)
    held = await repository.lock_by_token(uow, hashed, "refresh")
    if held is None or held.family_id is None:
        return None
    if not await repository.use_refresh_token(uow, hashed, clock.now()):
        await repository.delete_family(uow, held.family_id)
        return None
    return await _hand_out(uow, held.account_id, held.family_id)


async def close_api_session(uow: UnitOfWork, access_token: str) -> None:
    """The token and all that came from the same sign-in."""
    held = await repository.lock_by_token(uow, token_hash(access_token), "access")
    if held is not None and held.family_id is not None:
        await repository.delete_family(uow, held.family_id)


async def get_me(uow: UnitOfWork, account_id: UUID) -> Me:
    """Raises NotFound."""
    found = await repository.find_me(uow, account_id)
    if found is None:
        raise NotFound
    return found


async def rename(uow: UnitOfWork, account_id: UUID, name: str) -> Me:
    """Raises NotFound."""
    found = await repository.set_name(uow, account_id, name)
    if found is None:
        raise NotFound
    return found


async def find_staff(uow: UnitOfWork) -> str | None:
    """The address of the first member of staff, if there is one."""
    return await repository.find_first_staff(uow)


async def create_owner(uow: UnitOfWork, email: str, password_hash: str) -> bool:
    """An account that may do everything; a customer's of that address becomes it. False when there are staff already."""
    await repository.lock_staff(uow)
    if await repository.find_first_staff(uow) is not None:
        return False
    now, key = clock.now(), comparison_key(email)
    owner = {"id": new_id(), "email": email, "email_key": key, "name": "Administrator", "password_hash": password_hash}
    if await repository.add_account(
        uow, {**owner, "is_staff": True, "permissions": [OWNER], "verified_at": now, "now": now}
    ):
        return True
    present = await repository.lock_by_address(uow, key)
    if present is None:
        raise NotFound(f"The account of {email} has just been closed")
    await repository.set_verified(uow, present.account_id, now)
    await repository.set_staff(uow, present.account_id, [OWNER])
    await _change_password(uow, present.account_id, password_hash)
    return True


async def replace_password(uow: UnitOfWork, email: str, password_hash: str) -> None:
    """By whoever runs the shop. Raises NotFound."""
    present = await repository.lock_by_address(uow, comparison_key(email))
    if present is None:
        raise NotFound(f"There is no account with the address {email}")
    await _change_password(uow, present.account_id, password_hash)


async def purge(uow: UnitOfWork, batch: int) -> int:
    return await repository.purge(uow, clock.now(), batch)


async def _use_link(uow: UnitOfWork, token: str, purpose: str, now: datetime) -> AccountId:
    hashed = token_hash(token)
    held = await repository.lock_by_link(uow, hashed)
    if held is None or not await repository.use_link(uow, hashed, purpose, now):
        raise LinkExpired
    return held.account_id


async def _change_password(uow: UnitOfWork, account_id: AccountId, password_hash: str) -> None:
    await repository.set_password(uow, account_id, password_hash)
    await repository.end_everything(uow, account_id)
    uow.emit(PasswordChanged(account_id=account_id))


async def _enter(uow: UnitOfWork, proof: Proof, session: dict[str, Any]) -> dict[str, Any]:
    """What the other modules make of a sign-in. A transaction may run twice, hence the copy."""
    if await repository.lock_with_password(uow, proof.account_id, proof.password_hash) is None:
        raise SignInRefused
    if proof.better_hash is not None:
        await repository.set_password(uow, proof.account_id, proof.better_hash)
    data = copy.deepcopy(session)
    for step in ports(SignInStep).values():
        await step.when_signed_in(uow, proof.account_id, data)
    return data


async def _hand_out(uow: UnitOfWork, account_id: AccountId, family_id: UUID) -> Tokens:
    now, access, renewal = clock.now(), new_token(), new_token()
    shared = {"family_id": family_id, "account_id": account_id, "created_at": now}
    await repository.add_tokens(
        uow,
        [
            {**shared, "token_hash": token_hash(access), "kind": "access", "expires_at": now + ACCESS_TOKEN_LIFE},
            {**shared, "token_hash": token_hash(renewal), "kind": "refresh", "expires_at": now + REFRESH_TOKEN_LIFE},
        ],
    )
    return Tokens(access, renewal, int(ACCESS_TOKEN_LIFE.total_seconds()))
