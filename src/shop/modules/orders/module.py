"""The manifest of orders."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="orders")
