"""The built-in roles of staff: which permissions each is made of.

`docs/roles.md` shows them as a table of role by action; a test holds the two together, and another that every
permission named here is declared by a module. A shop may make roles of its own beside them.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

OWNER: Final = "owner"
EVERYTHING: Final = "*"
"""The permission that holds all others."""


class Role(msgspec.Struct, frozen=True):
    code: str
    title: str
    permissions: frozenset[str]


BUILT_IN: Final = {
    role.code: role
    for role in (
        Role(OWNER, "Owner", frozenset({EVERYTHING})),
        Role(
            "manager",
            "Manager",
            frozenset(
                {
                    "backoffice.view",
                    "audit.view",
                    "customers.manage",
                    "customers.view",
                    "messages.resend",
                    "messages.view",
                    "orders.refund",
                    "orders.view",
                    "outbox.view",
                    "payments.capture",
                    "payments.view",
                    "products.edit",
                    "products.view",
                    "refunds.approve",
                    "staff.view",
                    "stock.edit",
                    "stock.view",
                    "wallet.adjust",
                    "wallet.view",
                }
            ),
        ),
        Role(
            "catalogue",
            "Catalogue editor",
            frozenset({"backoffice.view", "products.view", "products.edit", "stock.view", "stock.edit"}),
        ),
        Role(
            "orders",
            "Order desk",
            frozenset(
                {
                    "backoffice.view",
                    "customers.view",
                    "messages.resend",
                    "messages.view",
                    "orders.refund",
                    "orders.view",
                    "payments.capture",
                    "payments.view",
                    "products.view",
                    "stock.view",
                    "wallet.view",
                }
            ),
        ),
        Role(
            "operations",
            "Operations",
            frozenset({"backoffice.view", "outbox.view", "outbox.replay", "messages.view", "messages.resend"}),
        ),
        Role(
            "viewer",
            "Viewer",
            frozenset({"backoffice.view", "orders.view", "products.view", "stock.view"}),
        ),
    )
}


def permissions_of(roles: Iterable[str], own: Iterable[str]) -> frozenset[str]:
    """What somebody with these roles may do; `own` are the permissions of roles that the shop made itself."""
    built_in = (BUILT_IN[code].permissions for code in roles if code in BUILT_IN)
    return frozenset(own).union(*built_in)
