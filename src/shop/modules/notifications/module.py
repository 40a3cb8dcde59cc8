"""The manifest of notifications."""

from shop.kernel.manifest import Manifest

MANIFEST = Manifest(name="notifications")
