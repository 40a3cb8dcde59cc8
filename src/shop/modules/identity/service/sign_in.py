"""From a proof of who somebody is to a session of pages."""

import copy
from typing import Any
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId, SignInStep
from shop.kernel import clock
from shop.kernel.ids import new_id, new_token
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import CodeNeeded, SignInRefused
from shop.modules.identity.repository import accounts, factors, sessions
from shop.modules.identity.rules import SignedIn, token_hash
from shop.modules.identity.service.second_factor import Factor, use_factor


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has proved to be the owner of an account, by what it was signed in by at `version`."""

    account_id: AccountId
    version: int
    is_staff: bool
    signed_in: SignedIn
    better_hash: str | None = None
    """Of the password just proved, when the stored hash is weaker than today's."""
    factor: Factor | None = None
    """To be used up by the sign-in."""

    def with_factor(self, factor: Factor) -> "Proof":
        signed_in = msgspec.structs.replace(
            self.signed_in, methods=(*self.signed_in.methods, factor.method), strong=True
        )
        return msgspec.structs.replace(self, factor=factor, signed_in=signed_in)


async def open_session(uow: UnitOfWork, proof: Proof, guest_token: str | None, data: dict[str, Any]) -> str:
    """Sign in to the pages: a session under a new token, which is returned, in place of the guest's.
    Raises what `enter` raises: WrongCredentials when what was proved has just been changed."""
    data = await enter(uow, proof, data)
    if guest_token is not None:
        await sessions.delete_session(uow, token_hash(guest_token))
    token = new_token()
    await sessions.add_session(uow, token_hash(token), new_id(), proof.account_id, data, proof.signed_in, clock.now())
    return token


async def enter(uow: UnitOfWork, proof: Proof, session: dict[str, Any]) -> dict[str, Any]:
    """Holds the account, and lets the other modules make what they make of a sign-in. A transaction may run twice, hence
    the copy. Raises WrongCredentials, CodeNeeded where a second factor is set up and none was shown, WrongCode,
    PasskeyRefused."""
    await hold_proved(uow, proof)
    if proof.better_hash is not None:
        await accounts.set_better_hash(uow, proof.account_id, proof.better_hash)
    await _use_factor(uow, proof)
    data = copy.deepcopy(session)
    for step in ports(SignInStep).values():
        await step.when_signed_in(uow, proof.account_id, data)
    return data


async def _use_factor(uow: UnitOfWork, proof: Proof) -> None:
    if proof.factor is not None:
        await use_factor(uow, proof.account_id, proof.factor)
    elif not proof.signed_in.strong and (await factors.find_factors(uow, proof.account_id)).any:
        raise CodeNeeded


async def hold_proved(uow: UnitOfWork, proof: Proof) -> UUID:
    """Locks the account. Raises WrongCredentials when how it signs in has changed since the proof."""
    held = await accounts.lock_account(uow, proof.account_id)
    if held is None or held.version != proof.version or not held.verified:
        raise SignInRefused
    return held.account_id


async def park(uow: UnitOfWork, proof: Proof, guest_token: str | None, data: dict[str, Any]) -> str:
    """Half signed in: a guest's session under a new token, which is returned and which nobody else can know, with `data`
    that remembers the first step. Raises WrongCredentials."""
    await hold_proved(uow, proof)
    if proof.better_hash is not None:
        await accounts.set_better_hash(uow, proof.account_id, proof.better_hash)
    if guest_token is not None:
        await sessions.delete_session(uow, token_hash(guest_token))
    token = new_token()
    await sessions.add_session(uow, token_hash(token), new_id(), None, data, None, clock.now())
    return token
