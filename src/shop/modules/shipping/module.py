"""The manifest of shipping."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="shipping")
