"""Who may call a route. Every route declares exactly one rule as a guard; one without refuses to boot.

@get("/admin/orders", guards=[staff("orders.view")])
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from litestar import Litestar, Request
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from shop.kernel.errors import Forbidden, NotSignedIn
from shop.kernel.http.csrf import check_csrf
from shop.kernel.http.sessions import Connection, is_api, principal_of


class MissingRule(Exception):
    """Routes that don't say who may call them."""


@dataclass(frozen=True)
class AccessRule:
    """`kind` is public, customer, staff or signature; `permission` is what staff must hold."""

    kind: str
    permission: str | None = None

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        if self.kind != "signature" and isinstance(connection, Request) and not is_api(connection):
            await check_csrf(connection)
        if self.kind in {"public", "signature"}:
            return
        principal = await principal_of(connection)
        if principal is None:
            raise NotSignedIn
        if self.kind == "staff" and not principal.may(self.permission or ""):
            raise Forbidden


public: Final = AccessRule("public")
"""Anybody. The handler itself checks tokens of carts and orders."""
customer: Final = AccessRule("customer")
"""Whoever is signed in."""
signature: Final = AccessRule("signature")
"""Programs of others, known by a signature over the body that the handler checks before anything else."""


def staff(permission: str) -> AccessRule:
    return AccessRule("staff", permission)


def rules_of(app: Litestar) -> Iterator[tuple[str, str, AccessRule | None]]:
    """(method, path, rule) of every route that the shop declares."""
    for route in app.routes:
        for handler in _handlers(route):
            rules = [guard for guard in handler.resolve_guards() if isinstance(guard, AccessRule)]
            methods = sorted(handler.http_methods) if isinstance(handler, HTTPRouteHandler) else ["WS"]
            for method in methods:
                if method != "OPTIONS":
                    yield method, route.path, rules[-1] if rules else None


def _handlers(route: Any) -> Iterable[BaseRouteHandler]:
    handlers = getattr(route, "route_handlers", None) or [route.route_handler]
    return [handler for handler in handlers if handler.fn.__module__.startswith(("shop", "tests")) or handler.guards]


def check_rules(app: Litestar, known_permissions: Iterable[str]) -> None:
    """Raises MissingRule that names every route without a rule, or with a permission that no manifest declares."""
    known = set(known_permissions)
    wrong = [
        f"{method} {path}: {'no access rule' if rule is None else f'unknown permission {rule.permission!r}'}"
        for method, path, rule in rules_of(app)
        if rule is None or (rule.permission is not None and rule.permission not in known)
    ]
    if wrong:
        raise MissingRule("These routes can't be served:\n  " + "\n  ".join(wrong))
