"""The manifest of identity."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="identity")
