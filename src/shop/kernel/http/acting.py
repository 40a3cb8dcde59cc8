"""Whose request it is, as the audit log tells it: no more than is needed to find them, and nothing about the person."""

from ipaddress import ip_network
from typing import Any, Final

from shop.kernel.audit import CODE, Acting, Actor
from shop.kernel.http.sessions import Connection, Principal

KEPT_BITS: Final = {4: 24, 6: 48}


def actor_of(principal: Principal) -> Actor:
    if principal.program:
        return Actor("program", principal.client_id or str(principal.account_id))
    return Actor("account", str(principal.account_id), principal.client_id)


def acting_of(connection: Connection, principal: Principal, permission: str) -> Acting:
    scope: Any = connection.scope
    return Acting(
        actor=actor_of(principal),
        permission=permission,
        method=scope.get("method", "WS"),
        route=scope.get("path_template", ""),
        subject=subject_in(connection.path_params),
        request_id=scope.get("shop.request_id"),
        network=network_of(connection.client.host) if connection.client else None,
    )


def subject_in(path_params: dict[str, Any]) -> tuple[str, str] | None:
    """What the last parameter of the path names: `order_id` an order."""
    for name, value in reversed(path_params.items()):
        if CODE.fullmatch(text := str(value)):
            return name.removesuffix("_id"), text
    return None


def network_of(address: str) -> str | None:
    try:
        version = 6 if ":" in address else 4
        return str(ip_network(f"{address}/{KEPT_BITS[version]}", strict=False))
    except ValueError:
        return None
