"""Money that a provider holds for the shop, and that staff don't take: the goods are gone, or the buyer changed their mind."""

from uuid import UUID

from shop.contracts.payments import NotReleasable, Payment, PaymentFailed, PaymentNotFound
from shop.kernel import audit
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.repository import intents, moves

RELEASED = "The shop did not take the money, and has released it."


async def request_release(uow: UnitOfWork, payment_id: UUID) -> Payment:
    """Called off here and now, with the other parts of its order, so that the order can be paid in another way while its goods
    are held; wound up at the provider afterwards. Raises PaymentNotFound, NotReleasable."""
    if await intents.lock_intent(uow, payment_id) is None:
        raise PaymentNotFound
    released = await moves.release(uow, payment_id, BY_HAND)
    if released is None:
        raise NotReleasable
    if released.split:
        await moves.call_off_others(uow, released)
    if released.order_id is not None:
        uow.emit(PaymentFailed(payment_id=released.id, order_id=released.order_id, reason=RELEASED))
    audit.note(
        action="payment.released",
        subject=("payment", payment_id),
        amount=released.amount,
        currency=released.currency,
    )
    return released.shown()
