"""Exact counts across processes: at most N in any window, decided by one atomic script in Valkey.

A sliding log: each key is a list of the moments that were let through, at most N of them, in the clock of Valkey. What
was refused is not counted, so knocking on doesn't keep a door shut. A call costs Python 100 µs and more, so
the questions of all requests that wait in this process go out together: while one call is under way the next gathers.
Without Valkey each process counts by itself, as strictly as the question says, and asks again every other second.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import structlog

from shop.kernel.redis_client import NoScript, RedisError, client

log = structlog.get_logger(__name__)

SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answers, arg, first = {}, 1, 1
while first <= #KEYS do
  local size = tonumber(ARGV[arg])
  local fits, scarce, left, reset = 1, 1, nil, 0
  for i = 1, size do
    local key, most, window = KEYS[first + i - 1], tonumber(ARGV[arg + 2 * i - 1]), tonumber(ARGV[arg + 2 * i])
    local oldest = tonumber(redis.call('LINDEX', key, -1))
    while oldest and oldest <= now - window do
      redis.call('RPOP', key)
      oldest = tonumber(redis.call('LINDEX', key, -1))
    end
    local free = most - redis.call('LLEN', key)
    local wait = oldest and oldest + window - now or window
    if free < 1 then fits = 0 end
    if not left or free < left or (free == left and wait > reset) then scarce, left, reset = i, free, wait end
  end
  if fits == 1 then
    left = left - 1
    for i = 1, size do
      redis.call('LPUSH', KEYS[first + i - 1], string.format('%.0f', now))
      redis.call('PEXPIRE', KEYS[first + i - 1], ARGV[arg + 2 * i])
    end
  end
  answers[#answers + 1] = {fits, scarce, math.max(left, 0), reset}
  first, arg = first + size, arg + 1 + 2 * size
end
return answers
"""
"""KEYS: those of all questions; ARGV: for each question the number of its keys, then most and milliseconds of each. A
question that doesn't fit one of its counts is counted in none. Answers: fits, the scarcest count, what is left of it,
milliseconds until it has more."""
DIGEST: Final = hashlib.sha1(SCRIPT.encode()).hexdigest()  # noqa: S324  # the name that Valkey keeps a script under
MOST_AT_ONCE: Final = 200
PATIENCE_SECONDS: Final = 1.0
AWAY_SECONDS: Final = 2.0
MOST_KEPT_HERE: Final = 20_000


class Count(NamedTuple):
    """One thing that is counted. `without_valkey` is how many one process lets through while Valkey is away."""

    key: str
    at_most: int
    per_seconds: int
    without_valkey: int


class Verdict(NamedTuple):
    """`scarce` is the place of the count with the least left among those asked about; `reset` seconds until it has more."""

    passed: bool
    scarce: int
    left: int
    reset: int


Question = Sequence[Count]


async def run_script(script: str, digest: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
    """By its digest; whole when Valkey doesn't know it, for the first time or since it was restarted."""
    try:
        return await client().evalsha(digest, len(keys), *keys, *arguments)
    except NoScript:
        return await client().eval(script, len(keys), *keys, *arguments)


class ExactCounts:
    """One per process. `ask` waits for its own verdict, so that coalescing costs no exactness."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Question, asyncio.Future[Verdict]]] = deque()
        self._asking: asyncio.Task[None] | None = None
        self._away_until = 0.0
        self._here = CountsHere()

    async def ask(self, question: Question) -> Verdict:
        """Counts one of each of `question`, all of them or none."""
        if self._away_until and time.monotonic() < self._away_until:
            return self._here.ask(question)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Verdict] = loop.create_future()
        self._waiting.append((question, answer))
        if self._asking is None or self._asking.done() or self._asking.get_loop() is not loop:
            self._asking = loop.create_task(self._ask_for_all())
        return await answer

    async def _ask_for_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
            questions = [question for question, _ in batch]
            try:
                verdicts = await self._ask_valkey(questions)
            except (RedisError, OSError, TimeoutError) as error:
                self._away(error)
                verdicts = [self._here.ask(question) for question in questions]
            except BaseException:
                for _, answer in batch:
                    answer.cancel()
                raise
            for (_, answer), verdict in zip(batch, verdicts, strict=True):
                if not answer.done():
                    answer.set_result(verdict)

    async def _ask_valkey(self, questions: Sequence[Question]) -> list[Verdict]:
        keys = [count.key for question in questions for count in question]
        arguments: list[int] = []
        for question in questions:
            arguments.append(len(question))
            for count in question:
                arguments += (count.at_most, count.per_seconds * 1000)
        async with asyncio.timeout(PATIENCE_SECONDS):
            answers = await run_script(SCRIPT, DIGEST, keys, arguments)
        if self._away_until:
            self._away_until = 0.0
            self._here.forget()
            log.info("rate_limits_shared_again")
        return [Verdict(bool(fits), scarce - 1, left, -(-reset // 1000)) for fits, scarce, left, reset in answers]

    def _away(self, error: BaseException) -> None:
        if not self._away_until:
            log.warning("rate_limits_not_shared", reason=repr(error)[:120])
        self._away_until = time.monotonic() + AWAY_SECONDS


class CountsHere:
    """The same sliding log for this process alone."""

    def __init__(self) -> None:
        self._passed: dict[str, deque[float]] = {}

    def ask(self, question: Question) -> Verdict:
        now = time.monotonic()
        verdict = Verdict(passed=True, scarce=0, left=2**31, reset=0)
        for place, count in enumerate(question):
            log_of_key = self._log(count.key)
            while log_of_key and log_of_key[0] <= now - count.per_seconds:
                log_of_key.popleft()
            left = count.without_valkey - len(log_of_key)
            reset = int(log_of_key[0] + count.per_seconds - now) + 1 if log_of_key else count.per_seconds
            if left < verdict.left:
                verdict = Verdict(verdict.passed and left > 0, place, max(left, 0), reset)
        if verdict.passed:
            for count in question:
                self._log(count.key).append(now)
            verdict = verdict._replace(left=verdict.left - 1)
        return verdict

    def forget(self) -> None:
        self._passed.clear()

    def _log(self, key: str) -> deque[float]:
        found = self._passed.get(key)
        if found is None:
            if len(self._passed) >= MOST_KEPT_HERE:
                self._passed.clear()
            found = self._passed[key] = deque()
        return found
