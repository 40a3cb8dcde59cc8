"""Webhooks on their way: signed as Stripe signs, at least once, with retries, and as badly behaved as a test asks."""

import asyncio
import hashlib
import hmac
import json
import time

import aiohttp

from tests.fakes.stripe_api.books import new_id
from tests.fakes.stripe_api.store import Store

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 10
EARLY_PATIENCE_SECONDS = 3
"""The shop waits for its own answer meanwhile."""
AT_ONCE = 20
RETRY_SECONDS = (0.1, 0.2, 0.5, 1, 2, 4, 8, 15, 30, 60)
"""Stripe's hours, in a test's time."""
NEVER = 1e15
FORGER = "whsec_of_somebody_else"


def sign(body: bytes, secret: str, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Deliveries:
    def __init__(self, store: Store, http: aiohttp.ClientSession) -> None:
        self._store, self._http = store, http
        self._under_way: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        # Those that were to be early when we were killed are only late now.
        store.run("update delivery set early = 0 where done_at is null")

    async def keep_sending(self) -> None:
        while True:
            room = AT_ONCE - len(self._under_way)
            due = self._store.rows(
                "select n from delivery where done_at is null and not dropped and due <= ?"
                " and not (early and attempts = 0) order by due, n limit ?",
                time.time(),
                room + len(self._under_way),
            )
            for n in [row["n"] for row in due if row["n"] not in self._under_way][:room]:
                task = asyncio.create_task(self._deliver(n))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(PAUSE_SECONDS)

    async def send_early(self, request_id: str) -> None:
        """What the shop is to hear of before it gets the answer to its own request."""
        early = self._store.rows(
            "select delivery.n from delivery join object on object.id = delivery.event"
            " where early and attempts = 0 and not dropped and json_extract(body, '$.request.id') = ? order by 1",
            request_id,
        )
        for row in early:
            await self._deliver(row["n"], EARLY_PATIENCE_SECONDS)

    async def _deliver(self, n: int, patience: float = PATIENCE_SECONDS) -> None:
        self._under_way.add(n)
        try:
            await self._attempt(n, patience)
        finally:
            self._under_way.discard(n)

    async def _attempt(self, n: int, patience: float) -> None:
        (row,) = self._store.rows("select * from delivery where n = ?", n)
        event, endpoint = self._store.find(row["event"]), self._store.find(row["endpoint"])
        if event is None or endpoint is None:
            self._store.run("update delivery set dropped = 1, last = 'endpoint gone' where n = ?", n)
            return
        if row["forged"]:
            event["id"] = new_id("evt")
        body = json.dumps(event, indent=2).encode()
        secret = FORGER if row["forged"] else endpoint["_secret"]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            timeout = aiohttp.ClientTimeout(total=patience)
            async with self._http.post(
                endpoint["url"], data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                await answer.read()
                ended, last = 200 <= answer.status < 300, str(answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            ended, last = False, type(problem).__name__
        self._note(n, int(row["attempts"]) + 1, ended=ended or bool(row["forged"]), last=last)

    def _note(self, n: int, attempts: int, *, ended: bool, last: str) -> None:
        """A forger doesn't try again; Stripe does, until it gives up."""
        waits = self._store.setting("retry_seconds", RETRY_SECONDS)
        wait = waits[attempts - 1] if attempts <= len(waits) else NEVER
        self._store.run(
            "update delivery set attempts = ?, done_at = ?, due = ?, last = ? where n = ?",
            attempts,
            time.time() if ended else None,
            time.time() + wait,
            last,
            n,
        )
