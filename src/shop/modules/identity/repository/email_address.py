"""SQL that moves an account from one e-mail address to another."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import run

_WAYS_IN: Final = ("passkey", "totp", "federated_identity", "api_key")


async def set_address(uow: UnitOfWork, account_id: UUID, email: str, key: str, now: datetime) -> bool:
    """Confirmed, and with a new version of the credentials. False when another account has it, however shortly."""
    async with sql(uow).begin_nested() as savepoint:
        try:
            await run(
                uow,
                "update identity.account set email = :email, email_key = :key, verified_at = :now,"
                " credentials_version = credentials_version + 1 where id = :id",
                {"id": account_id, "email": email, "key": key, "now": now},
            )
        except IntegrityError:
            await savepoint.rollback()
            return False
    uow.invalidate(f"account:{account_id}")
    return True


async def delete_unconfirmed(uow: UnitOfWork, key: str, but: UUID) -> None:
    """Nobody has ever signed in to it: nothing hangs on it."""
    await run(
        uow,
        "delete from identity.account where email_key = :key and id <> :but and verified_at is null and not is_staff",
        {"key": key, "but": but},
    )


async def void_ways_in(uow: UnitOfWork, account_id: UUID, since: datetime) -> None:
    """The password, and whatever was added since then to sign in by. Recovery codes stand in for a factor: they stay with
    one, and go with the last."""
    values = {"id": account_id, "since": since}
    await run(
        uow,
        "update identity.account set password_hash = null, credentials_version = credentials_version + 1 where id = :id",
        values,
    )
    for table in _WAYS_IN:
        await run(uow, f"delete from identity.{table} where account_id = :id and created_at >= :since", values)
    uow.invalidate(f"account:{account_id}")
    await run(
        uow,
        "delete from identity.recovery_code where account_id = :id"
        " and not exists (select from identity.totp where account_id = :id and confirmed_at is not null)"
        " and not exists (select from identity.passkey where account_id = :id)",
        values,
    )
