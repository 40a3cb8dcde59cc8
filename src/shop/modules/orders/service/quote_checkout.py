"""What a cart would cost today, article by article and for each way to deliver it. Read from nobody's word but ours."""

from collections.abc import Sequence

import msgspec

from shop.contracts.cart import CartContents, CartEmpty, Carts, CartToken
from shop.contracts.catalog import Variant, VariantId, Variants
from shop.contracts.orders import OrderLine
from shop.contracts.pricing import Destination, NotPriced, Price, Prices, Quote, QuoteLine
from shop.contracts.shipping import Parcel, Shipping, ShippingMethod
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork


class Basket(msgspec.Struct, frozen=True):
    """A cart whose articles are all still sold."""

    cart: CartContents
    variants: dict[VariantId, Variant]
    prices: dict[VariantId, Price]

    @property
    def parcel(self) -> Parcel:
        weight, items = 0, Money.zero(self.cart.currency)
        for line in self.cart.lines:
            weight += self.variants[line.variant_id].weight_grams * line.quantity
            items += self.prices[line.variant_id].amount * line.quantity
        return Parcel(weight, items)


class Offer(msgspec.Struct, frozen=True):
    """One way to deliver, and the whole order's cost with it."""

    method: ShippingMethod
    quote: Quote


class Draft(msgspec.Struct, frozen=True):
    """An order that could be placed. `quote` is without delivery; no `offers`: the shop doesn't deliver there."""

    basket: Basket
    quote: Quote
    offers: tuple[Offer, ...]

    def find_offer(self, code: str | None) -> Offer | None:
        return next((offer for offer in self.offers if offer.method.code == code), None)


async def draft_order(uow: UnitOfWork, token: CartToken, destination: Destination) -> Draft:
    """What the checkout page shows. Raises CartNotFound, CartClosed, CartEmpty, NotPriced."""
    basket = await fill_basket(uow, await port(Carts).get_cart(uow, token))
    methods = await port(Shipping).methods(uow, basket.parcel, destination.country, destination.postal_code)
    plain, *delivered = await _quotes(uow, basket, destination, [None, *(method.price for method in methods)])
    return Draft(basket, plain, tuple(Offer(method, quote) for method, quote in zip(methods, delivered, strict=True)))


async def quote_delivery(
    uow: UnitOfWork, basket: Basket, destination: Destination, code: str
) -> tuple[Offer | None, list[ShippingMethod]]:
    """The offer of the method called `code`, None when it is not among those that deliver there."""
    methods = await port(Shipping).methods(uow, basket.parcel, destination.country, destination.postal_code)
    method = next((method for method in methods if method.code == code), None)
    if method is None:
        return None, methods
    (quote,) = await _quotes(uow, basket, destination, [method.price])
    return Offer(method, quote), methods


async def fill_basket(uow: UnitOfWork, cart: CartContents) -> Basket:
    """Raises CartEmpty, and NotPriced when the cart holds what is no longer sold."""
    if not cart.lines:
        raise CartEmpty
    ids = [line.variant_id for line in cart.lines]
    variants = await port(Variants).find_variants(uow, ids)
    prices = await port(Prices).prices(uow, ids, cart.currency)
    gone = [each for each in ids if each not in prices or each not in variants or not variants[each].active]
    if gone:
        raise NotPriced(gone)
    return Basket(cart, variants, prices)


async def _quotes(
    uow: UnitOfWork, basket: Basket, destination: Destination, shipping: Sequence[Money | None]
) -> list[Quote]:
    lines = [QuoteLine(line.variant_id, line.quantity) for line in basket.cart.lines]
    return await port(Prices).quote(uow, basket.cart.currency, lines, destination, shipping)


def snapshot_lines(basket: Basket, quote: Quote) -> tuple[OrderLine, ...]:
    """The articles as they are called and priced at this moment, in the cart's order."""
    return tuple(
        OrderLine(
            id=new_id(),
            variant_id=line.variant_id,
            sku=(variant := basket.variants[line.variant_id]).sku,
            title=variant.title,
            options=variant.options,
            quantity=line.quantity,
            unit_price=line.unit_price,
            total=line.total,
            tax=line.tax,
            tax_rate=line.tax_rate,
            image=variant.image,
            url=variant.url,
        )
        for line in quote.lines
    )
