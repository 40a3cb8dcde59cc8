"""Wallets as JSON for staff, and for programs in their place: balances, adjustments, withdrawals, gift cards, the books."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from shop.contracts.wallet import Posting, Transaction, TransactionIdReused, TransactionStatus
from shop.kernel.db import read, snapshot, write
from shop.kernel.errors import Invalid
from shop.kernel.http.access import staff
from shop.kernel.http.idempotency import NEEDS_A_KEY, KeyReused, idempotently
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.kernel.http.sessions import Principal, signed_in
from shop.modules.wallet.api import InCurrency, checked_currency, page_of
from shop.modules.wallet.api_schemas import (
    GiftCardView,
    IssuedGiftCard,
    NewAdjustment,
    NewGiftCard,
    TransactionView,
    WalletView,
    WithdrawalDecision,
    WithdrawalView,
    card_view,
    issued_view,
    transaction_view,
    wallet_view,
    withdrawal_view,
)
from shop.modules.wallet.rules import staffs_id
from shop.modules.wallet.schemas import Books, Withdrawal
from shop.modules.wallet.service import gift_cards, wallet_of, withdrawals
from shop.modules.wallet.service.adjust import adjust, check_owner
from shop.modules.wallet.service.check_books import check_books
from shop.modules.wallet.service.pay_order import pay_order

ShopRequest = Request[Any, Any, Any]
Status = Annotated[TransactionStatus, QueryParameter(description="Only withdrawals in this state")]
MADE: Final = {201: ResponseSpec(TransactionView, generate_examples=False, description="The transaction")}
DECIDED: Final = {201: ResponseSpec(WithdrawalView, generate_examples=False, description="The withdrawal as it is now")}


@get(
    "/api/v1/admin/wallets/{customer_id:uuid}",
    guards=[staff("wallet.view")],
    tags=["wallet"],
    operation_id="getCustomersWallet",
)
async def show(customer_id: FromPath[UUID], currency: InCurrency = None) -> WalletView:
    """What is in a customer's wallet."""
    await read(check_owner, customer_id)
    return wallet_view(await read(wallet_of.find_wallet, customer_id, checked_currency(currency)))


@get(
    "/api/v1/admin/wallets/{customer_id:uuid}/transactions",
    guards=[staff("wallet.view")],
    tags=["wallet"],
    operation_id="listCustomersTransactions",
)
async def list_transactions(
    customer_id: FromPath[UUID], limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None, currency: InCurrency = None
) -> Page[TransactionView]:
    """What has happened in a customer's wallet, newest first."""
    await read(check_owner, customer_id)
    return await page_of(customer_id, checked_currency(currency), limit, cursor)


@post(
    "/api/v1/admin/wallets/{customer_id:uuid}/transactions",
    guards=[staff("wallet.adjust")],
    tags=["wallet"],
    operation_id="adjustWallet",
    opt=NEEDS_A_KEY,
    status_code=201,
    responses=MADE,
)
async def make(request: ShopRequest, customer_id: FromPath[UUID], data: JSONBody[NewAdjustment]) -> Response[bytes]:
    """Move money in a customer's wallet; needs an `Idempotency-Key`. A deposit is credit that the shop gives, a withdrawal
    one that was paid out by hand, a purchase with `order_id` pays that order. A reversal gives back what a settled purchase
    or withdrawal of this wallet took, in parts or as a whole; a cancellation voids a purchase whose order is not paid yet.
    409 `insufficient_balance`, `not_reversible`, `transaction_id_reused`; 422 `parent_not_found`."""
    who = await signed_in(request)

    async def work() -> tuple[int, TransactionView]:
        made = await _make(who, customer_id, request.headers["idempotency-key"], data)
        return 201, transaction_view(made)

    return await idempotently(request, f"adjust:{customer_id}:{who.account_id}", work, required=True)


async def _make(who: Principal, customer_id: UUID, key: str, wish: NewAdjustment) -> Transaction:
    amount = wish.amount.money() if wish.amount else None
    if wish.operation == "purchase" and wish.order_id is not None:
        await read(check_owner, customer_id)
        return await pay_order(customer_id, wish.order_id, key, amount)
    posting = Posting(
        id=staffs_id(wish.id, who.account_id, f"{customer_id}:{key}"),
        operation=wish.operation,
        account_id=customer_id,
        amount=amount,
        order_id=wish.order_id,
        parent_id=wish.parent_id,
        counterparty_id=wish.counterparty_id,
        reason=wish.reason.strip(),
        by="program" if who.program else "staff",
        actor_id=who.account_id,
    )
    return await write(adjust, posting)


@get("/api/v1/admin/ledger/check", guards=[staff("wallet.view")], tags=["wallet"], operation_id="checkLedger")
async def check() -> Books:
    """Whether the books balance: every currency sums to zero, stored balances are the sums of their entries, what is held is
    what is pending, and each provider's clearing is what payments know of it. Reads every entry, about a second for a million;
    the page of the books shows what the shop's own check has found, once a day."""
    return await snapshot(check_books)


@get(
    "/api/v1/admin/withdrawals",
    guards=[staff("wallet.view")],
    tags=["wallet"],
    operation_id="listWithdrawals",
)
async def list_withdrawals(
    status: Status = "pending", limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[WithdrawalView]:
    """What customers want paid out, newest first."""
    before = decode_cursor(cursor, UUID)
    found = await read(withdrawals.list_withdrawals, status, before[0] if before else None, limit + 1)
    further = encode_cursor(found[limit - 1].transaction.id) if len(found) > limit else None
    return Page([withdrawal_view(each) for each in found[:limit]], further)


@post(
    "/api/v1/admin/withdrawals/{withdrawal_id:uuid}/decision",
    guards=[staff("wallet.adjust")],
    tags=["wallet"],
    operation_id="decideWithdrawal",
    opt=NEEDS_A_KEY,
    status_code=201,
    responses=DECIDED,
)
async def decide(
    request: ShopRequest, withdrawal_id: FromPath[UUID], data: JSONBody[WithdrawalDecision]
) -> Response[bytes]:
    """Pay the rest of it out, or refuse it; needs an `Idempotency-Key`. 409 `withdrawal_decided`; 409 `refund_too_large`
    when more is asked for than ever came by means that can be refunded."""
    who = await signed_in(request)

    async def work() -> tuple[int, WithdrawalView]:
        return 201, withdrawal_view(await _decide(who, withdrawal_id, data))

    return await idempotently(request, f"withdrawal:{withdrawal_id}:{who.account_id}", work, required=True)


async def _decide(who: Principal, withdrawal_id: UUID, wish: WithdrawalDecision) -> Withdrawal:
    if wish.decision == "refund":
        return await write(withdrawals.refund_to_means, withdrawal_id, who.account_id)
    if wish.decision == "refuse":
        return await write(withdrawals.refuse, withdrawal_id, who.account_id, wish.reason.strip())
    return await write(withdrawals.pay_out_by_hand, withdrawal_id, who.account_id)


@get("/api/v1/admin/gift-cards", guards=[staff("wallet.view")], tags=["wallet"], operation_id="listGiftCards")
async def list_cards(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[GiftCardView]:
    """All gift cards, newest first, by the ends of their codes."""
    key = decode_cursor(cursor, datetime, UUID)
    found = await read(gift_cards.list_cards, None if key is None else (key[0], key[1]), limit + 1)
    further = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page([card_view(each) for each in found[:limit]], further)


@post(
    "/api/v1/admin/gift-cards",
    guards=[staff("wallet.adjust")],
    tags=["wallet"],
    operation_id="issueGiftCard",
    opt=NEEDS_A_KEY,
)
async def issue_card(request: ShopRequest, data: JSONBody[NewGiftCard]) -> IssuedGiftCard:
    """A gift card that the shop gives away; needs an `Idempotency-Key`. Its code is told in this answer and never again: a
    second call with the same key names the same card without it; for another card it is refused, 422 `key_reused`."""
    who = await signed_in(request)
    # Not by `idempotently`, which keeps answers: the code is kept nowhere.
    card_id = staffs_id(None, who.account_id, f"gift-card:{_key(request)}")
    try:
        card, code = await write(gift_cards.issue_card, card_id, data.amount.money(), data.expires_at, who.account_id)
    except TransactionIdReused:
        raise KeyReused from None
    return issued_view(card, code)


def _key(request: ShopRequest) -> str:
    """Raises Invalid."""
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid.field("Idempotency-Key", "Send a header of 1 to 255 characters that names this attempt")
    return key


@delete(
    "/api/v1/admin/gift-cards/{card_id:uuid}",
    guards=[staff("wallet.adjust")],
    tags=["wallet"],
    operation_id="disableGiftCard",
    status_code=200,
)
async def disable_card(request: ShopRequest, card_id: FromPath[UUID]) -> GiftCardView:
    """It opens nothing any more; what is left on it is the shop's again."""
    who = await signed_in(request)
    return card_view(await write(gift_cards.disable_card, card_id, who.account_id))


ROUTES: Final = (
    show,
    list_transactions,
    make,
    check,
    list_withdrawals,
    decide,
    list_cards,
    issue_card,
    disable_card,
)
