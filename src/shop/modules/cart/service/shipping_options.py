"""How a cart could reach a place, and what it would cost altogether each way."""

from shop.contracts.cart import CartEmpty, CartToken
from shop.contracts.catalog import Variants
from shop.contracts.pricing import Destination, NotPriced, Prices, QuoteLine
from shop.contracts.shipping import Parcel, Shipping
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.cart.schemas import ShippingOption
from shop.modules.cart.service.show_cart import get_cart


async def list_shipping_options(uow: UnitOfWork, token: CartToken, destination: Destination) -> list[ShippingOption]:
    """Cheapest first; empty when the shop doesn't deliver there. Raises CartNotFound, CartClosed, CartEmpty, and
    NotPriced when the cart holds what is no longer sold."""
    cart = await get_cart(uow, token)
    if not cart.lines:
        raise CartEmpty
    ids = [line.variant_id for line in cart.lines]
    variants = await port(Variants).find_variants(uow, ids)
    prices = await port(Prices).prices(uow, ids, cart.currency)
    gone = [each for each in ids if each not in prices or each not in variants or not variants[each].active]
    if gone:
        raise NotPriced(gone)
    parcel = Parcel(
        weight_grams=sum(variants[line.variant_id].weight_grams * line.quantity for line in cart.lines),
        items_total=sum(
            (prices[line.variant_id].amount * line.quantity for line in cart.lines), Money.zero(cart.currency)
        ),
    )
    methods = await port(Shipping).methods(uow, parcel, destination.country, destination.postal_code)
    if not methods:
        return []
    quotes = await port(Prices).quote(
        uow,
        cart.currency,
        [QuoteLine(line.variant_id, line.quantity) for line in cart.lines],
        destination,
        [method.price for method in methods],
    )
    return [
        ShippingOption(method.code, method.label, method.price, method.delivery_days, quote.totals)
        for method, quote in zip(methods, quotes, strict=True)
    ]
