"""The manifest of storefront."""

from shop.kernel.manifest import Manifest
from shop.modules.storefront import pages

MANIFEST = Manifest(
    name="storefront",
    routes=pages.ROUTES,
    page_context=(pages.footer_links,),
)
