"""The manifest of pricing."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="pricing")
