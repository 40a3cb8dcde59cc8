"""A cart as its holder sees it: today's prices, what is still available, the totals. Nothing of this is stored."""

from collections.abc import Sequence

import msgspec

from shop.contracts.cart import CartClosed, CartContents, CartLine, CartNotFound, CartToken
from shop.contracts.catalog import Variant, VariantId, Variants
from shop.contracts.inventory import Stock
from shop.contracts.pricing import NotPriced, Prices, Quote, QuotedLine, QuoteLine
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.cart import repository
from shop.modules.cart.schemas import CartView, LineView


class Goods(msgspec.Struct, frozen=True):
    """The articles of a cart; `available` holds only those that are still sold."""

    variants: dict[VariantId, Variant]
    available: dict[VariantId, int]


async def get_cart(uow: UnitOfWork, token: CartToken) -> CartContents:
    """Raises CartNotFound, CartClosed."""
    found = await repository.find_cart(uow, token)
    if found is None:
        raise CartNotFound
    head, lines = found
    if head.status != "open":
        raise CartClosed
    return head.holding(lines)


async def show_cart(uow: UnitOfWork, token: CartToken) -> CartView:
    """Raises CartNotFound, CartClosed."""
    cart = await get_cart(uow, token)
    view, _ = await view_of(uow, cart, await goods_of(uow, cart.lines))
    return view


async def goods_of(uow: UnitOfWork, lines: Sequence[CartLine]) -> Goods:
    ids = [line.variant_id for line in lines]
    if not ids:
        return Goods({}, {})
    variants = await port(Variants).find_variants(uow, ids)
    levels = await port(Stock).levels(uow, ids)
    return Goods(variants, {each.id: max(levels[each.id].available, 0) for each in variants.values() if each.active})


async def view_of(uow: UnitOfWork, cart: CartContents, goods: Goods) -> tuple[CartView, set[VariantId]]:
    """The cart, and those of its articles that have no price in its currency."""
    wanted = [QuoteLine(line.variant_id, line.quantity) for line in cart.lines if line.variant_id in goods.available]
    quote, unpriced = await _quote(uow, cart.currency, wanted)
    quoted = {line.variant_id: line for line in quote.lines}
    lines = [_line_view(line, goods, quoted.get(line.variant_id)) for line in cart.lines]
    return CartView(cart.token, cart.currency, lines, quote.totals, cart.version), unpriced


async def _quote(uow: UnitOfWork, currency: str, lines: list[QuoteLine]) -> tuple[Quote, set[VariantId]]:
    """A price that was taken away must not hide the rest of the cart from its holder."""
    try:
        (quote,) = await port(Prices).quote(uow, currency, lines)
        return quote, set()
    except NotPriced as refusal:
        unpriced = set(refusal.variant_ids)
    (quote,) = await port(Prices).quote(uow, currency, [line for line in lines if line.variant_id not in unpriced])
    return quote, unpriced


def _line_view(line: CartLine, goods: Goods, quoted: QuotedLine | None) -> LineView:
    variant = goods.variants.get(line.variant_id)
    return LineView(
        id=line.id,
        variant_id=line.variant_id,
        sku=variant.sku if variant else "",
        title=variant.title if variant else "No longer sold",
        options=variant.options if variant else {},
        quantity=line.quantity,
        unit_price=quoted.unit_price if quoted else None,
        total=quoted.total if quoted else None,
        image=variant.image if variant else None,
        available=goods.available.get(line.variant_id, 0) if quoted else 0,
        url=variant.url if variant else "",
    )
