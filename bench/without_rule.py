"""`python -m bench.without_rule`: the shop's web server; but for one access rule, where BENCH_CALLER names the account whose
request each is: what is left is what the handler costs."""

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar.handlers import HTTPRouteHandler

from shop import app, web
from shop.kernel.config import settings
from shop.kernel.http.sessions import PRINCIPAL_KEY, Principal

PATH = "/api/v1/orders"


def create_app(whole: Callable[[], Any] = app.create_app) -> Callable[..., Any]:
    """Raises LookupError when the route is not there."""
    gateway = whole()
    if not os.environ["BENCH_CALLER"]:
        return gateway
    handlers = [handler for route in gateway.app.routes if route.path == PATH for handler in route.route_handlers]
    guarded = [each for each in handlers if isinstance(each, HTTPRouteHandler) and each.http_methods == {"GET"}]
    if len(guarded) != 1 or not guarded[0].resolve_guards():
        raise LookupError(f"GET {PATH} with an access rule")
    guarded[0].resolve_guards().clear()
    caller = Principal(UUID(os.environ["BENCH_CALLER"]), "bench@example.com", "Bench")

    async def known(scope: Any, receive: Any, send: Any) -> None:
        scope[PRINCIPAL_KEY] = caller
        await gateway(scope, receive, send)

    return known


if __name__ == "__main__":
    app.create_app = create_app  # type: ignore[assignment]  # an application all the same
    web.run(settings())
