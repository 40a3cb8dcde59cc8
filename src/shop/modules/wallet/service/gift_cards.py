"""Gift cards: issued by staff, redeemed once by whoever has the code, disabled when one was lost.

What is on a card stands on the ledger as on a wallet. The code is told once, when the card is issued; a digest of it is kept.
"""

from datetime import datetime
from uuid import UUID

from shop.contracts.wallet import Transaction, TransactionId, TransactionIdReused
from shop.kernel import audit, clock
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.errors import GiftCardNotFound, GiftCardNotValid
from shop.modules.wallet.gift_codes import digest_of, new_code
from shop.modules.wallet.repository import accounts, gift_cards, transactions
from shop.modules.wallet.rules import PROMOTIONS, check_amount, customer_account
from shop.modules.wallet.schemas import Draft, GiftCard, KeptLeg, SummedLeg
from shop.modules.wallet.service import facts
from shop.modules.wallet.service.record import record


async def issue_card(
    uow: UnitOfWork, card_id: UUID, amount: Money, expires_at: datetime | None, by: UUID
) -> tuple[GiftCard, str | None]:
    """And its code; None for a card that was issued before under this id. Raises TransactionIdReused when that was another
    card, Invalid."""
    known = await gift_cards.find_card(uow, card_id)
    if known is not None:
        if (known.amount, known.currency, known.expires_at) != (amount.amount, amount.currency, expires_at):
            raise TransactionIdReused
        return known, None
    check_amount(amount, "deposit", "customer", settings().currency)  # no more than may be filled in at a time
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid.field("expires_at", "This moment is past")
    code = new_code()
    account_id = new_id()
    card = GiftCard(
        id=card_id,
        account_id=account_id,
        hint=code[-4:],
        amount=amount.amount,
        currency=amount.currency,
        expires_at=expires_at,
        issued_by=by,
        disabled_at=None,
        created_at=clock.now(),
        balance=amount.amount,
    )
    await accounts.open_card_account(uow, account_id, amount.currency)
    if not await gift_cards.add_card(uow, card, digest_of(code)):
        raise GiftCardNotValid  # issued under this id beside us, at the same moment
    await record(uow, _of_card(card, TransactionId(card_id), amount.amount, "Issued", by))
    audit.note(
        action="gift_card.issued", subject=("gift_card", card_id), amount=amount.amount, currency=amount.currency
    )
    return card, code


async def redeem(uow: UnitOfWork, transaction_id: TransactionId, account_id: UUID, code: str) -> Transaction:
    """All that is on the card goes into the wallet. Raises GiftCardNotValid, TransactionIdReused."""
    card = await gift_cards.lock_card(uow, code_hash=digest_of(code))
    earlier = await transactions.find_transaction(uow, transaction_id)
    if earlier is not None:
        if card is None or earlier.counterparty_id != card.account_id:
            raise TransactionIdReused
        return earlier.shown(account_id)
    if card is None or card.status(clock.now()) != "valid":
        raise GiftCardNotValid
    own = customer_account(account_id, card.currency)
    draft = Draft(
        id=transaction_id,
        account_id=own,
        operation="gift_card",
        amount=card.balance,
        currency=card.currency,
        incoming=True,
        status="settled",
        kept=(KeptLeg(own, card.balance, account_id), KeptLeg(card.account_id, -card.balance)),
        counterparty_id=card.account_id,
        reason=f"Gift card …{card.hint}",
        authority="customer",
    )
    outcome = await record(uow, draft)
    if outcome is None:
        raise TransactionIdReused  # beside us, for something else: the same card would have waited for its lock
    return facts.answer(draft, account_id, outcome)


async def disable_card(uow: UnitOfWork, card_id: UUID, by: UUID) -> GiftCard:
    """What is left on it is the shop's again. Once. Raises GiftCardNotFound."""
    card = await gift_cards.lock_card(uow, card_id=card_id)
    if card is None:
        raise GiftCardNotFound
    if await gift_cards.disable(uow, card_id, clock.now()):
        if card.balance:
            await record(uow, _of_card(card, TransactionId(new_id()), -card.balance, "Disabled", by))
        audit.note(action="gift_card.disabled", subject=("gift_card", card_id), left=card.balance)
    return await get_card(uow, card_id)


async def get_card(uow: UnitOfWork, card_id: UUID) -> GiftCard:
    """Raises GiftCardNotFound."""
    card = await gift_cards.find_card(uow, card_id)
    if card is None:
        raise GiftCardNotFound
    return card


async def list_cards(uow: UnitOfWork, before: tuple[datetime, UUID] | None, limit: int) -> list[GiftCard]:
    """Newest first."""
    return await gift_cards.list_cards(uow, before, limit)


def _of_card(card: GiftCard, transaction_id: TransactionId, amount: int, reason: str, by: UUID) -> Draft:
    """What the shop gives away by a card; below zero, what it takes back."""
    return Draft(
        id=transaction_id,
        account_id=card.account_id,
        operation="gift_card",
        amount=abs(amount),
        currency=card.currency,
        incoming=amount > 0,
        status="settled",
        kept=(KeptLeg(card.account_id, amount),),
        summed=(SummedLeg(PROMOTIONS, -amount),),
        reason=reason,
        authority="staff",
        actor_id=by,
    )
