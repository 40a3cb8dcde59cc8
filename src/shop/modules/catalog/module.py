"""The manifest of catalog."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="catalog")
