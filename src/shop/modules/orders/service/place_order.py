"""A cart becomes an order: one transaction from the locked cart to the opened payment. The provider is asked after it."""

from datetime import timedelta

import msgspec

from shop.contracts.cart import CartClosed, CartContents, Carts, CartToken
from shop.contracts.identity import AccountId
from shop.contracts.inventory import OutOfStock, Reservations, StockLine
from shop.contracts.orders import Addresses, OrderId, OrderPlaced, TotalChanged
from shop.contracts.payments import Payer, PaymentRequest, Payments
from shop.contracts.pricing import Destination
from shop.contracts.shipping import Shipping, ShippingMethod, ShippingUnavailable
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id, new_token
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import sales_orders
from shop.modules.orders.repository.sales_orders import NewOrder
from shop.modules.orders.rules import checkout_key
from shop.modules.orders.service.pay_order import settle_free_order
from shop.modules.orders.service.quote_checkout import Basket, Offer, fill_basket, quote_delivery, snapshot_lines


class Checkout(msgspec.Struct, frozen=True):
    """What the buyer decided. `idempotency_key` names this attempt: the same one never makes a second order."""

    cart: CartToken
    idempotency_key: str
    account_id: AccountId | None
    email: str
    addresses: Addresses
    shipping_method: str
    payment: PaymentRequest
    expected_total: Money
    use_wallet: bool = False


class Placed(msgspec.Struct, frozen=True):
    """`pays`: its providers are to be asked now."""

    order_id: OrderId
    pays: bool


async def place_order(uow: UnitOfWork, checkout: Checkout) -> Placed:
    """Raises CartNotFound, CartClosed, CartEmpty, NotPriced, ShippingUnavailable, TotalChanged, OutOfStock,
    UnknownProvider and Invalid, and nothing is kept then."""
    key = checkout_key(checkout.cart, checkout.idempotency_key)
    try:
        cart = await port(Carts).lock_cart(uow, checkout.cart)
    except CartClosed:
        return await _placed_before(uow, key)
    basket = await fill_basket(uow, cart)
    offer = await _agreed_offer(uow, basket, checkout)
    order = _new_order(checkout, key, basket, offer)
    await sales_orders.insert_order(uow, order)
    await _reserve(uow, cart, order)
    total = order.totals.total
    if total.amount:
        payer = Payer(order.account_id, checkout.use_wallet)
        await port(Payments).open_payments(uow, order.id, total, checkout.payment, payer)
    await port(Carts).close_cart(uow, cart.id, order.id)
    uow.emit(OrderPlaced(order_id=order.id, account_id=order.account_id, total=total.amount, currency=total.currency))
    if not total.amount:
        await settle_free_order(uow, order.id, total)
    return Placed(order.id, pays=bool(total.amount))


async def _placed_before(uow: UnitOfWork, key: bytes) -> Placed:
    """The answer to the first call was lost: its order is the answer, and its payment is asked for again. Raises
    CartClosed when another attempt closed the cart."""
    order_id = await sales_orders.find_by_checkout_key(uow, key)
    if order_id is None:
        raise CartClosed
    payments = (await port(Payments).find_payments(uow, [order_id])).get(order_id, [])
    return Placed(order_id, pays=any(payment.status in {"pending", "authorized"} for payment in payments))


async def _agreed_offer(uow: UnitOfWork, basket: Basket, checkout: Checkout) -> Offer:
    """What the buyer agreed to, worked out anew."""
    address = checkout.addresses.shipping
    destination = Destination(address.country, address.region, address.postal_code)
    offer, methods = await quote_delivery(uow, basket, destination, checkout.shipping_method)
    if offer is None:
        raise await _refusal(uow, address.country, methods)
    totals = offer.quote.totals
    if checkout.expected_total != totals.total:
        raise TotalChanged(totals)
    return offer


async def _refusal(uow: UnitOfWork, country: str, methods: list[ShippingMethod]) -> Exception:
    if not methods and country not in await port(Shipping).countries(uow):
        return Invalid.field("shipping_address.country", "We don't deliver to this country")
    return ShippingUnavailable()


def _new_order(checkout: Checkout, key: bytes, basket: Basket, offer: Offer) -> NewOrder:
    return NewOrder(
        id=OrderId(new_id()),
        cart_id=basket.cart.id,
        checkout_key=key,
        access_token=new_token(),
        account_id=checkout.account_id,
        email=checkout.email,
        totals=offer.quote.totals,
        shipping_method=offer.method.code,
        shipping_label=offer.method.label,
        addresses=checkout.addresses,
        reserved_until=clock.now() + timedelta(minutes=settings().reservation_minutes),
        lines=snapshot_lines(basket, offer.quote),
    )


async def _reserve(uow: UnitOfWork, cart: CartContents, order: NewOrder) -> None:
    """Raises OutOfStock whose `lines` name lines of the cart, as its holder knows no others."""
    wanted = [StockLine(line.variant_id, line.quantity) for line in order.lines]
    try:
        await port(Reservations).reserve(uow, order.id, wanted, order.reserved_until)
    except OutOfStock as refusal:
        line_of = {line.variant_id: line.id for line in cart.lines}
        refusal.extra["lines"] = [
            {"line_id": line_of[shortage.variant_id], "available": shortage.available} for shortage in refusal.shortages
        ]
        raise
