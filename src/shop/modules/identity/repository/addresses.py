"""SQL of address books. Whoever changes one holds its account's row, so that the limit and the defaults hold in a race."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shop.contracts.identity import SavedAddress
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run

PARTS: Final = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
_COLUMNS: Final = f"id, {', '.join(PARTS)}, default_shipping, default_billing"
_SAME: Final = " and ".join(f"{part} is not distinct from :{part}" for part in PARTS)
DEFAULTS: Final[tuple[str, ...]] = ("default_shipping", "default_billing")


async def hold_account(uow: UnitOfWork, account_id: UUID) -> bool:
    """False when the account is gone. An address being added elsewhere meanwhile is waited for."""
    statement = "select 1 from identity.account where id = :id and closed_at is null for no key update"
    return await first_row(uow, statement, {"id": account_id}) is not None


async def list_addresses(uow: UnitOfWork, account_id: UUID) -> list[SavedAddress]:
    rows = await all_rows(
        uow,
        f"select {_COLUMNS} from identity.address where account_id = :id"
        " order by default_shipping desc, default_billing desc, id desc",
        {"id": account_id},
    )
    return [SavedAddress(**row._asdict()) for row in rows]


async def find_address(uow: UnitOfWork, account_id: UUID, address_id: UUID) -> SavedAddress | None:
    row = await first_row(
        uow,
        f"select {_COLUMNS} from identity.address where id = :id and account_id = :account_id",
        {"id": address_id, "account_id": account_id},
    )
    return None if row is None else SavedAddress(**row._asdict())


async def add_address(
    uow: UnitOfWork, account_id: UUID, address_id: UUID, parts: Mapping[str, Any], now: datetime
) -> None:
    await run(
        uow,
        f"insert into identity.address (id, account_id, {', '.join(PARTS)}, created_at, updated_at)"
        f" values (:id, :account_id, {', '.join(f':{part}' for part in PARTS)}, :now, :now)",
        {**parts, "id": address_id, "account_id": account_id, "now": now},
    )


async def set_address(
    uow: UnitOfWork, account_id: UUID, address_id: UUID, parts: Mapping[str, Any], now: datetime
) -> bool:
    return await met_one(
        uow,
        f"update identity.address set {', '.join(f'{part} = :{part}' for part in PARTS)}, updated_at = :now"
        " where id = :id and account_id = :account_id",
        {**parts, "id": address_id, "account_id": account_id, "now": now},
    )


async def delete_address(uow: UnitOfWork, account_id: UUID, address_id: UUID) -> bool:
    return await met_one(
        uow,
        "delete from identity.address where id = :id and account_id = :account_id",
        {"id": address_id, "account_id": account_id},
    )


async def is_there(uow: UnitOfWork, account_id: UUID, parts: Mapping[str, Any]) -> bool:
    """Letter for letter."""
    statement = f"select 1 from identity.address where account_id = :account_id and {_SAME} limit 1"
    return await first_row(uow, statement, {**parts, "account_id": account_id}) is not None


async def count_addresses(uow: UnitOfWork, account_id: UUID) -> int:
    row = await first_row(uow, "select count(*) from identity.address where account_id = :id", {"id": account_id})
    return int(row[0])


async def set_default(uow: UnitOfWork, account_id: UUID, address_id: UUID, default: str, *, on: bool) -> None:
    """`default` is one of DEFAULTS. The one before is it no more."""
    if default not in DEFAULTS:
        raise ValueError(default)
    values = {"id": address_id, "account_id": account_id}
    of_this = f"update identity.address set {default} = {{}} where account_id = :account_id and id {{}} :id"
    if on:
        await run(uow, of_this.format("false", "<>") + f" and {default}", values)
    await run(uow, of_this.format("true" if on else "false", "="), values)
