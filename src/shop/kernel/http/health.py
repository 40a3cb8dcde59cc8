"""Is it up, is it ready, what has it done: `/healthz`, `/readyz`, `/metrics`."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from psycopg.errors import UndefinedTable
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shop.kernel import migrate
from shop.kernel.clock import now
from shop.kernel.db import read, sql
from shop.kernel.http.access import public
from shop.kernel.http.metrics import multiprocess_folder
from shop.kernel.http.ratelimit import UNLIMITED
from shop.kernel.outbox import outbox_state
from shop.kernel.uow import UnitOfWork

WORKER_SILENCE: Final = timedelta(seconds=30)
OUTBOX_LAG_SECONDS: Final = 300


class Readiness(msgspec.Struct, frozen=True):
    ready: bool
    checks: dict[str, str]


@get(
    "/healthz", guards=[public], opt={"limit": UNLIMITED}, include_in_schema=True, tags=["health"], sync_to_thread=False
)
def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@get("/readyz", guards=[public], opt={"limit": "watch"}, tags=["health"])
async def readyz() -> Response[Readiness]:
    """503 names the part that fails."""
    checks = await check_readiness()
    ready = all(value == "ok" for value in checks.values())
    return Response(Readiness(ready, checks), status_code=200 if ready else 503)


async def check_readiness() -> dict[str, str]:
    try:
        return await read(_check)
    except Exception as error:
        return {"database": f"not reachable: {type(error).__name__}"}


async def _check(uow: UnitOfWork) -> dict[str, str]:
    checks = {"database": "ok"}
    checks["migrations"] = "ok" if await _is_migrated(uow) else "behind: run `shop migrate`"
    seen = (await sql(uow).execute(text("select max(seen_at) from kernel.heartbeat"))).scalar()
    silent = seen is None or now() - seen > WORKER_SILENCE
    last = f"not seen since {seen}" if seen else "never seen: is `shop worker` running?"
    checks["worker"] = last if silent else "ok"
    state = await outbox_state(uow)
    late = state.oldest_pending_seconds > OUTBOX_LAG_SECONDS
    checks["outbox"] = f"oldest event waits {state.oldest_pending_seconds} s" if late else "ok"
    return checks


async def _is_migrated(uow: UnitOfWork) -> bool:
    for schema, heads in migrate.expected_heads().items():
        try:
            present = await sql(uow).execute(text(f"select version_num from {schema}.{migrate.VERSION_TABLE}"))
        except DBAPIError as error:
            if isinstance(error.orig, UndefinedTable):
                return False
            raise
        if heads != set(present.scalars()):
            return False
    return True


@get("/metrics", guards=[public], opt={"limit": "watch"}, tags=["health"], media_type="text/plain")
async def metrics() -> Response[bytes]:
    """Prometheus text format, over all web processes of this container."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(multiprocess_folder()))  # type: ignore[no-untyped-call]
    state = await read(outbox_state)
    gauges: dict[str, Any] = {
        "shop_outbox_pending": state.pending,
        "shop_outbox_dead": state.dead,
        "shop_outbox_oldest_seconds": state.oldest_pending_seconds,
    }
    for name, value in gauges.items():
        Gauge(name, name.replace("_", " "), registry=registry).set(value)
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


HANDLERS: Final = (healthz, readyz, metrics)
