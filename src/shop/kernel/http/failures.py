"""Soft locks: each failure after the fifth makes the next try wait longer, at most a quarter of an hour, never for good.

The contract, for sign-in and the like (`key` says what was tried and, where it matters, by whom):

    if (seconds := await wait_left(key)):  # before anything costly: refuse, saying how long to wait
        raise TooMany(retry_after=seconds)
    ... check the secret ...
    await note_failure(key)                # wrong: returns the seconds that the next try has to wait
    await clear_failures(key)              # right: begin anew

Tries at once could all pass `wait_left` before the first of them fails. Where that matters, `begin_attempt(key)` does
both in one step: it raises TooMany while a wait runs, else it notes a failure ahead, which `clear_failures` takes back.

Failures are forgotten after a day without one. All processes count together, each step atomic in Valkey; while that is
away each process counts by itself, from the second failure on. A key that names an account alone lets strangers make
its owner wait, for a quarter of an hour at most at a time: name the network as well where another factor guards it.
"""

import asyncio
import hashlib
import time
from typing import Final

import structlog

from shop.kernel.config import settings
from shop.kernel.http.exact_counts import run_script
from shop.kernel.http.networks import concealed
from shop.kernel.http.standing import Standing
from shop.kernel.redis_client import PREFIX, RedisError, client

log = structlog.get_logger(__name__)

FREE_FAILURES: Final = 5
"""From the fifth on each costs a wait."""
FREE_WITHOUT_VALKEY: Final = 2
LONGEST_SECONDS: Final = 15 * 60
FORGOTTEN_SECONDS: Final = 24 * 3600
PATIENCE_SECONDS: Final = 1.0
MOST_KEPT_HERE: Final = 20_000

SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local until_ = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if ARGV[1] == 'look' or (ARGV[1] == 'begin' and until_ > now) then return {math.max(until_ - now, 0), 0} end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local over, wait = failures - ARGV[2], 0
if over >= 0 then wait = math.min(2 ^ math.min(over, 20), tonumber(ARGV[3])) * 1000 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + wait))
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {0, wait}
"""
"""Answers {milliseconds still to wait, milliseconds that this failure costs}."""
DIGEST: Final = hashlib.sha1(SCRIPT.encode()).hexdigest()  # noqa: S324  # the name that Valkey keeps a script under

_here: dict[str, tuple[int, float]] = {}
"""Failures and the end of the wait, while Valkey is away."""


async def note_failure(key: str) -> int:
    """Counts one more failure. Seconds that the next try has to wait: 0 for the first four, then 1, 2, 4 … 900."""
    return (await _step("note", key))[1]


async def wait_left(key: str) -> int:
    """Seconds, rounded up, until `key` may be tried again; 0 when it may be now."""
    return (await _step("look", key))[0]


async def begin_attempt(key: str) -> None:
    """Notes a failure ahead, which `clear_failures` takes back. Raises TooMany while a wait runs: nothing is counted."""
    left, _ = await _step("begin", key)
    if left:
        log.info("softly_locked")
        raise Standing("failures", FREE_FAILURES, FORGOTTEN_SECONDS, 0, left).refusal("failed attempts")


async def clear_failures(key: str) -> None:
    """After success: the next failure is the first again."""
    if settings().rate_limits == "off":
        return
    name = _name(key)
    _here.pop(name, None)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await client().delete(name)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("failures_not_cleared", reason=repr(error)[:120])


async def _step(what: str, key: str) -> tuple[int, int]:
    if settings().rate_limits == "off":
        return 0, 0
    name = _name(key)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            left, cost = await run_script(
                SCRIPT, DIGEST, [name], [what, FREE_FAILURES, LONGEST_SECONDS, FORGOTTEN_SECONDS]
            )
    except (RedisError, OSError, TimeoutError):
        return _step_here(what, name)
    return -(-left // 1000), -(-cost // 1000)


def _step_here(what: str, name: str) -> tuple[int, int]:
    now = time.monotonic()
    failures, until = _here.get(name, (0, 0.0))
    left = max(0, -int(-(until - now) // 1))
    if what == "look" or (what == "begin" and left):
        return left, 0
    if len(_here) >= MOST_KEPT_HERE:
        _here.clear()
    over = failures + 1 - FREE_WITHOUT_VALKEY
    cost = min(1 << min(over, 20), LONGEST_SECONDS) if over >= 0 else 0
    _here[name] = failures + 1, now + cost
    return 0, cost


def _name(key: str) -> str:
    return f"{PREFIX}failures:{concealed(key)}"
