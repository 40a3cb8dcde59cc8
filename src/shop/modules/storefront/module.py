"""The manifest of storefront."""

from shop.contracts.catalog import Addresses, Showcase
from shop.kernel.manifest import Manifest
from shop.modules.storefront import machines, pages

MANIFEST = Manifest(
    name="storefront",
    requires=(Showcase, Addresses),
    routes=(*pages.HANDLERS, *machines.HANDLERS),
    page_context=(pages.footer_links,),
)
