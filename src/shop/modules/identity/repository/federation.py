"""SQL of who an account is at identity providers."""

from datetime import datetime
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run


class Link(msgspec.Struct, frozen=True):
    provider: str
    created_at: datetime
    last_used_at: datetime | None


async def find_account(uow: UnitOfWork, issuer: str, subject: str) -> AccountId | None:
    """Of one that is open."""
    row = await first_row(
        uow,
        "select a.id from identity.federated_identity f join identity.account a on a.id = f.account_id"
        " where f.issuer = :issuer and f.subject = :subject and a.closed_at is null",
        {"issuer": issuer, "subject": subject},
    )
    return None if row is None else row.id


async def find_links(uow: UnitOfWork, account_id: UUID) -> list[Link]:
    rows = await all_rows(
        uow,
        "select provider, created_at, last_used_at from identity.federated_identity where account_id = :id"
        " order by created_at, provider",
        {"id": account_id},
    )
    return [Link(*row) for row in rows]


async def add_link(  # noqa: PLR0917  # the columns of one row
    uow: UnitOfWork, issuer: str, subject: str, account_id: UUID, provider: str, now: datetime
) -> bool:
    """False when another account has it; True also when this one had it already. A closed account's gives way."""
    row = await first_row(
        uow,
        """
        insert into identity.federated_identity as f (issuer, subject, account_id, provider, created_at, last_used_at)
        values (:issuer, :subject, :account_id, :provider, :now, :now)
        on conflict (issuer, subject) do update set account_id = :account_id, provider = :provider, last_used_at = :now
        where f.account_id = :account_id
            or exists (select from identity.account a where a.id = f.account_id and a.closed_at is not null)
        returning 1
        """,
        {"issuer": issuer, "subject": subject, "account_id": account_id, "provider": provider, "now": now},
    )
    return row is not None


async def note_used(uow: UnitOfWork, issuer: str, subject: str, account_id: UUID, now: datetime) -> bool:
    """False when it is no longer, or never was, the account's."""
    return await met_one(
        uow,
        "update identity.federated_identity set last_used_at = :now"
        " where issuer = :issuer and subject = :subject and account_id = :account_id",
        {"issuer": issuer, "subject": subject, "account_id": account_id, "now": now},
    )


async def delete_links(uow: UnitOfWork, account_id: UUID, provider: str) -> bool:
    values = {"id": account_id, "provider": provider}
    statement = "delete from identity.federated_identity where account_id = :id and provider = :provider"
    return await run(uow, statement, values) > 0


async def adopt_unconfirmed(uow: UnitOfWork, account_id: UUID, name: str, now: datetime) -> None:
    """An account that nobody has confirmed becomes that of who has shown to own its address: whoever opened it knows its
    password no longer, for there is none."""
    await run(
        uow,
        "update identity.account set name = :name, password_hash = null, verified_at = :now,"
        " credentials_version = credentials_version + 1 where id = :id and verified_at is null",
        {"id": account_id, "name": name, "now": now},
    )
