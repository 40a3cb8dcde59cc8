"""SQL of the keys that sign access tokens. Whatever changes the set makes every process look at it again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, run

TAG: Final = "signing-keys"


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
    """Those that tokens alive today may be signed by, and those that sign soon, the newest first."""
    rows = await all_rows(
        uow,
        "select kid, algorithm, private_key, public_key, signs_from, gone_at from identity.signing_key"
        " where gone_at > :now order by signs_from desc, kid",
        {"now": now},
    )
    return [StoredKey(*row) for row in rows]


async def find_public_keys(uow: UnitOfWork, now: datetime) -> list[Mapping[str, Any]]:
    """JWKs of the same keys in the same order."""
    rows = await all_rows(
        uow,
        "select public_key from identity.signing_key where gone_at > :now order by signs_from desc, kid",
        {"now": now},
    )
    return [row.public_key for row in rows]


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
    uow.invalidate(TAG)


async def retire_keys(uow: UnitOfWork, older_than: datetime, gone_at: datetime) -> None:
    """Those that sign from before `older_than` are no good from `gone_at` on."""
    await run(
        uow,
        "update identity.signing_key set gone_at = :gone_at where signs_from < :older_than and gone_at > :gone_at",
        {"older_than": older_than, "gone_at": gone_at},
    )


async def delete_keys(uow: UnitOfWork) -> int:
    """All of them, and with them every access token there is; how many there were."""
    deleted = await run(uow, "delete from identity.signing_key", {})
    uow.invalidate(TAG)
    return deleted
