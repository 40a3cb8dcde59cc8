"""What the rows of one product come to: drafts to save, prices and stock to set, and what was refused."""

import msgspec

from shop.kernel.money import Money
from shop.modules.catalog.importing.report import Issue
from shop.modules.catalog.schemas import AttributeDefinition, CategoryPath, ProductDraft, ProductStatus, VariantDraft


class PricePlan(msgspec.Struct, frozen=True):
    amount: Money
    compare_at: Money | None


class VariantPlan(msgspec.Struct, frozen=True):
    """`stock` None: as counted already, `default_stock` when the variant is new."""

    row: int
    draft: VariantDraft
    prices: tuple[PricePlan, ...]
    tax_class: str
    stock: int | None
    default_stock: int
    sku_column: str = ""
    stock_column: str = ""
    """Where its SKU and its count stand, or would."""


class ProductPlan(msgspec.Struct, frozen=True):
    """Without a `draft` the product as a whole is refused. The draft's variants are those of `variants`.

    `refused_skus` are variants of the file that can't be saved: those that the shop already has stay as they are.
    `all_categories` are categories of the shop that the product's row names, in the order of menus.
    A `slug_is_made` from the title and the like: the product that has its SKUs already keeps its address.
    `images_known` is off where no folder of images was named: those that the shop already has stay then.
    """

    key: str
    row: int
    draft: ProductDraft | None = None
    variants: tuple[VariantPlan, ...] = ()
    attributes: tuple[AttributeDefinition, ...] = ()
    all_categories: tuple[CategoryPath, ...] = ()
    default_status: ProductStatus = "active"
    issues: tuple[Issue, ...] = ()
    refused_skus: tuple[str, ...] = ()
    images_known: bool = True
    slug_is_made: bool = False
