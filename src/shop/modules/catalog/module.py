"""The manifest of catalog."""

from shop.contracts.catalog import CategoriesChanged, ProductsChanged, Variants
from shop.kernel.manifest import Manifest
from shop.modules.catalog import models
from shop.modules.catalog.ports import CatalogVariants

MANIFEST = Manifest(
    name="catalog",
    provides={Variants: CatalogVariants()},
    emits=(ProductsChanged, CategoriesChanged),
    metadata=models.METADATA,
)
