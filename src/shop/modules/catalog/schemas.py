"""What goes into the catalogue: products and categories as an import, a demo or the back office describe them."""

from datetime import datetime
from typing import Literal

import msgspec

from shop.contracts.catalog import ProductId, VariantId

ProductStatus = Literal["draft", "active", "archived"]
AttributeType = Literal["text", "number", "bool"]
AttributeValue = bool | int | float | str
CategoryPath = tuple[str, ...]
"""Titles from the top down: ("Kitchen", "Coffee machines")."""


class AttributeDefinition(msgspec.Struct, frozen=True):
    """`code` names it in URLs and filters, `facet` offers its values as filters."""

    code: str
    label: str
    type: AttributeType = "text"
    facet: bool = True


class ImageDraft(msgspec.Struct, frozen=True):
    """`name` is that of the kernel's media store; width and height in pixels."""

    name: str
    width: int
    height: int
    alt: str = ""


class VariantDraft(msgspec.Struct, frozen=True):
    """`image` is the name of one of the product's images."""

    sku: str
    options: dict[str, str] = {}
    weight_grams: int = 0
    image: str | None = None


class ProductDraft(msgspec.Struct, frozen=True):
    """A whole product, known by its slug: variants, images and categories that it doesn't name are taken away.

    Its variants stand in their order, the first priced one being the default; `option_names` default to the first
    variant's. `status` None means: as it is, or active when new. The first category is the breadcrumb's.
    """

    slug: str
    title: str
    variants: tuple[VariantDraft, ...]
    description_html: str = ""
    status: ProductStatus | None = None
    attributes: dict[str, AttributeValue] = {}
    option_names: tuple[str, ...] = ()
    images: tuple[ImageDraft, ...] = ()
    categories: tuple[CategoryPath, ...] = ()
    seo_title: str | None = None
    seo_description: str | None = None
    published_at: datetime | None = None


class ProductResult(msgspec.Struct, frozen=True):
    """What became of a draft; `problems` say why it failed, and nothing of it is kept then."""

    slug: str
    outcome: Literal["created", "updated", "failed"]
    product_id: ProductId | None = None
    variant_ids: dict[str, VariantId] = {}
    """By SKU."""
    problems: tuple[str, ...] = ()


class ProductEdit(msgspec.Struct, frozen=True):
    """What the back office changes of a product; None leaves a field as it is."""

    title: str | None = None
    description_html: str | None = None
    status: ProductStatus | None = None
