"""What may be allowed to people and programs, in words, as all modules declare it in their manifests.

permissions()["orders.view"] == "See orders"        # staff, and programs in their place
scopes()["orders.read"] == "See your orders"        # programs in the place of a customer
"""

from collections.abc import Mapping
from types import MappingProxyType

from shop.kernel.manifest import Manifest

_permissions: dict[str, str] = {}
_scopes: dict[str, str] = {}


def register_rights(manifest: Manifest) -> None:
    _permissions.update(manifest.permissions)
    _scopes.update(manifest.scopes)


def forget_rights() -> None:
    _permissions.clear()
    _scopes.clear()


def permissions() -> Mapping[str, str]:
    return MappingProxyType(_permissions)


def scopes() -> Mapping[str, str]:
    return MappingProxyType(_scopes)
