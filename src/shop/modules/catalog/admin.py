"""Products in the back office: found by title or SKU; words, status, prices and stock changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import BelowReserved
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.fields import Line
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, decode_cursor, encode_cursor
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.kernel.media.names import media_url
from shop.kernel.money import MAX_AMOUNT, Money, minor_digits, parse_decimal
from shop.modules.catalog.rules import MAX_DESCRIPTION, product_url
from shop.modules.catalog.schemas import ProductEdit, ProductStatus
from shop.modules.catalog.service import edit_product as editing
from shop.modules.catalog.service.edit_product import NewPrice, ProductSheet

MAX_ON_HAND: Final = 10_000_000
STATUSES: Final = ("draft", "active", "archived")
STATUS_KINDS: Final = {"draft": "neutral", "active": "success", "archived": "warning"}
PERMISSIONS: Final = {"products.view": "See products", "products.edit": "Change products and their prices"}
LINKS: Final = (AdminLink("Products", "/admin/products", "tag", "products.view", 20),)

ShopRequest = Request[Any, Any, Any]


class ProductForm(msgspec.Struct, frozen=True):
    title: Line
    description_html: Annotated[str, msgspec.Meta(max_length=MAX_DESCRIPTION, pattern=fields.PRINTABLE)]
    status: ProductStatus


@get("/admin/products", guards=[staff("products.view")], include_in_schema=False)
async def products_page(
    request: ShopRequest,
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    status: FromQuery[Literal["draft", "active", "archived", ""]] = "",
    cursor: Cursor = None,
) -> HTMLPage:
    key = decode_cursor(cursor, UUID)
    wanted = q.strip().replace("\x00", "")
    found = list(await read(editing.find_products, wanted, status, key[0] if key else None, DEFAULT_LIMIT + 1))
    shown = found[:DEFAULT_LIMIT]
    principal = (await session_of(request)).principal
    context = {
        "products": shown,
        "images": {line.id: media_url(line.image) for line in shown if line.image},
        "kinds": STATUS_KINDS,
        "statuses": STATUSES,
        "q": q,
        "status": status,
        "cursor": cursor,
        "may_import": principal is not None and principal.may("products.edit"),
        "next_cursor": encode_cursor(shown[-1].id) if len(found) > DEFAULT_LIMIT else None,
    }
    return await admin_page(request, "catalog/admin_products.html", context)


@get("/admin/products/{product_id:uuid}", guards=[staff("products.view")], include_in_schema=False)
async def product_page(request: ShopRequest, product_id: FromPath[UUID]) -> HTMLPage:
    return await _sheet_page(request, product_id)


@post("/admin/products/{product_id:uuid}", guards=[staff("products.edit")], include_in_schema=False)
async def edit_from_form(request: ShopRequest, product_id: FromPath[UUID]) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        wanted = fields.check(ProductForm, form)
    except Invalid as refusal:
        return await _sheet_page(request, product_id, form, refusal.errors)
    await write(editing.edit_product, product_id, ProductEdit(wanted.title, wanted.description_html, wanted.status))
    return await _saved(request, product_id, "The product is saved")


@post("/admin/products/{product_id:uuid}/prices", guards=[staff("products.edit")], include_in_schema=False)
async def price_from_form(request: ShopRequest, product_id: FromPath[UUID]) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        prices = _prices(await read(editing.show_sheet, product_id, settings().currency), form)
    except Invalid as refusal:
        return await _sheet_page(request, product_id, form, refusal.errors)
    if prices:
        await write(editing.set_prices, product_id, prices)
    return await _saved(request, product_id, "The prices are saved")


@post("/admin/products/{product_id:uuid}/stock", guards=[staff("stock.edit")], include_in_schema=False)
async def stock_from_form(request: ShopRequest, product_id: FromPath[UUID]) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        counts = _counts(await read(editing.show_sheet, product_id, settings().currency), form)
        if counts:
            await write(editing.set_stock, product_id, counts)
    except Invalid as refusal:
        return await _sheet_page(request, product_id, form, refusal.errors)
    except BelowReserved as refusal:
        return await _sheet_page(request, product_id, form, [FieldError("", refusal.detail)], status=409)
    return await _saved(request, product_id, "The stock is saved")


async def _saved(request: ShopRequest, product_id: UUID, words: str) -> Redirect:
    (await session_of(request)).flash("success", words)
    return Redirect(f"/admin/products/{product_id}", status_code=303)


async def _sheet_page(
    request: ShopRequest,
    product_id: UUID,
    form: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
) -> HTMLPage:
    sheet = await read(editing.show_sheet, product_id, settings().currency)
    principal = (await session_of(request)).principal
    detail = sheet.detail
    context = {
        "product": detail,
        "kind": STATUS_KINDS[detail.status],
        "url": product_url(detail.slug) if detail.status == "active" else None,
        "statuses": [{"value": each, "label": each.capitalize()} for each in STATUSES],
        "rows": list(_rows(sheet)),
        "images": [{"url": media_url(image.name), "alt": image.alt} for image in detail.images],
        "form": {"title": detail.title, "description_html": detail.description_html, "status": detail.status}
        | dict(form or {}),
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "currency": settings().currency,
        "may_edit": principal is not None and principal.may("products.edit"),
        "may_count": principal is not None and principal.may("stock.edit"),
    }
    return await admin_page(request, "catalog/admin_product.html", context, status=status if errors else 200)


def _rows(sheet: ProductSheet) -> Iterator[dict[str, Any]]:
    """A row per variant, its values as the forms' fields hold them."""
    for variant in sheet.detail.variants:
        price = sheet.prices.get(VariantId(variant.id))
        level = sheet.levels[VariantId(variant.id)]
        yield {
            "id": variant.id,
            "sku": variant.sku,
            "words": ", ".join(f"{name}: {value}" for name, value in variant.options),
            "active": variant.active,
            "price": _decimal(price.amount) if price else "",
            "compare_at": _decimal(price.compare_at) if price and price.compare_at else "",
            "on_hand": level.on_hand,
            "reserved": level.reserved,
            "available": level.available,
        }


def _decimal(money: Money) -> str:
    digits = minor_digits(money.currency)
    return f"{money.amount // 10**digits}.{money.amount % 10**digits:0{digits}d}" if digits else str(money.amount)


def _prices(sheet: ProductSheet, form: Mapping[str, str]) -> dict[VariantId, NewPrice]:
    """The prices that differ from those on record. Raises Invalid."""
    problems: list[FieldError] = []
    wanted: dict[VariantId, NewPrice] = {}
    for variant in sheet.detail.variants:
        variant_id = VariantId(variant.id)
        amount = _amount(form, f"price.{variant.id}", problems)
        former = _amount(form, f"compare_at.{variant.id}", problems)
        before = sheet.prices.get(variant_id)
        if amount is None:
            if (before or former) and not problems and f"price.{variant.id}" in form:
                problems.append(
                    FieldError(f"price.{variant.id}", "A price is needed; to end the sale, archive the product")
                )
            continue
        if former is not None and former.amount <= amount.amount:
            problems.append(FieldError(f"compare_at.{variant.id}", "The former price must be higher than the price"))
        elif before is None or (before.amount, before.compare_at) != (amount, former):
            wanted[variant_id] = NewPrice(amount, former)
    if problems:
        raise Invalid(problems)
    return wanted


def _amount(form: Mapping[str, str], name: str, problems: list[FieldError]) -> Money | None:
    text = form.get(name, "")
    if not text:
        return None
    try:
        money = parse_decimal(text, settings().currency)
    except ValueError as error:
        problems.append(FieldError(name, str(error)))
        return None
    if not 0 <= money.amount <= MAX_AMOUNT:
        problems.append(FieldError(name, "A price can't be negative, nor this high"))
        return None
    return money


def _counts(sheet: ProductSheet, form: Mapping[str, str]) -> dict[VariantId, int]:
    """The counts that differ from those the form was made with: what others sold meanwhile is not undone by saving
    another row. Raises Invalid."""
    problems: list[FieldError] = []
    wanted: dict[VariantId, int] = {}
    for variant in sheet.detail.variants:
        name = f"on_hand.{variant.id}"
        text = form.get(name)
        if text is None or text == form.get(f"was.{variant.id}"):
            continue
        if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) > MAX_ON_HAND:
            problems.append(FieldError(name, f"A whole number from 0 to {MAX_ON_HAND:,}"))
        else:
            wanted[VariantId(variant.id)] = int(text)
    if problems:
        raise Invalid(problems)
    return wanted


HANDLERS: Final = (products_page, product_page, edit_from_form, price_from_form, stock_from_form)
