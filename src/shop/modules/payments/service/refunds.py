"""Money that goes back to a buyer: asked for by staff, approved by a second person above the shop's limit, promised within
what was captured, and given to the original means or at once to the wallet."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from shop.contracts.payment_providers import RefundDestination
from shop.contracts.payments import (
    Refund,
    RefundDecided,
    RefundNotFound,
    RefundStatus,
    RefundTooLarge,
    RefundWish,
    SamePerson,
)
from shop.kernel import audit
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import Forbidden, Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money, parse_decimal
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.repository import intents, refunds
from shop.modules.payments.rules import spread
from shop.modules.payments.schemas import Intent, NewRefund, StoredRefund
from shop.modules.payments.service.process_refund import finish_refund, follow_undone, process_refund

WALLET = "wallet"
ASKED_BY_A_PROGRAM = "A person has to ask for a refund of so much, or a program in a person's name"


async def lock_payments(uow: UnitOfWork, order_id: UUID) -> None:
    await refunds.lock_payments_of(uow, order_id)


async def request_refunds(uow: UnitOfWork, order_id: UUID, wish: RefundWish) -> list[Refund]:
    """Raises RefundTooLarge, Invalid for a wallet that the order's buyer doesn't have, Forbidden for a program's own wish that
    waits for a second person: whoever holds its secret could be both."""
    await refunds.lock_payments_of(uow, order_id)
    known = await refunds.list_of_request(uow, wish.id)
    if known:
        return [each.shown() for each in known]
    _check_destination(wish)
    payments = await intents.list_intents(uow, [order_id])
    given = Money(await refunds.sum_unapproved(uow, order_id), wish.amount.currency)
    waits = needs_approval(wish.amount + given)
    if waits and _is_programs_own_deed():
        raise Forbidden(ASKED_BY_A_PROGRAM)
    made = await _promise(uow, payments, wish, waits=waits)
    audit.note(
        action="refund.requested",
        subject=("order", order_id),
        amount=wish.amount.amount,
        currency=wish.amount.currency,
        to=wish.to,
        waits=waits,
    )
    return made


async def refund_deposits(
    uow: UnitOfWork, deposit_ids: Sequence[UUID], amount: Money, reason: str, *, by: UUID | None
) -> list[Refund]:
    """Newest first. Raises RefundTooLarge."""
    await refunds.lock_payments_of_deposits(uow, deposit_ids)
    payments = await intents.list_of_deposits(uow, deposit_ids)
    wish = RefundWish(id=new_id(), amount=amount, to="original", account_id=None, reason=reason, by=by)
    return await _promise(uow, payments[::-1], wish, waits=False)


async def _promise(uow: UnitOfWork, payments: Sequence[Intent], wish: RefundWish, *, waits: bool) -> list[Refund]:
    shares = spread(wish.amount, payments, wish.to)
    promised = sum(share.amount for _, share in shares)
    if promised < wish.amount.amount:
        raise RefundTooLarge(Money(promised, wish.amount.currency))
    status: RefundStatus = "awaiting_approval" if waits else "pending"
    made = []
    for payment, share in shares:
        new = NewRefund(
            id=uuid5(wish.id, str(payment.id)),
            payment_id=payment.id,
            request_id=wish.id,
            account_id=wish.account_id if wish.to == WALLET else None,
            amount=share,
            destination=wish.to if payment.provider != WALLET else "original",
            status=status,
            reason=wish.reason,
            requested_by=wish.by,
        )
        if not await refunds.promise(uow, new):
            raise RefundTooLarge(Money.zero(wish.amount.currency))
        made.append(await _settled_here(uow, await _get(uow, new.id)))
    return made


def needs_approval(amount: Money) -> bool:
    """`amount`: all of an order that goes back without a second person, so that slices don't pass below the limit."""
    limit = settings().refund_approval_above
    return bool(limit) and amount.amount > parse_decimal(limit, amount.currency).amount


def _is_programs_own_deed() -> bool:
    acting = audit.who_acts()
    return acting is not None and acting.actor.kind == "program"


def _check_destination(wish: RefundWish) -> None:
    if wish.to == WALLET and (wish.account_id is None or WALLET not in ports(RefundDestination)):
        raise Invalid.field("to", "Whoever ordered this as a guest has no wallet: refund to the original method")


async def _settled_here(uow: UnitOfWork, refund: StoredRefund) -> Refund:
    """A refund to the wallet that waits for nobody is there at once."""
    if refund.destination != WALLET or refund.status != "pending" or refund.account_id is None:
        return refund.shown()
    give = ports(RefundDestination)[WALLET].give
    await give(uow, refund.id, refund.account_id, refund.order_id, refund.money)
    await finish_refund(uow, refund, None)
    return (await _get(uow, refund.id)).shown()


async def decide_refund(uow: UnitOfWork, refund_id: UUID, *, approve: bool, by: UUID) -> Refund:
    """All refunds of one wish together. Raises RefundNotFound, RefundDecided, SamePerson, RefundTooLarge."""
    refund = await _get(uow, refund_id)
    if refund.requested_by == by:
        raise SamePerson
    if refund.order_id is not None:
        await refunds.lock_payments_of(uow, refund.order_id)
    same = await refunds.list_of_request(uow, refund.request_id) if refund.request_id else [refund]
    for each in same:
        if approve:
            changed = await refunds.approve(uow, each.id, by)
        else:
            changed = await refunds.reject(uow, each.id, by)
        if not changed:
            raise RefundDecided
        if approve:
            await _check_covered(uow, each)
            await _settled_here(uow, await _get(uow, each.id))
        else:
            await follow_undone(uow, each, rejected=True)
    audit.note(
        action="refund.approved" if approve else "refund.rejected",
        subject=("refund", refund_id),
        amount=sum(each.amount for each in same),
        currency=refund.currency,
    )
    return (await _get(uow, refund_id)).shown()


async def _check_covered(uow: UnitOfWork, refund: StoredRefund) -> None:
    """The buyer's bank may have taken the money since it was promised. Raises RefundTooLarge."""
    payment = await intents.lock_intent(uow, refund.payment_id)
    left = payment.uncommitted(refund.destination) if payment is not None else -refund.amount
    if left < 0:
        raise RefundTooLarge(Money(max(refund.amount + left, 0), refund.currency))


async def process_refunds(order_id: UUID) -> None:
    for refund in await read(refunds.list_of_order, order_id):
        if refund.status == "pending" and refund.destination != WALLET:
            await process_refund(refund.id)


async def find_refunds(uow: UnitOfWork, order_id: UUID) -> list[Refund]:
    """Oldest first."""
    return [each.shown() for each in await refunds.list_of_order(uow, order_id)]


async def _get(uow: UnitOfWork, refund_id: UUID) -> StoredRefund:
    """Raises RefundNotFound."""
    found = await refunds.find(uow, refund_id)
    if found is None:
        raise RefundNotFound
    return found
