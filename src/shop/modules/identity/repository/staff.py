"""SQL of staff: who runs the shop, and by which roles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.contracts.identity import AccountId
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.accounts import ROLES
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run
from shop.modules.identity.roles import OWNER, Role


class Member(msgspec.Struct, frozen=True):
    """Somebody who runs the shop."""

    id: AccountId
    email: str
    name: str
    roles: tuple[str, ...]
    joined: bool
    """False while the invitation waits to be accepted."""
    second_factor: bool
    last_seen_at: datetime | None
    created_at: datetime


_MEMBER: Final = """
    select a.id, a.email, a.name, a.created_at, a.verified_at is not null as joined,
        array(select ar.role from identity.account_role ar where ar.account_id = a.id order by ar.role) as roles,
        exists (select from identity.totp t where t.account_id = a.id and t.confirmed_at is not null)
            or exists (select from identity.passkey p where p.account_id = a.id) as second_factor,
        (select max(s.last_seen_at) from identity.session s where s.account_id = a.id) as last_seen_at
    from identity.account a where a.is_staff and a.closed_at is null"""


async def find_members(uow: UnitOfWork) -> list[Member]:
    """All of them: a shop has tens of staff, not thousands."""
    return [_member(row) for row in await all_rows(uow, f"{_MEMBER} order by a.created_at, a.id", {})]


async def find_member(uow: UnitOfWork, account_id: UUID) -> Member | None:
    row = await first_row(uow, f"{_MEMBER} and a.id = :id", {"id": account_id})
    return None if row is None else _member(row)


async def lock_staff(uow: UnitOfWork) -> None:
    """Whoever changes who runs the shop does it alone: two owners can't remove each other."""
    await sql(uow).execute(text("select pg_advisory_xact_lock(hashtext('identity.staff'))"))


async def find_first_staff(uow: UnitOfWork) -> str | None:
    """The address of the staff account that is oldest."""
    row = await first_row(uow, "select email from identity.account where is_staff order by created_at, id limit 1", {})
    return None if row is None else str(row.email)


async def has_owner_besides(uow: UnitOfWork, account_id: UUID) -> bool:
    """Whether somebody else can sign in and do everything."""
    row = await first_row(
        uow,
        "select 1 from identity.account a join identity.account_role r on r.account_id = a.id"
        " where r.role = :owner and a.id <> :id and a.is_staff and a.verified_at is not null and a.closed_at is null"
        " limit 1",
        {"owner": OWNER, "id": account_id},
    )
    return row is not None


async def set_roles(uow: UnitOfWork, account_id: UUID, roles: Sequence[str]) -> None:
    """A member of staff with just these roles; without any, a customer."""
    await run(
        uow,
        "update identity.account set is_staff = :staff where id = :id",
        {"id": account_id, "staff": bool(roles)},
    )
    await run(uow, "delete from identity.account_role where account_id = :id", {"id": account_id})
    await run(
        uow,
        "insert into identity.account_role (account_id, role) select :id, unnest(cast(:roles as text[]))",
        {"id": account_id, "roles": list(roles)},
    )
    uow.invalidate(f"account:{account_id}")


async def find_own_roles(uow: UnitOfWork) -> list[Role]:
    """Those the shop made itself."""
    rows = await all_rows(uow, "select code, title, permissions from identity.role order by title, code", {})
    return [Role(row.code, row.title, frozenset(row.permissions)) for row in rows]


async def count_holders(uow: UnitOfWork) -> dict[str, int]:
    """How many members of staff have each role."""
    rows = await all_rows(uow, "select role, count(*) as holders from identity.account_role group by role", {})
    return {row.role: row.holders for row in rows}


async def find_holders(uow: UnitOfWork, code: str) -> list[UUID]:
    rows = await all_rows(uow, "select account_id from identity.account_role where role = :code", {"code": code})
    return [row.account_id for row in rows]


async def add_role(uow: UnitOfWork, role: Role, now: datetime) -> bool:
    """False when there is one of that code."""
    return await met_one(
        uow,
        "insert into identity.role (code, title, permissions, created_at) values (:code, :title, :permissions, :now)"
        " on conflict do nothing",
        {"code": role.code, "title": role.title, "permissions": sorted(role.permissions), "now": now},
    )


async def change_role(uow: UnitOfWork, role: Role) -> bool:
    uow.invalidate(ROLES)
    return await met_one(
        uow,
        "update identity.role set title = :title, permissions = :permissions where code = :code",
        {"code": role.code, "title": role.title, "permissions": sorted(role.permissions)},
    )


async def delete_role(uow: UnitOfWork, code: str) -> bool:
    uow.invalidate(ROLES)
    return await met_one(uow, "delete from identity.role where code = :code", {"code": code})


def _member(row: Any) -> Member:
    return Member(
        id=row.id,
        email=row.email,
        name=row.name,
        roles=tuple(row.roles),
        joined=row.joined,
        second_factor=row.second_factor,
        last_seen_at=row.last_seen_at,
        created_at=row.created_at,
    )
