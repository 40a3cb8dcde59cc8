"""`Idempotency-Key`: a repeated POST gets the first one's answer and has no second effect.

The key is claimed in a short transaction of its own, with a lease, before the work begins. A second call meanwhile is
told 409 `in_progress`; one with another body 422 `key_reused`; a later one gets the stored answer. A refusal that
changed nothing is not stored: the claim is given back, and the caller may mend the request and use the key again. When
the process dies in between, the lease runs out and the work runs again: it must recognise its own earlier effect by a
unique key of its own (an order by its cart, a payment by its intent), or keep its answer by the same commit: `keep_answer`.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response
from sqlalchemy import text

from shop.kernel.audit import unaudited
from shop.kernel.db import read, sql, write
from shop.kernel.errors import Conflict, FieldError, Invalid
from shop.kernel.uow import UnitOfWork

LEASE: Final = timedelta(seconds=60)


TAKES_A_KEY: Final = {"idempotency_key": "optional"}
NEEDS_A_KEY: Final = {"idempotency_key": "required"}
"""A route's `opt`, from which the API's description tells the header."""


class InProgress(Conflict):
    code = "in_progress"
    title = "The first call with this Idempotency-Key is still running; ask again in a moment"


class KeyReused(Invalid):
    code = "key_reused"
    title = "This Idempotency-Key was used with another body; take a new key for a new request"

    def __init__(self) -> None:
        super().__init__([FieldError("Idempotency-Key", "Used before with another body")], self.title)


class Stored(msgspec.Struct, frozen=True):
    status: int
    body: bytes


async def idempotently(
    request: Request[Any, Any, Any],
    scope: str,
    work: Callable[[], Awaitable[tuple[int, Any]]],
    *,
    required: bool = False,
) -> Response[bytes]:
    """Run `work() -> (status, body)` once per key within `scope` (route plus account or cart).

    Raises Invalid when a required key is missing, InProgress, KeyReused, and whatever `work` raises.
    """
    key = request.headers.get("idempotency-key")
    if key is None or not 1 <= len(key) <= 255 or not key.isprintable():
        if required or key is not None:
            raise Invalid.field("Idempotency-Key", "Send a header of 1 to 255 characters that names this attempt")
        status, body = await work()
        return _answer(status, msgspec.json.encode(body))
    body_hash = hashlib.sha256(await request.body()).digest()
    stored = await claim(scope, key, body_hash)
    if stored is not None:
        return _answer(stored.status, stored.body, replayed=True)
    try:
        status, body = await work()
    except BaseException:
        with unaudited():
            await write(_release, scope, key)
        raise
    encoded = msgspec.json.encode(body)
    with unaudited():
        await write(_store, scope, key, status, encoded)
    return _answer(status, encoded)


async def keep_answer(
    uow: UnitOfWork, request: Request[Any, Any, Any], scope: str, status: int, body: msgspec.Struct
) -> None:
    """Called by `work` in the transaction of its effect. Raises InProgress when the lease ran out and another call was
    quicker: its effect is the one."""
    key = request.headers.get("idempotency-key")
    if key is not None and not await _store(uow, scope, key, status, msgspec.json.encode(body)):
        raise InProgress


async def forget_answers(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Stored answers that tell of things with these ids; reads the whole table, which holds those of a week."""
    await sql(uow).execute(
        text(
            "delete from kernel.idempotency i where exists"
            " (select from unnest(cast(:ids as text[])) as id where position(convert_to(id, 'UTF8') in i.body) > 0)"
        ),
        {"ids": [str(each) for each in ids]},
    )


async def claim(scope: str, key: str, body_hash: bytes) -> Stored | None:
    """None: the key is ours, go on. Raises InProgress, KeyReused."""
    with unaudited():
        claimed = await write(_claim, scope, key, body_hash)
    if claimed:
        return None
    row = await read(_find, scope, key)
    if row is None:
        raise InProgress
    if bytes(row.body_hash) != body_hash:
        raise KeyReused
    if row.status is None:
        raise InProgress
    return Stored(row.status, bytes(row.body))


async def _claim(uow: UnitOfWork, scope: str, key: str, body_hash: bytes) -> bool:
    claimed = await sql(uow).execute(
        text(
            """
            insert into kernel.idempotency as i (scope, key, body_hash, leased_until)
            values (:scope, :key, :hash, now() + :lease)
            on conflict (scope, key) do update set leased_until = excluded.leased_until
                where i.status is null and i.leased_until < now() and i.body_hash = excluded.body_hash
            returning 1
            """
        ),
        {"scope": scope, "key": key, "hash": body_hash, "lease": LEASE},
    )
    return claimed.first() is not None


async def _find(uow: UnitOfWork, scope: str, key: str) -> Any:
    return (
        await sql(uow).execute(
            text("select body_hash, status, body from kernel.idempotency where scope = :scope and key = :key"),
            {"scope": scope, "key": key},
        )
    ).first()


async def _release(uow: UnitOfWork, scope: str, key: str) -> None:
    await sql(uow).execute(
        text("delete from kernel.idempotency where scope = :scope and key = :key and status is null"),
        {"scope": scope, "key": key},
    )


async def _store(uow: UnitOfWork, scope: str, key: str, status: int, body: bytes) -> bool:
    """False when an answer is kept already."""
    stored = await sql(uow).execute(
        text(
            "update kernel.idempotency set status = :status, body = :body"
            " where scope = :scope and key = :key and status is null"
        ),
        {"scope": scope, "key": key, "status": status, "body": body},
    )
    return stored.rowcount == 1


def _answer(status: int, body: bytes, *, replayed: bool = False) -> Response[bytes]:
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(body, status_code=status, media_type="application/json", headers=headers)
