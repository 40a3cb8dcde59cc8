"""Make a cart, and put in, change or take out its lines. Each change locks the cart, so that changes of one cart queue up
and its version counts them."""

from uuid import UUID

from shop.contracts.cart import CartClosed, CartLineAdded, CartNotFound, CartToken
from shop.contracts.catalog import VariantId, VariantNotFound
from shop.contracts.identity import AccountId
from shop.contracts.inventory import OutOfStock, Shortage
from shop.contracts.pricing import NotPriced
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id, new_token
from shop.kernel.money import is_currency
from shop.kernel.uow import UnitOfWork
from shop.modules.cart import repository
from shop.modules.cart.errors import CartFull, LineNotFound
from shop.modules.cart.repository import CartHead
from shop.modules.cart.rules import MAX_LINES, MAX_QUANTITY
from shop.modules.cart.schemas import CartView
from shop.modules.cart.service.show_cart import Goods, goods_of, view_of


async def create_cart(uow: UnitOfWork, account_id: AccountId | None, currency: str | None = None) -> CartView:
    """An empty cart, in the shop's currency when none is named. Raises Invalid for what is no currency."""
    currency = settings().currency if currency is None else currency
    if not is_currency(currency):
        raise Invalid.field("currency", "A currency code such as EUR")
    head = CartHead(new_id(), CartToken(new_token()), currency, account_id, "open", 1)
    await repository.insert_cart(uow, head)
    view, _ = await view_of(uow, head.holding(()), Goods({}, {}))
    return view


async def add_line(uow: UnitOfWork, token: CartToken, variant_id: VariantId, quantity: int) -> CartView:
    """More of what is in the cart already adds up.

    Raises CartNotFound, CartClosed, VariantNotFound, NotPriced, OutOfStock, CartFull, or Invalid beyond MAX_QUANTITY.
    """
    head = await _change(uow, token)
    added = await repository.add_to_line(uow, head.id, variant_id, quantity)
    if added.line_id is None:
        raise Invalid.field("quantity", f"At most {MAX_QUANTITY} of one article fit into a cart")
    if len(added.lines) > MAX_LINES:
        raise CartFull
    goods = await goods_of(uow, added.lines)
    if variant_id not in goods.available:
        raise VariantNotFound
    in_cart = next(line.quantity for line in added.lines if line.id == added.line_id)
    _check_available(goods, variant_id, in_cart, None if added.is_new else added.line_id)
    view, unpriced = await view_of(uow, head.holding(added.lines), goods)
    if variant_id in unpriced:
        raise NotPriced([variant_id])
    uow.emit(CartLineAdded(variant_id=variant_id, quantity=quantity))
    return view


async def change_line(uow: UnitOfWork, token: CartToken, line_id: UUID, quantity: int) -> CartView:
    """Raises CartNotFound, CartClosed, LineNotFound, OutOfStock."""
    head = await _change(uow, token)
    lines = await repository.set_quantity(uow, head.id, line_id, quantity)
    line = next((line for line in lines if line.id == line_id), None)
    if line is None:
        raise LineNotFound
    goods = await goods_of(uow, lines)
    _check_available(goods, line.variant_id, quantity, line_id)
    view, _ = await view_of(uow, head.holding(lines), goods)
    return view


async def remove_line(uow: UnitOfWork, token: CartToken, line_id: UUID) -> CartView:
    """Raises CartNotFound, CartClosed, LineNotFound."""
    head = await _change(uow, token)
    if not await repository.delete_line(uow, head.id, line_id):
        raise LineNotFound
    lines = await repository.find_lines(uow, head.id)
    view, _ = await view_of(uow, head.holding(lines), await goods_of(uow, lines))
    return view


async def _change(uow: UnitOfWork, token: CartToken) -> CartHead:
    head = await repository.change_open_cart(uow, token)
    if head is None:
        raise CartClosed if await repository.find_status(uow, token) else CartNotFound
    return head


def _check_available(goods: Goods, variant_id: VariantId, quantity: int, line_id: UUID | None) -> None:
    """Raises OutOfStock, whose `lines` tell the holder how many there are; `line_id` is null for what is not in the
    cart yet."""
    available = goods.available.get(variant_id, 0)
    if quantity > available:
        refusal = OutOfStock([Shortage(variant_id, available)])
        refusal.extra["lines"] = [{"line_id": line_id, "available": available}]
        raise refusal
