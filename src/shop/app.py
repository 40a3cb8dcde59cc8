"""The web application: Litestar with every module's routes, inside the gateway."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
from litestar import Litestar
from litestar.openapi import OpenAPIConfig

from shop import wiring
from shop.kernel.cache import CacheSync
from shop.kernel.config import settings
from shop.kernel.db import dispose_engines
from shop.kernel.http import api_docs, health, media, static
from shop.kernel.http.access import check_rules
from shop.kernel.http.access_log import FLUSH_SECONDS
from shop.kernel.http.errors import EXCEPTION_HANDLERS
from shop.kernel.http.gateway import Gateway
from shop.kernel.http.ratelimit import limits
from shop.kernel.http.requests import ShopRequest
from shop.kernel.http.route_plan import MAX_BODY_BYTES, check_classes
from shop.kernel.logs import configure_logs
from shop.kernel.redis_client import close_clients
from shop.relay import poke_after_commits

log = structlog.get_logger(__name__)


def build_litestar(*lifespan: Callable[[Litestar], AbstractAsyncContextManager[None]]) -> Litestar:
    """All routes, checked. Raises MissingRule for a route without an access rule, UnknownClass for one that is counted
    in no class there is."""
    manifests = wiring.boot()
    app = Litestar(
        [
            *health.HANDLERS,
            *static.HANDLERS,
            *media.HANDLERS,
            *api_docs.HANDLERS,
            *(route for m in manifests for route in m.routes),
        ],
        request_class=ShopRequest,
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=OpenAPIConfig(
            title="Shop API", version="1", path="/_openapi", render_plugins=[], use_handler_docstrings=True
        ),
        logging_config=None,
        lifespan=list(lifespan),
    )
    check_rules(app, wiring.permissions(manifests), wiring.scopes(manifests))
    check_classes(app)
    return app


@asynccontextmanager
async def background_tasks(gateway: Gateway) -> AsyncIterator[None]:
    """What runs beside the requests of one web process."""

    async def flush_log() -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            gateway.log.flush()

    tasks = [
        asyncio.create_task(CacheSync().run()),
        asyncio.create_task(gateway.metrics.run()),
        asyncio.create_task(limits().settling.run()),
        asyncio.create_task(flush_log()),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        gateway.log.flush()
        await close_clients()
        await dispose_engines()


def create_app() -> Gateway:
    """What the web server runs. Raises SettingsError, WiringError or MissingRule rather than serve a broken shop."""
    configure_logs("web")
    limits()
    if settings().rate_limits == "off":
        log.warning("rate_limits_off", danger="anybody may try passwords as often as they like: for load tests alone")
    # Large uploads are parsed into temporary files; in a container /tmp is memory.
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(settings().data_dir)
    poke_after_commits()

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with background_tasks(gateway):
            yield

    gateway = Gateway(build_litestar(lifespan))
    return gateway
