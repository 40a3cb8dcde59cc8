"""A payment begins as a local intent, in the order's or deposit's own transaction; its provider hears nothing yet."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import MethodVault, PaymentProvider, StoredValue
from shop.contracts.payments import (
    Payer,
    Payment,
    PaymentId,
    PaymentInProgress,
    PaymentMethod,
    PaymentNotFound,
    PaymentRequest,
    UnknownProvider,
)
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.repository import intents, stored_methods
from shop.modules.payments.rules import MAIN, WALLET_PART
from shop.modules.payments.schemas import NewIntent

WALLET = "wallet"


def offered_methods() -> list[PaymentMethod]:
    """Those of the providers that are set up, in the order of their modules."""
    vaults = ports(MethodVault)
    return [
        msgspec.structs.replace(method, keeps=name in vaults)
        for name, provider in ports(PaymentProvider).items()
        if (method := provider.offer()) is not None
    ]


async def find_spendable(uow: UnitOfWork, account_id: UUID, currency: str) -> Money:
    """What the wallet could pay; nothing in a shop without one."""
    wallet = ports(StoredValue).get(WALLET)
    return await wallet.spendable(uow, account_id, currency) if wallet else Money.zero(currency)


async def open_payments(
    uow: UnitOfWork, order_id: UUID, amount: Money, request: PaymentRequest, payer: Payer
) -> list[Payment]:
    """Raises UnknownProvider, Invalid for a token or method that can't be meant, PaymentInProgress."""
    wallet, rest = await _split(uow, amount, request, payer)
    split = bool(wallet.amount and rest.amount)
    opened = []
    if wallet.amount:
        part = WALLET_PART if split else MAIN
        intent = NewIntent(
            id=PaymentId(new_id()),
            order_id=order_id,
            deposit_id=None,
            account_id=payer.account_id,
            part=part,
            split=split,
            provider=WALLET,
            token=None,
            method_id=None,
            customer_ref=None,
            save_method=False,
            manual_capture=False,
            amount=wallet.amount,
            currency=wallet.currency,
        )
        opened.append(await _add(uow, intent))
    if rest.amount:
        blank = await _requested(uow, request, payer.account_id, rest)
        opened.append(await _add(uow, msgspec.structs.replace(blank, order_id=order_id, split=split)))
    return opened


async def open_deposit(
    uow: UnitOfWork, deposit_id: UUID, amount: Money, request: PaymentRequest, account_id: UUID
) -> Payment:
    """Raises as open_payments does; a wallet can't be filled from itself."""
    blank = await _requested(uow, request, account_id, amount)
    # A deposit is the buyer's whole wish: staff have nothing to pack before its money is taken.
    by_hand = request.provider in BY_HAND
    return await _add(uow, msgspec.structs.replace(blank, deposit_id=deposit_id, manual_capture=by_hand))


async def _split(uow: UnitOfWork, amount: Money, request: PaymentRequest, payer: Payer) -> tuple[Money, Money]:
    """What the wallet pays, and the rest."""
    nothing = Money.zero(amount.currency)
    if payer.account_id is None:
        if payer.use_wallet or request.provider == WALLET:
            raise Invalid.field(
                "use_wallet" if payer.use_wallet else "payment.provider", "Sign in to pay from a wallet"
            )
        return nothing, amount
    if request.provider == WALLET:
        if WALLET not in ports(StoredValue):
            raise UnknownProvider(WALLET)
        return amount, nothing
    if not payer.use_wallet:
        return nothing, amount
    held = await find_spendable(uow, payer.account_id, amount.currency)
    share = Money(min(held.amount, amount.amount), amount.currency)
    return share, amount - share


async def _requested(uow: UnitOfWork, request: PaymentRequest, account_id: UUID | None, amount: Money) -> NewIntent:
    """Raises UnknownProvider, Invalid."""
    provider = ports(PaymentProvider).get(request.provider)
    if provider is None or provider.offer() is None:
        raise UnknownProvider(request.provider)
    method = None
    if request.method_id is not None:
        method = await stored_methods.find_by_id(uow, account_id, request.method_id)
        if method is None or method.provider != request.provider:
            raise Invalid.field("payment.method_id", "You have no such stored method")
        request = msgspec.structs.replace(request, method_id=method.provider_ref)
    provider.check(request)
    saves = request.save and account_id is not None
    customer_ref = method.customer_ref if method is not None else None
    if account_id is not None and method is None and saves:
        customer_ref = await stored_methods.find_customer_ref(uow, account_id, request.provider)
    return NewIntent(
        id=PaymentId(new_id()),
        order_id=None,
        deposit_id=None,
        account_id=account_id,
        part=MAIN,
        split=False,
        provider=request.provider,
        token=request.token,
        method_id=request.method_id,
        customer_ref=customer_ref,
        save_method=saves,
        manual_capture=settings().capture == "manual" or request.provider in BY_HAND,
        amount=amount.amount,
        currency=amount.currency,
    )


async def _add(uow: UnitOfWork, new: NewIntent) -> Payment:
    intent = await intents.add_intent(uow, new)
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
            if intent.order_id is not None:
                found[intent.order_id].append(intent.shown())
    return found


async def find_deposits(uow: UnitOfWork, deposit_ids: Sequence[UUID]) -> dict[UUID, Payment]:
    """The newest payment of each deposit."""
    rows = await intents.list_of_deposits(uow, deposit_ids) if deposit_ids else []
    return {intent.deposit_id: intent.shown() for intent in rows if intent.deposit_id is not None}
