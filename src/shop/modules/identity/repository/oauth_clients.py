"""SQL of the programs that may use the shop, and of who gave which of them leave to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shop.kernel.uow import UnitOfWork
from shop.modules.identity.oauth_client import OAuthClient
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run

_COLUMNS = "id, name, secret_hash, redirect_uris, scopes"
_REGISTERED = f"{_COLUMNS}, created_at, disabled_at, signing_secret is not null as signs_events"


class RegisteredClient(msgspec.Struct, frozen=True):
    """As staff see it."""

    client: OAuthClient
    created_at: datetime
    disabled_at: datetime | None
    signs_events: bool
    """False of a public one, and of one whose secret is from before events could be sent."""


class SigningClient(msgspec.Struct, frozen=True):
    client: OAuthClient
    signing_secret: bytes | None
    """Sealed."""


class ConnectedClient(msgspec.Struct, frozen=True):
    """As somebody who gave it leave sees it."""

    client_id: str
    name: str
    scopes: tuple[str, ...]
    given_at: datetime
    last_used_at: datetime | None


async def find_client(uow: UnitOfWork, client_id: str) -> OAuthClient | None:
    """None of one that is disabled."""
    row = await first_row(
        uow, f"select {_COLUMNS} from identity.oauth_client where id = :id and disabled_at is null", {"id": client_id}
    )
    return None if row is None else _client(row)


async def find_registered(uow: UnitOfWork, client_id: str) -> RegisteredClient | None:
    row = await first_row(
        uow,
        f"select {_REGISTERED} from identity.oauth_client where id = :id",
        {"id": client_id},
    )
    return None if row is None else _registered(row)


async def lock_registered(uow: UnitOfWork, client_id: str) -> RegisteredClient | None:
    row = await first_row(
        uow,
        f"select {_REGISTERED} from identity.oauth_client where id = :id for no key update",
        {"id": client_id},
    )
    return None if row is None else _registered(row)


async def find_all_registered(uow: UnitOfWork) -> list[RegisteredClient]:
    """A shop has few; the newest first."""
    rows = await all_rows(
        uow,
        f"select {_REGISTERED} from identity.oauth_client order by created_at desc, id limit 500",
        {},
    )
    return [_registered(row) for row in rows]


async def find_signing_client(uow: UnitOfWork, client_id: str) -> SigningClient | None:
    """None of one that is disabled."""
    row = await first_row(
        uow,
        f"select {_COLUMNS}, signing_secret from identity.oauth_client where id = :id and disabled_at is null",
        {"id": client_id},
    )
    return None if row is None else SigningClient(_client(row), row.signing_secret)


async def add_client(
    uow: UnitOfWork, client: OAuthClient, signing_secret: bytes | None, created_by: UUID, now: datetime
) -> None:
    await run(
        uow,
        "insert into identity.oauth_client"
        " (id, name, secret_hash, signing_secret, redirect_uris, scopes, created_by, created_at)"
        " values (:id, :name, :secret_hash, :signing_secret, :redirect_uris, :scopes, :created_by, :now)",
        {**_values(client), "signing_secret": signing_secret, "created_by": created_by, "now": now},
    )


async def change_client(uow: UnitOfWork, client: OAuthClient, disabled_at: datetime | None) -> None:
    uow.invalidate(f"client:{client.id}")
    await run(
        uow,
        "update identity.oauth_client set name = :name, secret_hash = :secret_hash, redirect_uris = :redirect_uris,"
        " scopes = :scopes, disabled_at = :disabled_at where id = :id",
        {**_values(client), "disabled_at": disabled_at},
    )


async def replace_secret(uow: UnitOfWork, client: OAuthClient, signing_secret: bytes) -> None:
    uow.invalidate(f"client:{client.id}")
    await run(
        uow,
        "update identity.oauth_client set secret_hash = :secret_hash, signing_secret = :signing_secret where id = :id",
        {"id": client.id, "secret_hash": client.secret_hash, "signing_secret": signing_secret},
    )


async def delete_client(uow: UnitOfWork, client_id: str) -> bool:
    """With all that was given to it. False when it is gone already."""
    uow.invalidate(f"client:{client_id}")
    return await met_one(uow, "delete from identity.oauth_client where id = :id", {"id": client_id})


async def end_what_exceeds(uow: UnitOfWork, client_id: str, scopes: Sequence[str]) -> None:
    """Tokens, codes and consents with more than `scopes`; all of them when there are none."""
    uow.invalidate(f"client:{client_id}")
    for table in ("token_family", "oauth_code", "oauth_consent"):
        await run(
            uow,
            f"delete from identity.{table} where client_id = :id and not scopes <@ cast(:scopes as text[])",
            {"id": client_id, "scopes": list(scopes)},
        )


async def end_all_tokens(uow: UnitOfWork, client_id: str) -> None:
    uow.invalidate(f"client:{client_id}")
    for table in ("token_family", "oauth_code"):
        await run(uow, f"delete from identity.{table} where client_id = :id", {"id": client_id})


async def find_consent(uow: UnitOfWork, account_id: UUID, client_id: str) -> frozenset[str]:
    row = await first_row(
        uow,
        "select scopes from identity.oauth_consent where account_id = :account_id and client_id = :client_id",
        {"account_id": account_id, "client_id": client_id},
    )
    return frozenset() if row is None else frozenset(row.scopes)


async def remember_consent(
    uow: UnitOfWork, account_id: UUID, client_id: str, scopes: Sequence[str], now: datetime
) -> None:
    """Together with what was given before. The caller holds the account."""
    await run(
        uow,
        """
        insert into identity.oauth_consent as c (account_id, client_id, scopes, given_at)
        values (:account_id, :client_id, :scopes, :now)
        on conflict (account_id, client_id) do update set given_at = excluded.given_at,
            scopes = array(select unnest(c.scopes) union select unnest(excluded.scopes) order by 1)
        """,
        {"account_id": account_id, "client_id": client_id, "scopes": list(scopes), "now": now},
    )


async def find_connected(uow: UnitOfWork, account_id: UUID) -> list[ConnectedClient]:
    """Programs that somebody has given leave to, or that hold tokens of theirs."""
    rows = await all_rows(
        uow,
        """
        select k.id, k.name, coalesce(c.scopes, f.scopes) as scopes,
            coalesce(c.given_at, f.created_at) as given_at, f.last_used_at
        from identity.oauth_client k
            left join identity.oauth_consent c on c.client_id = k.id and c.account_id = :id
            left join lateral (
                select t.scopes, t.created_at, t.last_used_at from identity.token_family t
                where t.client_id = k.id and t.account_id = :id order by t.last_used_at desc limit 1
            ) f on true
        where k.id in (
            select client_id from identity.oauth_consent where account_id = :id
            union select client_id from identity.token_family where account_id = :id and client_id is not null)
        order by k.name, k.id
        """,
        {"id": account_id},
    )
    return [ConnectedClient(row.id, row.name, tuple(row.scopes), row.given_at, row.last_used_at) for row in rows]


async def disconnect(uow: UnitOfWork, account_id: UUID, client_id: str) -> int:
    """Ends all that a program was given by somebody; how many consents and tokens there were."""
    uow.invalidate(f"account:{account_id}")
    return sum(
        [
            await run(
                uow,
                f"delete from identity.{table} where account_id = :account_id and client_id = :client_id",
                {"account_id": account_id, "client_id": client_id},
            )
            for table in ("oauth_code", "token_family", "oauth_consent")
        ]
    )


def _client(row: Any) -> OAuthClient:
    return OAuthClient(
        id=row.id,
        name=row.name,
        secret_hash=row.secret_hash,
        redirect_uris=tuple(row.redirect_uris),
        scopes=tuple(row.scopes),
    )


def _registered(row: Any) -> RegisteredClient:
    return RegisteredClient(_client(row), row.created_at, row.disabled_at, row.signs_events)


def _values(client: OAuthClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "secret_hash": client.secret_hash,
        "redirect_uris": list(client.redirect_uris),
        "scopes": list(client.scopes),
    }
