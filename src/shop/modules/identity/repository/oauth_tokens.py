"""SQL of what introspection and revocation ask of refresh tokens."""

from datetime import datetime
from uuid import UUID

import msgspec

from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import first_row


class LiveRefreshToken(msgspec.Struct, frozen=True):
    """One that would be taken."""

    family_id: UUID
    client_id: str | None
    account_id: UUID | None
    scopes: tuple[str, ...]
    expires_at: datetime


async def find_refresh_token(uow: UnitOfWork, hashed: bytes, now: datetime) -> LiveRefreshToken | None:
    row = await first_row(
        uow,
        """
        select f.id, f.client_id, f.account_id, f.scopes, least(t.expires_at, f.expires_at) as expires_at
        from identity.refresh_token t join identity.token_family f on f.id = t.family_id
            left join identity.oauth_client c on c.id = f.client_id
        where t.token_hash = :hash and t.used_at is null and t.expires_at > :now and f.expires_at > :now
            and c.disabled_at is null
        """,
        {"hash": hashed, "now": now},
    )
    if row is None:
        return None
    return LiveRefreshToken(row.id, row.client_id, row.account_id, tuple(row.scopes or ()), row.expires_at)
