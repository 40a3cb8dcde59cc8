"""Means of payment that providers keep for an account, and what the providers call that account."""

from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from shop.contracts.payment_providers import VaultedMethod
from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.schemas import KeptMethod, Setup

COLUMNS: Final = "id, account_id, provider, provider_ref, customer_ref, method, is_default"
SETUP: Final = "id, account_id, provider, provider_ref, client_secret, redirect_url, finished_at, failure, created_at"


_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended('payments.stored_method:' || :account_id, 0))")


async def _lock(uow: UnitOfWork, account_id: UUID) -> None:
    """One at a time changes which of an account's methods there are and which is the default, until its transaction ends."""
    await sql(uow).execute(_LOCK, {"account_id": str(account_id)})


def _method(row: Row[Any]) -> KeptMethod:
    return msgspec.convert(row._asdict(), KeptMethod)


async def list_of(uow: UnitOfWork, account_id: UUID) -> list[KeptMethod]:
    """The default one first, then the newest."""
    rows = await sql(uow).execute(
        text(
            f"select {COLUMNS} from payments.stored_method where account_id = :account_id and removed_at is null"
            " order by is_default desc, id desc"
        ),
        {"account_id": account_id},
    )
    return [_method(row) for row in rows]


async def find_by_id(uow: UnitOfWork, account_id: UUID | None, method_id: str | UUID) -> KeptMethod | None:
    """None for another's, and for what is no id at all."""
    try:
        wanted = method_id if isinstance(method_id, UUID) else UUID(method_id)
    except ValueError:
        return None
    row = (
        await sql(uow).execute(
            text(
                f"select {COLUMNS} from payments.stored_method"
                " where id = :id and account_id = :account_id and removed_at is null"
            ),
            {"id": wanted, "account_id": account_id},
        )
    ).first()
    return None if row is None else _method(row)


async def find_customer_ref(uow: UnitOfWork, account_id: UUID, provider: str) -> str | None:
    ref: str | None = await sql(uow).scalar(
        text("select customer_ref from payments.payer where account_id = :account_id and provider = :provider"),
        {"account_id": account_id, "provider": provider},
    )
    return ref


async def keep_customer_ref(
    uow: UnitOfWork, account_id: UUID, provider: str, customer_ref: str, gone: str | None = None
) -> None:
    """The first one stays, until its provider was told that very one and used another: then it is `gone` there."""
    await sql(uow).execute(
        text(
            "insert into payments.payer as known (account_id, provider, customer_ref)"
            " values (:account_id, :provider, :customer_ref) on conflict (account_id, provider) do update"
            " set customer_ref = excluded.customer_ref where known.customer_ref = :gone"
        ),
        {"account_id": account_id, "provider": provider, "customer_ref": customer_ref, "gone": gone},
    )


async def keep(uow: UnitOfWork, account_id: UUID, provider: str, vaulted: VaultedMethod, told: str | None) -> bool:
    """Once for each method of the provider's; an account's first one is its default. Whether it is new. `told`: the customer
    that the provider was asked to store it for, if any."""
    if vaulted.customer_ref is not None:
        await keep_customer_ref(uow, account_id, provider, vaulted.customer_ref, gone=told)
    await _lock(uow, account_id)
    kept = await sql(uow).execute(
        text(
            """
            insert into payments.stored_method (id, account_id, provider, provider_ref, customer_ref, method, is_default)
            select :id, :account_id, :provider, :provider_ref, :customer_ref, cast(:method as json), not exists (
                select 1 from payments.stored_method
                where account_id = :account_id and is_default and removed_at is null)
            on conflict (provider, provider_ref) where removed_at is null do nothing returning 1
            """
        ),
        {
            "id": new_id(),
            "account_id": account_id,
            "provider": provider,
            "provider_ref": vaulted.provider_ref,
            "customer_ref": vaulted.customer_ref,
            "method": msgspec.json.encode(vaulted.method).decode(),
        },
    )
    return kept.first() is not None


async def make_default(uow: UnitOfWork, account_id: UUID, method_id: UUID) -> bool:
    """Whether the account has it."""
    await _lock(uow, account_id)
    await sql(uow).execute(
        text(
            "update payments.stored_method set is_default = false"
            " where account_id = :account_id and is_default and id <> :id and exists (select 1"
            " from payments.stored_method m where m.id = :id and m.account_id = :account_id and m.removed_at is null)"
        ),
        {"account_id": account_id, "id": method_id},
    )
    made = await sql(uow).execute(
        text(
            "update payments.stored_method set is_default = true"
            " where id = :id and account_id = :account_id and removed_at is null returning 1"
        ),
        {"account_id": account_id, "id": method_id},
    )
    return made.first() is not None


async def remove(uow: UnitOfWork, account_id: UUID, method_id: UUID) -> KeptMethod | None:
    """It can't pay any more. None when the account has no such method."""
    await _lock(uow, account_id)
    row = (
        await sql(uow).execute(
            text(
                "update payments.stored_method set removed_at = now(), is_default = false"
                f" where id = :id and account_id = :account_id and removed_at is null returning {COLUMNS}"
            ),
            {"account_id": account_id, "id": method_id},
        )
    ).first()
    return None if row is None else _method(row)


async def delete_all(uow: UnitOfWork, account_id: UUID) -> list[tuple[str, str]]:
    """Providers and their names of those that were not removed before."""
    rows = await sql(uow).execute(
        text(
            "delete from payments.stored_method where account_id = :account_id returning provider, provider_ref, removed_at"
        ),
        {"account_id": account_id},
    )
    return [(row.provider, row.provider_ref) for row in rows if row.removed_at is None]


async def is_kept(uow: UnitOfWork, provider: str, method_ref: str) -> bool:
    return bool(
        await sql(uow).scalar(
            text(
                "select exists (select from payments.stored_method"
                " where provider = :provider and provider_ref = :method_ref and removed_at is null)"
            ),
            {"provider": provider, "method_ref": method_ref},
        )
    )


async def was_kept(uow: UnitOfWork, account_id: UUID, provider: str, method_ref: str) -> bool:
    """Or still is (index ix_stored_method_account_id)."""
    return bool(
        await sql(uow).scalar(
            text(
                "select exists (select from payments.stored_method"
                " where account_id = :account_id and provider = :provider and provider_ref = :method_ref)"
            ),
            {"account_id": account_id, "provider": provider, "method_ref": method_ref},
        )
    )


async def appoint_default(uow: UnitOfWork, account_id: UUID) -> None:
    """The newest one, where none is the default any more."""
    await sql(uow).execute(
        text(
            """
            update payments.stored_method set is_default = true
            where id = (select id from payments.stored_method where account_id = :account_id and removed_at is null
                        order by id desc limit 1)
                and not exists (select 1 from payments.stored_method
                                where account_id = :account_id and is_default and removed_at is null)
            """
        ),
        {"account_id": account_id},
    )


async def open_setup(uow: UnitOfWork, setup_id: UUID, account_id: UUID, provider: str) -> None:
    await sql(uow).execute(
        text(
            "insert into payments.method_setup (id, account_id, provider) values (:id, :account_id, :provider)"
            " on conflict do nothing"
        ),
        {"id": setup_id, "account_id": account_id, "provider": provider},
    )


async def tell_setup(
    uow: UnitOfWork, setup_id: UUID, provider_ref: str, client_secret: str | None, redirect_url: str | None
) -> None:
    await sql(uow).execute(
        text(
            "update payments.method_setup set provider_ref = :provider_ref, client_secret = :client_secret,"
            " redirect_url = :redirect_url where id = :id and finished_at is null"
        ),
        {
            "id": setup_id,
            "provider_ref": provider_ref,
            "client_secret": client_secret,
            "redirect_url": redirect_url,
        },
    )


async def find_setup(uow: UnitOfWork, setup_id: UUID, account_id: UUID) -> Setup | None:
    row = (
        await sql(uow).execute(
            text(f"select {SETUP} from payments.method_setup where id = :id and account_id = :account_id"),
            {"id": setup_id, "account_id": account_id},
        )
    ).first()
    return None if row is None else Setup(**row._asdict())


async def find_setup_by_ref(uow: UnitOfWork, provider: str, provider_ref: str) -> Setup | None:
    row = (
        await sql(uow).execute(
            text(
                f"select {SETUP} from payments.method_setup"
                " where provider = :provider and provider_ref = :provider_ref order by id desc limit 1"
            ),
            {"provider": provider, "provider_ref": provider_ref},
        )
    ).first()
    return None if row is None else Setup(**row._asdict())


async def finish_setup(uow: UnitOfWork, setup_id: UUID, failure: str | None) -> bool:
    """Whether it was open; its secrets are forgotten."""
    finished = await sql(uow).execute(
        text(
            "update payments.method_setup set finished_at = now(), failure = :failure, client_secret = null,"
            " redirect_url = null where id = :id and finished_at is null returning 1"
        ),
        {"id": setup_id, "failure": failure},
    )
    return finished.first() is not None
