"""Who may call a route. Every route declares exactly one rule as a guard; one without refuses to boot.

@get("/admin/orders", guards=[staff("orders.view")])
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import structlog
from litestar import Litestar, Request
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from shop.kernel import audit
from shop.kernel.config import settings
from shop.kernel.errors import Forbidden, NotSignedIn, OutOfScope, SecondFactorRequired
from shop.kernel.http.acting import acting_of, actor_of
from shop.kernel.http.csrf import check_csrf
from shop.kernel.http.ratelimit import class_of, count_request
from shop.kernel.http.sessions import Connection, Principal, is_api, signed_in

log = structlog.get_logger(__name__)


class MissingRule(Exception):
    """Routes that don't say who may call them."""


@dataclass(frozen=True)
class AccessRule:
    """`kind` is public, customer, staff or signature; `permission` is what staff must hold, `scope` what a program that
    acts for a customer must have been given (None: no program may)."""

    kind: str
    permission: str | None = None
    scope: str | None = None

    @property
    def is_for_somebody(self) -> bool:
        return self.kind not in {"public", "signature"}

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """The steps of the gateway that need the route, in its order."""
        audit.acts(None)
        try:
            principal = await authentication(self, connection)
            access_rule(self, connection, principal)
        except (NotSignedIn, Forbidden):
            if isinstance(connection, Request):
                await count_request(connection, "refused", None)
            raise
        if isinstance(connection, Request):
            await rate_limit(self, connection, handler, principal)
            await csrf(self, connection)


async def authentication(rule: AccessRule, connection: Connection) -> Principal | None:
    """Who asks; None on a public route, which asks nobody, so that its page can be everybody's. Raises NotSignedIn."""
    return await signed_in(connection) if rule.is_for_somebody else None


def access_rule(rule: AccessRule, connection: Connection, principal: Principal | None) -> None:
    """Raises Forbidden and its kinds."""
    if principal is None:
        return
    if rule.kind == "staff":
        _admit_staff(rule.permission or "", connection, principal)
    elif principal.program or not principal.in_scope(rule.scope):
        raise OutOfScope(rule.scope)


def _admit_staff(permission: str, connection: Connection, principal: Principal) -> None:
    """Whatever they change from now on is told of in the audit log; a refusal changes nothing and is logged."""
    try:
        check_staff(principal, permission)
    except (Forbidden, OutOfScope, SecondFactorRequired) as refusal:
        log.warning("staff_refused", actor=actor_of(principal).id, permission=permission, reason=refusal.code)
        raise
    audit.acts(acting_of(connection, principal, permission))


async def rate_limit(
    rule: AccessRule, request: Request[Any, Any, Any], handler: BaseRouteHandler, principal: Principal | None
) -> None:
    """Raises TooMany."""
    name = class_of(rule.kind, request.method, handler.opt.get("limit"))
    await count_request(request, name, str(principal.account_id) if principal is not None else None)


async def csrf(rule: AccessRule, request: Request[Any, Any, Any]) -> None:
    """Raises CrossSite. For pages alone: the API takes no cookies, and a signature can't be borrowed."""
    if rule.kind != "signature" and not is_api(request):
        await check_csrf(request)


public: Final = AccessRule("public")
"""Anybody. The handler itself checks tokens of carts and orders."""
customer: Final = AccessRule("customer")
"""Whoever is signed in; no program of others."""
signature: Final = AccessRule("signature")
"""Programs of others, known by a signature over the body that the handler checks before anything else."""


def staff(permission: str) -> AccessRule:
    """Staff who hold `permission`, or a program that was given the scope of that name."""
    return AccessRule("staff", permission)


def customer_or_program(scope: str) -> AccessRule:
    """Whoever is signed in, or a program to which they gave `scope`."""
    return AccessRule("customer", scope=scope)


def check_staff(principal: Principal, permission: str) -> None:
    """Raises OutOfScope, Forbidden, SecondFactorRequired."""
    if not principal.in_scope(permission):
        raise OutOfScope(permission)
    if not principal.may(permission):
        raise Forbidden
    if not (principal.program or principal.strong) and settings().second_factor_of_staff == "required":
        raise SecondFactorRequired


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


def check_rules(app: Litestar, known_permissions: Iterable[str], known_scopes: Iterable[str]) -> None:
    """Raises MissingRule that names every route without a rule, or with a permission or scope that no manifest declares."""
    permissions, scopes = {None, *known_permissions}, {None, *known_scopes}
    wrong = [
        f"{method} {path}: " + ("no access rule" if rule is None else f"unknown {rule.permission or rule.scope!r}")
        for method, path, rule in rules_of(app)
        if rule is None or rule.permission not in permissions or rule.scope not in scopes
    ]
    if wrong:
        raise MissingRule("These routes can't be served:\n  " + "\n  ".join(wrong))
