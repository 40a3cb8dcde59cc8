"""Limits for what a stranger could do too often: sign-in, sign-up, reset.

One atomic script in Valkey counts across all processes, in fixed windows. When Valkey is away a stricter count in this
process takes its place, so that guessing passwords doesn't become free.
"""

import hashlib
import time
from collections import Counter
from typing import Any, Final

import structlog
from litestar import Request

from shop.kernel.config import settings
from shop.kernel.errors import TooMany
from shop.kernel.redis_client import PREFIX, RedisError, client

log = structlog.get_logger(__name__)

SCRIPT: Final = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('TTL', KEYS[1])}
"""
_local: Counter[tuple[str, int]] = Counter()


def address_of(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else "?"


async def limit(what: str, who: str, at_most: int, per_seconds: int) -> None:
    """Count one `what` by `who`. Raises TooMany with `retry_after` seconds."""
    if settings().rate_limits == "off":
        return
    digest = hashlib.sha256(who.encode()).hexdigest()[:24]
    key = f"{PREFIX}limit:{what}:{digest}"
    try:
        count, left = await client().eval(SCRIPT, 1, key, str(per_seconds))
    except (RedisError, OSError):
        count, left, at_most = _count_here(key, per_seconds), per_seconds, max(1, at_most // 3)
    if count > at_most:
        log.info("rate_limited", what=what)
        raise TooMany(f"Too many attempts; please try again in {_words(left)}", retry_after=max(1, left))


def _words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"


def _count_here(key: str, per_seconds: int) -> int:
    window = int(time.monotonic() // per_seconds)
    if len(_local) > 10_000:
        _local.clear()
    _local[key, window] += 1
    return _local[key, window]
