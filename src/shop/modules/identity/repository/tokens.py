"""SQL of token families and refresh tokens. Access tokens are signed and stored nowhere; their family's row is their life."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.kernel.http.principals import Principal, VerifiedToken
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import keys
from shop.modules.identity.repository.accounts import PRINCIPAL, ROLES, lock_account, principal
from shop.modules.identity.repository.rows import first_row, met_one, run


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """All tokens of one sign-in, consent or program. `scopes` None: all that the account may do."""

    id: UUID
    account_id: AccountId | None
    client_id: str | None = None
    scopes: tuple[str, ...] | None = None
    methods: tuple[str, ...] = ()
    strong: bool = False
    user_agent: str | None = None
    signed_in_at: datetime
    expires_at: datetime


_FAMILY = "f.id, f.account_id, f.client_id, f.scopes, f.methods, f.strong, f.user_agent, f.signed_in_at, f.expires_at"


async def add_family(uow: UnitOfWork, family: Family, now: datetime) -> None:
    await run(
        uow,
        """
        insert into identity.token_family (id, account_id, client_id, scopes, methods, strong, user_agent,
            signed_in_at, created_at, last_used_at, expires_at)
        values (:id, :account_id, :client_id, :scopes, :methods, :strong, :user_agent, :signed_in_at, :now, :now,
            :expires_at)
        """,
        {
            **msgspec.structs.asdict(family),
            "scopes": None if family.scopes is None else list(family.scopes),
            "methods": list(family.methods),
            "now": now,
        },
    )


async def find_holder(
    uow: UnitOfWork, family_id: UUID, kid: str, until: datetime, now: datetime
) -> VerifiedToken | None:
    """Who may use an access token of that family, signed by that key, which is good until `until`."""
    row = await first_row(
        uow,
        f"""
        select f.id as family_id, f.client_id, f.scopes, f.strong, f.signed_in_at, f.expires_at, c.name as client_name,
            {PRINCIPAL}
        from identity.token_family f
            left join identity.account a on a.id = f.account_id
            left join identity.oauth_client c on c.id = f.client_id
        where f.id = :id and f.expires_at > :now and c.disabled_at is null and a.closed_at is null
            and exists (select from identity.signing_key k where k.kid = :kid and k.gone_at > :now)
        """,
        {"id": family_id, "kid": kid, "now": now},
    )
    if row is None:
        return None
    tags = {keys.TAG, f"family:{row.family_id}"}
    if row.id is not None:
        tags.add(f"account:{row.id}")
    if row.is_staff:
        tags.add(ROLES)
    if row.client_id is not None:
        tags.add(f"client:{row.client_id}")
    return VerifiedToken(_holder(row), min(until, row.expires_at), frozenset(tags))


async def add_refresh_token(
    uow: UnitOfWork, hashed: bytes, family_id: UUID, now: datetime, expires_at: datetime
) -> None:
    await run(
        uow,
        "insert into identity.refresh_token (token_hash, family_id, created_at, expires_at)"
        " values (:hash, :family_id, :now, :expires_at)",
        {"hash": hashed, "family_id": family_id, "now": now, "expires_at": expires_at},
    )


async def lock_by_refresh_token(uow: UnitOfWork, hashed: bytes) -> Family | None:
    """The family of a refresh token, used or not, expired or not, with its account, if it has one: both are locked. None of an
    account that is closed."""
    owner = await first_row(
        uow,
        "select f.account_id from identity.refresh_token t join identity.token_family f on f.id = t.family_id"
        " where t.token_hash = :hash",
        {"hash": hashed},
    )
    if owner is None:
        return None
    if owner.account_id is not None and await lock_account(uow, owner.account_id) is None:
        return None
    row = await first_row(
        uow,
        f"select {_FAMILY} from identity.refresh_token t join identity.token_family f on f.id = t.family_id"
        " where t.token_hash = :hash for no key update of f",
        {"hash": hashed},
    )
    return None if row is None else _family(row)


async def use_refresh_token(uow: UnitOfWork, hashed: bytes, now: datetime) -> bool:
    return await met_one(
        uow,
        "update identity.refresh_token set used_at = :now"
        " where token_hash = :hash and used_at is null and expires_at > :now",
        {"hash": hashed, "now": now},
    )


async def touch_family(uow: UnitOfWork, family_id: UUID, now: datetime) -> bool:
    """False when it has ended."""
    return await met_one(
        uow,
        "update identity.token_family set last_used_at = :now where id = :id and expires_at > :now",
        {"id": family_id, "now": now},
    )


async def delete_family(uow: UnitOfWork, family_id: UUID) -> None:
    await run(uow, "delete from identity.token_family where id = :id", {"id": family_id})
    uow.invalidate(f"family:{family_id}")


def _holder(row: Any) -> Principal:
    scopes = None if row.scopes is None else frozenset(row.scopes)
    if row.id is None:
        return Principal(UUID(row.client_id), "", row.client_name, scopes=scopes, program=True, client_id=row.client_id)
    return msgspec.structs.replace(
        principal(row),
        scopes=scopes,
        client_id=row.client_id,
        strong=row.strong,
        signed_in_at=row.signed_in_at,
        session_id=row.family_id,
    )


def _family(row: Any) -> Family:
    return Family(
        id=row.id,
        account_id=row.account_id,
        client_id=row.client_id,
        scopes=None if row.scopes is None else tuple(row.scopes),
        methods=tuple(row.methods),
        strong=row.strong,
        user_agent=row.user_agent,
        signed_in_at=row.signed_in_at,
        expires_at=row.expires_at,
    )
