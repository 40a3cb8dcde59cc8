"""A payment begins as a local intent, in the order's own transaction; its provider hears nothing yet."""

from collections.abc import Sequence
from uuid import UUID

from shop.contracts.payments import (
    Payment,
    PaymentId,
    PaymentInProgress,
    PaymentMethod,
    PaymentProvider,
    PaymentRequest,
    UnknownProvider,
)
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.errors import PaymentNotFound
from shop.modules.payments.repository import intents


def offered_methods() -> list[PaymentMethod]:
    """Those of the providers that are set up, in the order of their modules."""
    return [method for provider in ports(PaymentProvider).values() if (method := provider.offer()) is not None]


async def open_payment(uow: UnitOfWork, order_id: UUID, amount: Money, request: PaymentRequest) -> Payment:
    """Raises UnknownProvider, Invalid for a token that can't be meant, PaymentInProgress."""
    provider = ports(PaymentProvider).get(request.provider)
    if provider is None or provider.offer() is None:
        raise UnknownProvider(request.provider)
    provider.check(request)
    intent = await intents.add_intent(uow, PaymentId(new_id()), order_id, amount, request)
    if intent is None:
        raise PaymentInProgress
    return intent.shown()


async def get_payment(uow: UnitOfWork, payment_id: UUID) -> Payment:
    """Raises PaymentNotFound."""
    intent = await intents.find_intent(uow, payment_id)
    if intent is None:
        raise PaymentNotFound
    return intent.shown()


async def find_payments(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[Payment]]:
    """Oldest first, for each order; an empty list where there is none."""
    found: dict[UUID, list[Payment]] = {order_id: [] for order_id in order_ids}
    if order_ids:
        for intent in await intents.list_intents(uow, order_ids):
            found[intent.order_id].append(intent.shown())
    return found
