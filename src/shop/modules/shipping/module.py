"""The manifest of shipping."""

from shop.contracts.shipping import Shipping
from shop.kernel.manifest import Manifest
from shop.modules.shipping.models import METADATA
from shop.modules.shipping.ports import DatabaseShipping

MANIFEST = Manifest(name="shipping", provides={Shipping: DatabaseShipping()}, metadata=METADATA)
