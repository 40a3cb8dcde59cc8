"""The manifest of cart."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="cart")
