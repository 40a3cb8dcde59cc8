"""The manifest of inventory."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="inventory")
