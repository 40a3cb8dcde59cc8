"""SQL of what an account signs in by beside its password: authenticator app, recovery codes, passkeys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run

FACTOR_TABLES: Final = ("totp", "recovery_code", "passkey")


class Factors(msgspec.Struct, frozen=True):
    """What there is of each, as its owner sees it at a glance."""

    app: bool
    """An authenticator app that has shown that it knows the secret."""
    passkeys: int
    recovery_codes: int
    """Of which none has been used."""

    @property
    def any(self) -> bool:
        """Whether a password alone is not enough. Recovery codes only stand in for another factor."""
        return self.app or self.passkeys > 0


class Totp(msgspec.Struct, frozen=True):
    secret: bytes
    """Sealed."""
    last_step: int | None
    confirmed: bool


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """`sign_count` grows with each use, or stays 0 where a passkey lives on several devices."""

    id: UUID
    credential_id: bytes
    account_id: AccountId
    public_key: bytes
    sign_count: int
    name: str
    transports: tuple[str, ...]
    aaguid: UUID | None
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None


async def find_factors(uow: UnitOfWork, account_id: UUID) -> Factors:
    row = await first_row(
        uow,
        """
        select exists (select from identity.totp where account_id = :id and confirmed_at is not null) as app,
            (select count(*) from identity.passkey where account_id = :id) as passkeys,
            (select count(*) from identity.recovery_code where account_id = :id and used_at is null) as recovery_codes
        """,
        {"id": account_id},
    )
    return Factors(row.app, row.passkeys, row.recovery_codes)


async def delete_factors(uow: UnitOfWork, account_id: UUID) -> None:
    for table in FACTOR_TABLES:
        await run(uow, f"delete from identity.{table} where account_id = :id", {"id": account_id})


async def set_new_version(uow: UnitOfWork, account_id: UUID) -> None:
    """Another way to sign in, or one fewer: what was proved before is void."""
    await run(
        uow,
        "update identity.account set credentials_version = credentials_version + 1 where id = :id",
        {"id": account_id},
    )


async def find_totp(uow: UnitOfWork, account_id: UUID) -> Totp | None:
    row = await first_row(
        uow,
        "select secret, last_step, confirmed_at is not null as confirmed from identity.totp where account_id = :id",
        {"id": account_id},
    )
    return None if row is None else Totp(bytes(row.secret), row.last_step, row.confirmed)


async def set_totp(uow: UnitOfWork, account_id: UUID, sealed: bytes, now: datetime) -> bool:
    """A secret yet to be confirmed, in place of one that was never. False when there is a confirmed one."""
    return await met_one(
        uow,
        """
        insert into identity.totp (account_id, secret, created_at) values (:id, :secret, :now)
        on conflict (account_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = null
        where identity.totp.confirmed_at is null
        """,
        {"id": account_id, "secret": sealed, "now": now},
    )


async def use_step(uow: UnitOfWork, account_id: UUID, secret: bytes, step: int, *, confirmed: bool) -> bool:
    """False when this step of the secret, or a later one, has been used before: of callers at once one gets it."""
    return await met_one(
        uow,
        "update identity.totp set last_step = :step where account_id = :id and secret = :secret"
        " and (confirmed_at is not null) = :confirmed and (last_step is null or last_step < :step)",
        {"id": account_id, "secret": secret, "step": step, "confirmed": confirmed},
    )


async def set_totp_confirmed(uow: UnitOfWork, account_id: UUID, now: datetime) -> None:
    await run(
        uow, "update identity.totp set confirmed_at = :now where account_id = :id", {"id": account_id, "now": now}
    )


async def delete_totp(uow: UnitOfWork, account_id: UUID) -> bool:
    return await met_one(uow, "delete from identity.totp where account_id = :id", {"id": account_id})


async def set_recovery_codes(uow: UnitOfWork, account_id: UUID, hashes: Sequence[bytes]) -> None:
    """In place of those before."""
    await run(uow, "delete from identity.recovery_code where account_id = :id", {"id": account_id})
    await run(
        uow,
        "insert into identity.recovery_code (account_id, code_hash) select :id, unnest(cast(:hashes as bytea[]))",
        {"id": account_id, "hashes": list(hashes)},
    )


async def use_recovery_code(uow: UnitOfWork, account_id: UUID, hashed: bytes, now: datetime) -> bool:
    """False when there is none, or it has been used: of callers at once one gets it."""
    return await met_one(
        uow,
        "update identity.recovery_code set used_at = :now"
        " where account_id = :id and code_hash = :hash and used_at is null",
        {"id": account_id, "hash": hashed, "now": now},
    )


_PASSKEY: Final = (
    "id, credential_id, account_id, public_key, sign_count, name, transports, aaguid, backed_up, created_at,"
    " last_used_at"
)


async def find_passkeys(uow: UnitOfWork, account_id: UUID) -> list[Passkey]:
    rows = await all_rows(
        uow,
        f"select {_PASSKEY} from identity.passkey where account_id = :id order by created_at, id",
        {"id": account_id},
    )
    return [_passkey(row) for row in rows]


async def find_passkey(uow: UnitOfWork, credential_id: bytes) -> Passkey | None:
    row = await first_row(
        uow, f"select {_PASSKEY} from identity.passkey where credential_id = :id", {"id": credential_id}
    )
    return None if row is None else _passkey(row)


async def add_passkey(uow: UnitOfWork, passkey: Passkey) -> bool:
    """False when that credential is registered already, with whomever."""
    return await met_one(
        uow,
        """
        insert into identity.passkey (credential_id, id, account_id, public_key, sign_count, name, transports, aaguid,
            backed_up, created_at)
        values (:credential_id, :id, :account_id, :public_key, :sign_count, :name, :transports, :aaguid, :backed_up,
            :created_at)
        on conflict (credential_id) do nothing
        """,
        {**msgspec.structs.asdict(passkey), "transports": list(passkey.transports)},
    )


async def use_passkey(uow: UnitOfWork, passkey: Passkey, sign_count: int, now: datetime, *, backed_up: bool) -> bool:
    """False when it is gone, or has been used since with this count or a higher one: one of two is a copy."""
    return await met_one(
        uow,
        """
        update identity.passkey set sign_count = :count, last_used_at = :now, backed_up = :backed_up
        where credential_id = :id and (sign_count < :count or (sign_count = 0 and :count = 0))
        """,
        {"id": passkey.credential_id, "count": sign_count, "now": now, "backed_up": backed_up},
    )


async def rename_passkey(uow: UnitOfWork, account_id: UUID, passkey_id: UUID, name: str) -> bool:
    return await met_one(
        uow,
        "update identity.passkey set name = :name where id = :id and account_id = :account_id",
        {"id": passkey_id, "account_id": account_id, "name": name},
    )


async def delete_passkey(uow: UnitOfWork, account_id: UUID, passkey_id: UUID) -> bool:
    return await met_one(
        uow,
        "delete from identity.passkey where id = :id and account_id = :account_id",
        {"id": passkey_id, "account_id": account_id},
    )


async def spend_challenge(uow: UnitOfWork, hashed: bytes, until: datetime) -> bool:
    """False when it has been answered before: of callers at once one gets it."""
    return await met_one(
        uow,
        "insert into identity.spent_challenge (challenge_hash, expires_at) values (:hash, :until) on conflict do nothing",
        {"hash": hashed, "until": until},
    )


def _passkey(row: Any) -> Passkey:
    return Passkey(
        id=row.id,
        credential_id=bytes(row.credential_id),
        account_id=row.account_id,
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        name=row.name,
        transports=tuple(row.transports),
        aaguid=row.aaguid,
        backed_up=row.backed_up,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
