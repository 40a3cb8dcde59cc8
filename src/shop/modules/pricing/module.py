"""The manifest of pricing."""

from shop.contracts.pricing import Prices, PricesChanged
from shop.kernel.manifest import Manifest
from shop.modules.pricing.models import METADATA
from shop.modules.pricing.ports import DatabasePrices

MANIFEST = Manifest(name="pricing", provides={Prices: DatabasePrices()}, emits=(PricesChanged,), metadata=METADATA)
