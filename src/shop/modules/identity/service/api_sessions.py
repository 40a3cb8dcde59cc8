"""Signing in to the API: token families, of which each refresh token is good once."""

from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from shop.kernel import clock
from shop.kernel.ids import new_id, new_token
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import tokens
from shop.modules.identity.repository.tokens import Family
from shop.modules.identity.rules import (
    ACCESS_TOKEN_LIFE,
    FAMILY_LIFE,
    REFRESH_TOKEN_LIFE,
    STAFF_SESSION_AGE,
    token_hash,
)
from shop.modules.identity.schemas import Tokens
from shop.modules.identity.service.access_tokens import sign_access_token
from shop.modules.identity.service.sign_in import Proof, enter

log = structlog.get_logger(__name__)


async def open_api_session(uow: UnitOfWork, proof: Proof, cart_id: str | None) -> Tokens:
    """Raises WrongCredentials when what was proved has just been changed."""
    data = await enter(uow, proof, {} if cart_id is None else {"cart": cart_id})
    now = clock.now()
    family = Family(
        id=new_id(),
        account_id=proof.account_id,
        methods=proof.signed_in.methods,
        strong=proof.signed_in.strong,
        user_agent=proof.signed_in.user_agent,
        signed_in_at=now,
        expires_at=now + (STAFF_SESSION_AGE if proof.is_staff else FAMILY_LIFE),
    )
    await tokens.add_family(uow, family, now)
    handed_out = await hand_out(uow, family, now)
    return msgspec.structs.replace(handed_out, cart_id=data.get("cart"))


async def refresh(uow: UnitOfWork, refresh_token: str) -> Tokens | None:
    """The next pair of the family; None when the token is no good. One that comes twice was copied: nobody can tell thief
    and owner apart, so the whole family ends."""
    hashed, now = token_hash(refresh_token), clock.now()
    family = await tokens.lock_by_refresh_token(uow, hashed)
    if family is None or family.client_id is not None:
        return None
    if not await tokens.use_refresh_token(uow, hashed, now):
        log.warning("refresh_token_used_again", family=str(family.id))
        await end_family(uow, family.id)
        return None
    if not await tokens.touch_family(uow, family.id, now):
        return None
    return await hand_out(uow, family, now)


async def end_family(uow: UnitOfWork, family_id: UUID) -> None:
    await tokens.delete_family(uow, family_id)


async def hand_out(uow: UnitOfWork, family: Family, now: datetime) -> Tokens:
    """The next access and refresh token of a family that this transaction holds or has made."""
    renewal = new_token()
    until = min(now + REFRESH_TOKEN_LIFE, family.expires_at)
    await tokens.add_refresh_token(uow, token_hash(renewal), family.id, now, until)
    access = await sign_access_token(uow, family, now)
    life = min(ACCESS_TOKEN_LIFE, family.expires_at - now)
    return Tokens(access, renewal, int(life.total_seconds()))
