"""The manifest of storefront."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="storefront")
