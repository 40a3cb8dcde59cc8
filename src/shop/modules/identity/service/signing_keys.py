"""The keys that sign access tokens. Each is published a day before it signs, so that whoever keeps the key set has it by
then, signs for a month, and stays published until the last token it signed is over."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import structlog
from joserfc.jwk import ECKey

from shop.kernel import audit, cache, clock
from shop.kernel.db import read
from shop.kernel.sealing import Unsealable, seal, unseal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import keys
from shop.modules.identity.repository.keys import StoredKey
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, ALGORITHM, CLOCKS_APART, KEY_AHEAD, KEY_LIFE, KEY_SIGNS_FOR

PURPOSE: Final = "signing key"
CURVE: Final = "P-256"
LOOK_AGAIN_SECONDS: Final = 1.0
REMEMBERED_SECONDS: Final = 600.0

log = structlog.get_logger(__name__)


async def signing_key(uow: UnitOfWork, now: datetime) -> ECKey:
    """The newest key whose time has come; without any, one is made."""
    found = _usable(await keys.find_keys(uow, now), now)
    if found is None:
        await keys.lock_keys(uow)
        now = clock.now()  # whoever was quicker began theirs after this caller looked at the clock
        found = _usable(await keys.find_keys(uow, now), now)
    if found is None:
        stored = _new_key(now)
        await keys.add_key(uow, stored, now)
        found = _opened(stored.kid, stored.private_key)
    return found


async def make_next_key(uow: UnitOfWork) -> bool:
    """A day before the newest key has signed for long enough, its successor is published. False when it isn't time."""
    now = clock.now()
    await keys.lock_keys(uow)
    known = await keys.find_keys(uow, now)
    if not known:
        await keys.add_key(uow, _new_key(now), now)
        return True
    if now < known[0].signs_from + KEY_SIGNS_FOR - KEY_AHEAD:
        return False
    begins = max(known[0].signs_from + KEY_SIGNS_FOR, now + KEY_AHEAD)
    await keys.add_key(uow, _new_key(begins), now)
    await keys.retire_keys(uow, begins, begins + ACCESS_TOKEN_LIFE + CLOCKS_APART)
    return True


async def replace_keys(uow: UnitOfWork) -> int:
    """For a key that leaked: a new one signs at once, and no access token signed before is good any more. How many keys
    are gone. Sign-ins last: a refresh token gives a new access token."""
    now = clock.now()
    await keys.lock_keys(uow)
    gone = await keys.delete_keys(uow)
    await keys.add_key(uow, _new_key(now), now)
    await audit.record(uow, action="signing_keys.replaced", gone=gone)
    return gone


async def published_keys(uow: UnitOfWork) -> list[Mapping[str, Any]]:
    """JWKs."""
    return await keys.find_public_keys(uow, clock.now())


class KeyRing:
    """The public keys by `kid`, as this process remembers them. It looks again when the set changed, and for a `kid` that it
    doesn't know, but once a second at most: made-up ones must not keep the database busy.

    What is on the ring may just have been withdrawn: whoever accepts a token asks the database for its key as well.
    """

    def __init__(self) -> None:
        self._keys: dict[str, ECKey] = {}
        self._looked_at = 0.0
        self._as_of = -1
        self._looking: asyncio.Task[None] | None = None

    async def find(self, kid: str, uow: UnitOfWork | None = None) -> ECKey | None:
        """`uow` is that of a transaction under way: whoever holds one connection and waits for a second one may wait for
        others who do the same, until all give up."""
        age = time.monotonic() - self._looked_at
        changed = cache.principals.dropped_at(keys.TAG) != self._as_of
        if changed or age > REMEMBERED_SECONDS or (kid not in self._keys and age > LOOK_AGAIN_SECONDS):
            await (self._look_together() if uow is None else self._look(uow))
        return self._keys.get(kid)

    async def _look_together(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(read(self._look))
        await asyncio.shield(self._looking)

    async def _look(self, uow: UnitOfWork) -> None:
        as_of = cache.principals.dropped_at(keys.TAG)
        found = await published_keys(uow)
        self._keys = {jwk["kid"]: ECKey.import_key(dict(jwk)) for jwk in found}
        self._looked_at, self._as_of = time.monotonic(), as_of


def _usable(known: Sequence[StoredKey], now: datetime) -> ECKey | None:
    """One that will be published for as long as a token lives. Those sealed under another SHOP_SECRET_KEY sign no more."""
    for key in known:
        if key.signs_from <= now and now + ACCESS_TOKEN_LIFE < key.gone_at:
            try:
                return _opened(key.kid, key.private_key)
            except Unsealable:
                log.warning("signing_key_unreadable", kid=key.kid)
    return None


@lru_cache(maxsize=4)
def _opened(kid: str, sealed: bytes) -> ECKey:
    """Raises Unsealable."""
    return ECKey.import_key(unseal(PURPOSE, sealed, kid.encode()), {"kid": kid, "use": "sig", "alg": ALGORITHM})


def _new_key(signs_from: datetime) -> StoredKey:
    key = ECKey.generate_key(CURVE)
    kid = key.thumbprint()
    return StoredKey(
        kid=kid,
        algorithm=ALGORITHM,
        private_key=seal(PURPOSE, key.as_pem(private=True), kid.encode()),
        public_key={**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM},
        signs_from=signs_from,
        gone_at=signs_from + KEY_LIFE,
    )
