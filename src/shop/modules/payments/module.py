"""The manifest of payments."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="payments")
