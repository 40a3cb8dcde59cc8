"""What the way home would cost, told in the cart before anybody has typed an address: to the shop's own country."""

import msgspec

from shop.contracts.cart import CartToken
from shop.contracts.shipping import Parcel, Shipping
from shop.kernel.config import settings
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.cart.schemas import CartView
from shop.modules.cart.service.show_cart import Goods, get_cart, goods_of, view_of


class DeliveryHint(msgspec.Struct, frozen=True):
    """`cheapest` is zero where delivery is free already; `missing` is how much more would make it so, None where nothing
    does or it is. `reached` of `free_from` is what the items are worth."""

    country: str
    cheapest: Money
    free_from: Money | None
    reached: Money

    @property
    def missing(self) -> Money | None:
        if self.free_from is None or not self.cheapest.amount or self.reached.amount >= self.free_from.amount:
            return None
        return self.free_from - self.reached


async def show_cart_with_hint(uow: UnitOfWork, token: CartToken) -> tuple[CartView, DeliveryHint | None]:
    """No hint for a cart that can't be sent anywhere near. Raises CartNotFound, CartClosed."""
    cart = await get_cart(uow, token)
    goods = await goods_of(uow, cart.lines)
    view, _ = await view_of(uow, cart, goods)
    return view, await _hint(uow, view, goods) if view.lines else None


async def _hint(uow: UnitOfWork, view: CartView, goods: Goods) -> DeliveryHint | None:
    sold = [line for line in view.lines if line.total is not None]
    if not sold:
        return None
    country = settings().country
    weight = sum(goods.variants[line.variant_id].weight_grams * line.quantity for line in sold)
    items = view.totals.items
    parcel = Parcel(weight, items)
    methods = await port(Shipping).methods(uow, parcel, country)
    if not methods:
        return None
    return DeliveryHint(country, methods[0].price, await port(Shipping).free_from(uow, parcel, country), items)
