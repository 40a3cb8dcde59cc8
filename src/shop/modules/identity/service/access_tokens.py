"""Access tokens: JSON Web Tokens after RFC 9068, signed by a key of the shop's own, good for minutes.

A signature proves that a token was ours; whether it still is, and what its holder may do, is asked of its family's row.
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.principals import Principal, VerifiedToken
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import tokens
from shop.modules.identity.repository.tokens import Family
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, ALGORITHM, CLOCKS_APART, TOKEN_TYPE, audience, uuid_of
from shop.modules.identity.service.signing_keys import KeyRing, signing_key

OWN_CLIENT: Final = "shop"
"""The `client_id` of those who sign in to the shop's own API."""

_ring: Final = KeyRing()


class OpenedToken(NamedTuple):
    kid: str
    family_id: UUID
    until: datetime
    claims: dict[str, Any]


async def sign_access_token(uow: UnitOfWork, family: Family, now: datetime) -> str:
    claims = {
        "iss": settings().public_url,
        "aud": audience(),
        "sub": str(family.account_id or family.client_id),
        "client_id": family.client_id or OWN_CLIENT,
        "sid": str(family.id),
        "jti": new_id().hex,
        "iat": int(now.timestamp()),
        "exp": int(min(now + ACCESS_TOKEN_LIFE, family.expires_at).timestamp()),
    }
    if family.scopes is not None:
        claims["scope"] = " ".join(family.scopes)
    key = await signing_key(uow, now)
    return jwt.encode(_header(key.kid or ""), claims, key, algorithms=[ALGORITHM])


async def verify_access_token(token: str) -> VerifiedToken | None:
    """None for one that is none of ours, too old, or whose family has ended. What isn't signed by us costs no statement."""
    opened = await open_access_token(token)
    return None if opened is None else await read(_find_holder, opened)


async def find_token_holder(uow: UnitOfWork, opened: OpenedToken) -> Principal | None:
    """None when its family has ended."""
    found = await _find_holder(uow, opened)
    return None if found is None else found.principal


async def open_access_token(token: str, uow: UnitOfWork | None = None) -> OpenedToken | None:
    """What a token of ours says that isn't over; whether its family lives is another question. Needs `uow` where a
    transaction is under way."""
    now = clock.now()
    signed = await _signed_by_us(token, uow)
    if signed is None:
        return None
    kid, claims = signed
    try:
        _claims_registry(now).validate(claims)
        until = datetime.fromtimestamp(claims["exp"], UTC)
    except (JoseError, OverflowError, ValueError, OSError):
        return None
    family_id = uuid_of(claims["sid"])
    return None if family_id is None or until <= now else OpenedToken(kid, family_id, until, claims)


async def _find_holder(uow: UnitOfWork, opened: OpenedToken) -> VerifiedToken | None:
    found = await tokens.find_holder(uow, opened.family_id, opened.kid, opened.until, clock.now())
    if found is None or found.principal.scopes is None:
        return found
    # A token refreshed for fewer scopes has fewer than its family.
    scopes = found.principal.scopes & set(str(opened.claims.get("scope", "")).split())
    return msgspec.structs.replace(found, principal=msgspec.structs.replace(found.principal, scopes=scopes))


async def _signed_by_us(token: str, uow: UnitOfWork | None) -> tuple[str, dict[str, Any]] | None:
    """`kid` and claims. The header must be the very one that we write: nothing in it leads to a key but a `kid` of ours."""
    try:
        signed = jws.extract_compact(token.encode())
        kid = signed.protected["kid"]
        if signed.protected != _header(kid) or not isinstance(kid, str):
            return None
        key = await _ring.find(kid, uow)
        if key is None or not jws.validate_compact(signed, key, [ALGORITHM]):
            return None
        return kid, msgspec.json.decode(signed.payload, type=dict[str, Any])
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _header(kid: str) -> dict[str, str]:
    return {"alg": ALGORITHM, "kid": kid, "typ": TOKEN_TYPE}


def _claims_registry(now: datetime) -> JWTClaimsRegistry:
    """`exp` is held to the second by the caller; other containers' clocks may be a little ahead of ours at `iat`."""
    return JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(CLOCKS_APART.total_seconds()),
        iss={"essential": True, "value": settings().public_url},
        aud={"essential": True, "value": audience()},
        sub={"essential": True},
        client_id={"essential": True},
        sid={"essential": True},
        jti={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
    )
