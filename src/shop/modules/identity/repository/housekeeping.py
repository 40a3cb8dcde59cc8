"""SQL that clears what is over."""

from datetime import datetime

from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import run
from shop.modules.identity.rules import (
    REFRESH_TOKEN_LIFE,
    SESSION_AGE,
    SESSION_IDLE,
    STAFF_SESSION_AGE,
    STAFF_SESSION_IDLE,
)

_OF_STAFF = (
    "(last_seen_at <= :staff_idle or created_at <= :staff_old)"
    " and account_id in (select id from identity.account where is_staff)"
)
_OVER = {
    "session": ("token_hash", f"last_seen_at <= :idle or created_at <= :old or {_OF_STAFF}"),
    "token_family": ("id", "expires_at <= :now or last_used_at <= :unused"),
    "refresh_token": ("token_hash", "expires_at <= :now"),
    "oauth_code": ("token_hash", "expires_at <= :now"),
    "mail_link": ("token_hash", "expires_at <= :now"),
    "spent_challenge": ("challenge_hash", "expires_at <= :now"),
    "signing_key": ("kid", "gone_at <= :now"),
}


async def purge(uow: UnitOfWork, now: datetime, batch: int) -> int:
    """Delete up to `batch` each of what can't be used any more; how many there were. A used link stays until it expires,
    a used refresh token and code too: presented again, they tell that they were stolen."""
    values = {
        "now": now,
        "idle": now - SESSION_IDLE,
        "old": now - SESSION_AGE,
        "unused": now - REFRESH_TOKEN_LIFE,
        "staff_idle": now - STAFF_SESSION_IDLE,
        "staff_old": now - STAFF_SESSION_AGE,
        "batch": batch,
    }
    return sum(
        [
            await run(
                uow,
                f"delete from identity.{table} where {key} in"
                f" (select {key} from identity.{table} where {condition} limit :batch for update skip locked)",
                values,
            )
            for table, (key, condition) in _OVER.items()
        ]
    )
