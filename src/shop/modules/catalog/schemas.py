"""What goes into the catalogue, as an import, a demo or the back office describe it, and what its pages and API answer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shop.contracts.catalog import ProductId, VariantId
from shop.kernel.money import Money

ProductStatus = Literal["draft", "active", "archived"]
AttributeType = Literal["text", "number", "bool"]
AttributeValue = bool | int | float | str
Order = Literal["relevance", "newest", "price_asc", "price_desc", "rating"]
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


class PresentVariant(msgspec.Struct, frozen=True):
    """`options` are [name, value] pairs in order."""

    id: VariantId
    sku: str
    options: tuple[tuple[str, str], ...]
    weight_grams: int
    image: str | None


class PresentProduct(msgspec.Struct, frozen=True):
    """A product as it is, with those of its variants that are on sale and the slugs of its categories."""

    id: ProductId
    slug: str
    title: str
    description_html: str
    status: ProductStatus
    attributes: dict[str, AttributeValue]
    option_names: tuple[str, ...]
    seo_title: str | None
    seo_description: str | None
    published_at: datetime | None
    variants: tuple[PresentVariant, ...]
    images: tuple[ImageDraft, ...]
    categories: tuple[str, ...]


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


class Rating(msgspec.Struct, frozen=True):
    """Stars from 0 to 5, and of how many reviews."""

    average: float
    count: int


class Item(msgspec.Struct, frozen=True):
    """A product in a list. SKU and prices are its default variant's; `price_varies` says that others cost more,
    `low_stock` that few pieces are left of all together, `colors` between which colours there is a choice."""

    id: UUID
    slug: str
    sku: str
    title: str
    price: Money
    compare_at_price: Money | None
    price_varies: bool
    in_stock: bool
    rating: Rating
    image: str | None
    url: str
    image_alternate: str | None = None
    low_stock: bool = False
    colors: tuple[str, ...] = ()
    published_at: datetime | None = None


class FacetValue(msgspec.Struct, frozen=True):
    value: str
    label: str
    count: int


class Facet(msgspec.Struct, frozen=True):
    """Filter by it with `attr.<code>=<value>`; its counts hold if it were not chosen from already."""

    code: str
    label: str
    values: list[FacetValue]


class ProductList(msgspec.Struct, frozen=True):
    """`total` counts all that match; `suggestion` is a corrected query, if there is one."""

    items: list[Item]
    next_cursor: str | None
    total: int
    facets: list[Facet]
    suggestion: str | None = None


class CategoryNode(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    title: str
    url: str
    product_count: int
    image: str | None
    children: "list[CategoryNode]"


class CategoryRef(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    title: str
    url: str


class ProductImage(msgspec.Struct, frozen=True):
    """Width and height in pixels."""

    url: str
    alt: str
    width: int
    height: int


class ProductOption(msgspec.Struct, frozen=True):
    name: str
    values: list[str]


class ProductAttribute(msgspec.Struct, frozen=True):
    code: str
    label: str
    type: AttributeType
    value: AttributeValue


class ProductVariant(msgspec.Struct, frozen=True):
    """`available` pieces can be bought now."""

    id: VariantId
    sku: str
    options: dict[str, str]
    price: Money
    compare_at_price: Money | None
    available: int
    image: str | None


class ProductPage(msgspec.Struct, frozen=True):
    """A product as its page shows it. `categories` lead from the top to its own; the first variant is the default."""

    id: ProductId
    slug: str
    sku: str
    title: str
    price: Money
    compare_at_price: Money | None
    price_varies: bool
    in_stock: bool
    rating: Rating
    image: str | None
    url: str
    description_html: str
    images: list[ProductImage]
    options: list[ProductOption]
    attributes: list[ProductAttribute]
    variants: list[ProductVariant]
    categories: list[CategoryRef]
    seo_title: str | None
    seo_description: str | None


class Suggested(msgspec.Struct, frozen=True):
    kind: Literal["product", "category"]
    title: str
    url: str
    image: str | None


class Suggestions(msgspec.Struct, frozen=True):
    items: list[Suggested]


class CategoryTree(msgspec.Struct, frozen=True):
    items: list[CategoryNode]
