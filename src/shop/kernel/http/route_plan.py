"""What the gateway must know of a route before Litestar works on it: how much may be sent there, and how long it may take."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.utils import normalize_path

from shop.kernel.http.access import AccessRule
from shop.kernel.http.ratelimit import CLASSES, UNLIMITED

MAX_BODY_BYTES: Final = 1024 * 1024
"""Of a request to a route that doesn't say otherwise."""


class RoutePlan(NamedTuple):
    body_bytes: int | None
    """None: the route's own guard looks at the length."""
    seconds: int | None
    """None: as long as any."""
    has_rule: bool
    """One without is counted by the gateway itself: an address that isn't there, OPTIONS."""


UNMATCHED: Final = RoutePlan(MAX_BODY_BYTES, None, has_rule=False)


class UnknownClass(Exception):
    """Routes whose `opt["limit"]` names no class."""


class RoutePlans:
    def __init__(self, app: Litestar) -> None:
        self._find = app.asgi_router.handle_routing
        self._plan_of = lru_cache(maxsize=None)(_plan_of)

    def plan_of(self, scope: Any) -> RoutePlan:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        try:
            handler = self._find(path=normalize_path(scope["path"]), method=method)[1]
        except HTTPException:
            return UNMATCHED
        return self._plan_of(handler)


def _plan_of(handler: Any) -> RoutePlan:
    has_rule = any(isinstance(guard, AccessRule) for guard in handler.resolve_guards())
    return RoutePlan(handler.resolve_request_max_body_size(), handler.opt.get("seconds"), has_rule)


def check_classes(app: Litestar) -> None:
    """Raises UnknownClass."""
    handlers: set[BaseRouteHandler] = set()
    for route in app.routes:
        handlers |= set(getattr(route, "route_handlers", None) or [route.route_handler])  # type: ignore[union-attr]  # each kind has one
    wrong = {
        f"{handler.opt['limit']!r} at {sorted(handler.paths)}"
        for handler in handlers
        if "limit" in handler.opt and handler.opt["limit"] not in {*CLASSES, UNLIMITED}
    }
    if wrong:
        raise UnknownClass("These routes can't be counted:\n  " + "\n  ".join(sorted(wrong)))
