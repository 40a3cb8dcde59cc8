"""Sessions and tokens as their owner sees and ends them, and the hold on an account that whoever changes it takes.

A request in flight keeps what it read at its start. Whatever changes how an account is entered, or hands out a way in,
therefore begins with `hold`: it locks the account's row and asks again whether the caller's session still lives. Either it
comes before the change that ends the session, and that ends what it made as well; or after, and then it is refused.
"""

from typing import Any
from uuid import UUID

from shop.kernel import clock
from shop.kernel.errors import NotFound, NotSignedIn
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_token
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import accounts, sessions
from shop.modules.identity.repository.accounts import Credentials
from shop.modules.identity.repository.sessions import Holder
from shop.modules.identity.rules import SignedIn, token_hash


async def hold(uow: UnitOfWork, principal: Principal) -> Credentials:
    """Locks the caller's account until the end of the transaction. Raises NotSignedIn when the session or token that the
    request came by has ended meanwhile."""
    held = await accounts.lock_account(uow, principal.account_id)
    if held is None or principal.session_id is None:
        raise NotSignedIn
    if not await sessions.is_held(uow, principal.account_id, principal.session_id, clock.now()):
        raise NotSignedIn
    return held


async def rotate(uow: UnitOfWork, token: str, *, methods: tuple[str, ...] = (), strong: bool = False) -> str:
    """The session under a new token, which is returned; the old one is void. With `methods`, by which somebody has just
    shown to be the owner, it counts as signed in by them now as well; how old it may get stays as it was.
    Raises NotSignedIn when it has ended."""
    account_id = await sessions.find_account_of(uow, token_hash(token))
    if account_id is None or await accounts.lock_account(uow, account_id) is None:
        raise NotSignedIn
    fresh = new_token()
    shown = SignedIn(methods=methods, strong=strong) if methods else None
    if not await sessions.rotate_session(uow, token_hash(token), token_hash(fresh), shown, clock.now()):
        raise NotSignedIn
    return fresh


async def take_out(uow: UnitOfWork, token: str, key: str, state: str) -> dict[str, Any] | None:
    """What a session keeps under `key`, if its `state` is this one. Of any number of requests at once one gets it."""
    return await sessions.take_out(uow, token_hash(token), key, state)


async def list_holders(uow: UnitOfWork, account_id: UUID) -> list[Holder]:
    return await sessions.find_holders(uow, account_id, clock.now())


async def end_one(uow: UnitOfWork, account_id: UUID, holder_id: UUID) -> None:
    """Raises NotFound for one that is over, or somebody else's."""
    if not await sessions.end_holder(uow, account_id, holder_id):
        raise NotFound("There is no such session")
    uow.invalidate(f"account:{account_id}", f"family:{holder_id}")


async def end_others(uow: UnitOfWork, principal: Principal) -> None:
    """All but the caller's own, API keys as well: whoever asks for it has seen something that they don't know. Raises
    NotSignedIn."""
    held = await hold(uow, principal)
    await sessions.end_other_holders(uow, held.account_id, principal.session_id)
    await accounts.end_keys(uow, held.account_id)
