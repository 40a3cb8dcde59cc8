"""Access tokens: JSON Web Tokens after RFC 9068, signed by a key of the shop's own, good for minutes."""

from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jwt import JWTClaimsRegistry

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_id
from shop.kernel.sealing import seal, unseal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import keys, tokens
from shop.modules.identity.repository.keys import StoredKey
from shop.modules.identity.repository.tokens import Family
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, ALGORITHM, KEY_LIFE, TOKEN_TYPE, audience, uuid_of

PURPOSE = "signing key"


async def sign_access_token(uow: UnitOfWork, family: Family, now: datetime) -> str:
    key = await _signing_key(uow, now)
    claims = {
        "iss": settings().public_url,
        "aud": audience(),
        "sub": str(family.account_id or family.client_id),
        "client_id": family.client_id or "shop",
        "sid": str(family.id),
        "jti": new_id().hex,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_TOKEN_LIFE).timestamp()),
    }
    if family.scopes is not None:
        claims["scope"] = " ".join(family.scopes)
    private = ECKey.import_key(unseal(PURPOSE, key.private_key, key.kid.encode()))
    return jwt.encode(
        {"alg": key.algorithm, "kid": key.kid, "typ": TOKEN_TYPE}, claims, private, algorithms=[ALGORITHM]
    )


async def find_token_holder(uow: UnitOfWork, access_token: str) -> Principal | None:
    now = clock.now()
    known = {key.kid: key for key in await keys.find_keys(uow, now)}
    try:
        token = jwt.decode(access_token, lambda each: _public(known, each.headers()), algorithms=[ALGORITHM])
        JWTClaimsRegistry(
            now=lambda: int(now.timestamp()),
            iss={"essential": True, "value": settings().public_url},
            aud={"essential": True, "value": audience()},
            exp={"essential": True},
            sid={"essential": True},
        ).validate(token.claims)
    except (JoseError, ValueError, KeyError):
        return None
    if str(token.header.get("typ", "")).lower() != TOKEN_TYPE:
        return None
    family_id = uuid_of(token.claims["sid"])
    return None if family_id is None else await tokens.find_holder(uow, family_id, now)


async def _signing_key(uow: UnitOfWork, now: datetime) -> StoredKey:
    found = next((key for key in await keys.find_keys(uow, now) if key.signs_from <= now), None)
    if found is not None:
        return found
    await keys.lock_keys(uow)
    found = next((key for key in await keys.find_keys(uow, now) if key.signs_from <= now), None)
    if found is None:
        found = _new_key(now)
        await keys.add_key(uow, found, now)
    return found


def _new_key(signs_from: datetime) -> StoredKey:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    kid = key.kid or key.thumbprint()
    return StoredKey(
        kid=kid,
        algorithm=ALGORITHM,
        private_key=seal(PURPOSE, key.as_pem(private=True), kid.encode()),
        public_key={**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM},
        signs_from=signs_from,
        gone_at=signs_from + KEY_LIFE,
    )


def _public(known: dict[str, StoredKey], header: dict[str, object]) -> ECKey:
    """Raises KeyError for a key that is none of ours."""
    return ECKey.import_key(dict(known[str(header["kid"])].public_key))
