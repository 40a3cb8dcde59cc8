"""SQL of the keys that sign access tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, run


class StoredKey(msgspec.Struct, frozen=True):
    kid: str
    algorithm: str
    private_key: bytes
    """Sealed."""
    public_key: Mapping[str, Any]
    """JWK."""
    signs_from: datetime
    gone_at: datetime


async def lock_keys(uow: UnitOfWork) -> None:
    """Processes that start at once make one key."""
    await sql(uow).execute(text("select pg_advisory_xact_lock(hashtext('identity.signing_key'))"))


async def find_keys(uow: UnitOfWork, now: datetime) -> list[StoredKey]:
    """Those that tokens alive today may be signed by, the newest first."""
    rows = await all_rows(
        uow,
        "select kid, algorithm, private_key, public_key, signs_from, gone_at from identity.signing_key"
        " where gone_at > :now order by signs_from desc, kid",
        {"now": now},
    )
    return [StoredKey(*row) for row in rows]


async def add_key(uow: UnitOfWork, key: StoredKey, now: datetime) -> None:
    await run(
        uow,
        """
        insert into identity.signing_key (kid, algorithm, private_key, public_key, created_at, signs_from, gone_at)
        values (:kid, :algorithm, :private_key, cast(:public_key as jsonb), :now, :signs_from, :gone_at)
        """,
        {
            **msgspec.structs.asdict(key),
            "public_key": msgspec.json.encode(key.public_key).decode(),
            "now": now,
        },
    )
