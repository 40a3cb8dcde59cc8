"""The manifest of storefront."""

from shop.contracts.catalog import Showcase
from shop.kernel.manifest import Manifest
from shop.modules.storefront import pages

MANIFEST = Manifest(
    name="storefront",
    requires=(Showcase,),
    routes=pages.ROUTES,
    page_context=(pages.footer_links,),
)
