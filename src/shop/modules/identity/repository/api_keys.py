"""SQL of API keys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from shop.kernel.http.principals import Principal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.accounts import PRINCIPAL, principal
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run
from shop.modules.identity.rules import SEEN_EVERY


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    hint: str
    """Its last four characters, by which its owner knows it again."""
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None


class KeyHolder(msgspec.Struct, frozen=True):
    principal: Principal
    key_id: UUID
    expires_at: datetime | None
    last_used_at: datetime | None


async def add_key(uow: UnitOfWork, account_id: UUID, key: ApiKey, hashed: bytes, *, strong: bool) -> None:
    await run(
        uow,
        "insert into identity.api_key (id, account_id, name, key_hash, hint, scopes, created_at, expires_at, strong)"
        " values (:id, :account_id, :name, :hash, :hint, :scopes, :created_at, :expires_at, :strong)",
        {
            **msgspec.structs.asdict(key),
            "scopes": list(key.scopes),
            "account_id": account_id,
            "hash": hashed,
            "strong": strong,
        },
    )


async def count_keys(uow: UnitOfWork, account_id: UUID) -> int:
    row = await first_row(
        uow, "select count(*) as keys from identity.api_key where account_id = :id", {"id": account_id}
    )
    return int(row.keys)


async def find_keys(uow: UnitOfWork, account_id: UUID) -> Sequence[ApiKey]:
    """The newest first."""
    rows = await all_rows(
        uow,
        "select id, name, hint, scopes, created_at, expires_at, last_used_at from identity.api_key"
        " where account_id = :id order by created_at desc, id",
        {"id": account_id},
    )
    return [
        ApiKey(
            id=row.id,
            name=row.name,
            hint=row.hint,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
        )
        for row in rows
    ]


async def find_holder(uow: UnitOfWork, hashed: bytes, now: datetime) -> KeyHolder | None:
    """Whose key it is, while it is good; what it may do is what its owner may today, as far as its scopes go."""
    row = await first_row(
        uow,
        f"""
        select k.id as key_id, k.scopes, k.expires_at, k.last_used_at, k.strong, {PRINCIPAL}
        from identity.api_key k join identity.account a on a.id = k.account_id
        where k.key_hash = :hash and (k.expires_at is null or k.expires_at > :now) and a.closed_at is null
        """,
        {"hash": hashed, "now": now},
    )
    if row is None:
        return None
    who = msgspec.structs.replace(
        principal(row), scopes=frozenset(row.scopes), client_id=f"key:{row.key_id}", strong=row.strong
    )
    return KeyHolder(who, row.key_id, row.expires_at, row.last_used_at)


async def note_used(uow: UnitOfWork, key_id: UUID, now: datetime) -> None:
    await run(
        uow,
        "update identity.api_key set last_used_at = :now"
        " where id = :id and (last_used_at is null or last_used_at < :stale)",
        {"id": key_id, "now": now, "stale": now - SEEN_EVERY},
    )


async def delete_key(uow: UnitOfWork, account_id: UUID, key_id: UUID) -> bool:
    uow.invalidate(f"account:{account_id}")
    return await met_one(
        uow,
        "delete from identity.api_key where id = :id and account_id = :account_id",
        {"id": key_id, "account_id": account_id},
    )
