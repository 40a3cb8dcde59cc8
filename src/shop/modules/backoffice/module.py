"""The manifest of backoffice."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="backoffice")
