"""SQL about persons as a whole: finding, closing, telling and erasing an account with all that hangs on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId, Person
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run

WAYS_IN: Final = (
    "session",
    "token_family",
    "oauth_code",
    "oauth_consent",
    "api_key",
    "mail_link",
    "totp",
    "recovery_code",
    "passkey",
    "federated_identity",
)
"""Tables that let somebody in by their account's row."""

HELD: Final = {
    "account": "select id, email, name, is_staff, verified_at, created_at, closed_at from identity.account where id = :id",
    "roles": "select role from identity.account_role where account_id = :id order by role",
    "addresses": "select id, name, company, line1, line2, city, region, postal_code, country, phone, default_shipping,"
    " default_billing, created_at, updated_at from identity.address where account_id = :id order by id",
    "consents": "select purpose, given, at from identity.consent where account_id = :id order by at, id",
    "sessions": "select id, created_at, last_seen_at, signed_in_at, methods, user_agent, address from identity.session"
    " where account_id = :id order by created_at",
    "tokens": "select f.id, f.client_id, c.name as client, f.scopes, f.methods, f.user_agent, f.signed_in_at, f.created_at,"
    " f.last_used_at, f.expires_at from identity.token_family f left join identity.oauth_client c on c.id = f.client_id"
    " where f.account_id = :id order by f.created_at",
    "passkeys": "select id, name, transports, backed_up, created_at, last_used_at from identity.passkey"
    " where account_id = :id order by created_at",
    "authenticator_app": "select created_at, confirmed_at from identity.totp where account_id = :id",
    "recovery_codes": "select count(*) as made, count(used_at) as used from identity.recovery_code"
    " where account_id = :id having count(*) > 0",
    "sign_in_with": "select provider, issuer, subject, created_at, last_used_at from identity.federated_identity"
    " where account_id = :id order by created_at",
    "api_keys": "select id, name, hint, scopes, created_at, expires_at, last_used_at from identity.api_key"
    " where account_id = :id order by created_at",
    "allowed_programs": "select o.client_id, c.name as client, o.scopes, o.given_at from identity.oauth_consent o"
    " join identity.oauth_client c on c.id = o.client_id where o.account_id = :id order by o.given_at",
    "links_in_mails": "select purpose, email, created_at, expires_at, used_at from identity.mail_link"
    " where account_id = :id order by created_at",
    "registered_programs": "select id, name, created_at from identity.oauth_client where created_by = :id order by created_at",
}
"""What identity holds, by what it is called for its subject. Hashes and keys are left out: they tell nothing, and open doors."""

CUSTOMERS: Final = """
    select a.id, a.email, a.name, a.created_at, a.verified_at is not null as confirmed, a.closed_at
    from identity.account a
    where not a.is_staff {conditions}
    order by a.id desc limit :limit
"""


class CustomerRow(msgspec.Struct, frozen=True):
    id: AccountId
    email: str
    name: str
    created_at: datetime
    confirmed: bool
    closed_at: datetime | None


async def find_person(uow: UnitOfWork, account_id: UUID) -> Person | None:
    """Also of an account that was closed and is not erased yet."""
    row = await first_row(
        uow,
        "select id, case when verified_at is not null then email end as email, closed_at from identity.account where id = :id",
        {"id": account_id},
    )
    return None if row is None else Person(account_id=row.id, email=row.email, until=row.closed_at)


async def find_account_of(uow: UnitOfWork, email_key: str) -> AccountId | None:
    row = await first_row(uow, "select id from identity.account where email_key = :key", {"key": email_key})
    return None if row is None else AccountId(row.id)


async def is_staff(uow: UnitOfWork, account_id: UUID) -> bool:
    row = await first_row(uow, "select is_staff from identity.account where id = :id", {"id": account_id})
    return row is not None and bool(row.is_staff)


async def close_account(uow: UnitOfWork, account_id: UUID, now: datetime) -> bool:
    """Nobody gets in any more, and its address is free. False when it was closed before. Its row is locked."""
    if not await met_one(
        uow,
        "update identity.account set closed_at = :now, email_key = 'closed ' || id, password_hash = null,"
        " credentials_version = credentials_version + 1 where id = :id and closed_at is null",
        {"id": account_id, "now": now},
    ):
        return False
    for table in WAYS_IN:
        await run(uow, f"delete from identity.{table} where account_id = :id", {"id": account_id})
    uow.invalidate(f"account:{account_id}")
    return True


async def find_closed(uow: UnitOfWork, before: datetime) -> list[AccountId]:
    rows = await all_rows(
        uow,
        "select id from identity.account where closed_at <= :before order by closed_at limit 500",
        {"before": before},
    )
    return [AccountId(row.id) for row in rows]


async def lock_closed(uow: UnitOfWork, account_id: UUID) -> bool:
    """False when another run has erased it."""
    statement = "select 1 from identity.account where id = :id and closed_at is not null for update"
    return await first_row(uow, statement, {"id": account_id}) is not None


async def find_held(uow: UnitOfWork, account_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Parts that hold something."""
    found = {part: await all_rows(uow, statement, {"id": account_id}) for part, statement in HELD.items()}
    return {part: [row._asdict() for row in rows] for part, rows in found.items() if rows}


async def delete_account(uow: UnitOfWork, account_id: UUID) -> None:
    """With everything that hangs on it."""
    uow.invalidate(f"account:{account_id}")
    await run(uow, "update identity.oauth_client set created_by = null where created_by = :id", {"id": account_id})
    await run(uow, "delete from identity.account where id = :id", {"id": account_id})


async def search_customers(uow: UnitOfWork, wanted: str | None, before: UUID | None, limit: int) -> list[CustomerRow]:
    """Newest first; `wanted` is how an address begins, a part of a name, or an id."""
    conditions, values = "", dict[str, Any](limit=limit)
    if wanted:
        conditions += " and (a.email_key like :begins or lower(a.name) like :holds or a.id::text = :exact)"
        like = wanted.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        values |= {"begins": f"{like}%", "holds": f"%{like}%", "exact": wanted.lower()}
    if before:
        conditions += " and a.id < :before"
        values["before"] = before
    rows = await all_rows(uow, CUSTOMERS.format(conditions=conditions), values)
    return [CustomerRow(*row) for row in rows]


async def find_customer(uow: UnitOfWork, account_id: UUID) -> CustomerRow | None:
    rows = await all_rows(uow, CUSTOMERS.format(conditions="and a.id = :id"), {"id": account_id, "limit": 1})
    return CustomerRow(*rows[0]) if rows else None


async def count_ways_in(uow: UnitOfWork, account_id: UUID) -> Mapping[str, int]:
    """How many sessions and programs are signed in to an account."""
    row = await first_row(
        uow,
        "select (select count(*) from identity.session where account_id = :id) as sessions,"
        " (select count(*) from identity.token_family where account_id = :id) as programs",
        {"id": account_id},
    )
    return {"sessions": row.sessions, "programs": row.programs}
