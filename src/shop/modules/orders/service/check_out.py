"""The whole way from a cart to an answer: the order's transaction, then the provider, then the order as it stands.

This is called by the edge outside any transaction. Whatever happens to the payment, the order stands: a provider that
can't be reached leaves it waiting, and the sweep of open payments finishes what was begun.
"""

import structlog

from shop.contracts.identity import AccountId
from shop.contracts.orders import Order, OrderId
from shop.contracts.payments import PaymentRequest, Payments
from shop.kernel.db import read, write
from shop.kernel.ports import port
from shop.modules.orders.service.pay_order import make_way, open_further_payment
from shop.modules.orders.service.place_order import Checkout, place_order
from shop.modules.orders.service.show_orders import get_order, get_visible_order

log = structlog.get_logger(__name__)


async def check_out(checkout: Checkout) -> Order:
    """Raises what place_order raises."""
    placed = await write(place_order, checkout)
    if placed.pays:
        await _ask_providers(placed.order_id)
    return await read(get_order, placed.order_id)


async def pay_again(
    order_id: OrderId,
    idempotency_key: str,
    request: PaymentRequest,
    *,
    account_id: AccountId | None = None,
    token: str | None = None,
    use_wallet: bool = False,
    replace: bool = False,
) -> Order:
    """`replace`: what waits for the buyer is cancelled at its provider first, so that it can't be paid beside this. Raises
    OrderNotFound to anybody but its owner and the holder of its token, and what open_further_payment raises."""
    await read(get_visible_order, order_id, account_id, token)
    if replace and await write(make_way, order_id, idempotency_key):
        await _ask_providers(order_id)
    await write(open_further_payment, order_id, idempotency_key, request, account_id=account_id, use_wallet=use_wallet)
    await _ask_providers(order_id)
    return await read(get_order, order_id)


async def _ask_providers(order_id: OrderId) -> None:
    try:
        await port(Payments).process_order(order_id)
    except Exception:
        log.exception("payment_left_to_the_sweep", order_id=str(order_id))
