"""The customer's wallet as JSON. What a program may do for a customer, the scopes wallet.read and wallet.write say."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from shop.contracts.wallet import OperationNotAllowed, Posting, Transaction, TransactionNotFound
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.http.access import customer_or_program
from shop.kernel.http.idempotency import NEEDS_A_KEY, idempotently
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from shop.kernel.http.ratelimit import AUTH, CHECKOUT
from shop.kernel.http.sessions import signed_in
from shop.kernel.money import is_currency
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.api_schemas import (
    GiftCardCode,
    NewTransaction,
    TransactionView,
    WalletView,
    transaction_view,
    wallet_view,
)
from shop.modules.wallet.guesses import count_guess
from shop.modules.wallet.rules import customers_transaction
from shop.modules.wallet.service import wallet_of
from shop.modules.wallet.service.deposit import fill_wallet, with_payment
from shop.modules.wallet.service.gift_cards import redeem
from shop.modules.wallet.service.pay_order import pay_order
from shop.modules.wallet.service.post import post as post_wish

ShopRequest = Request[Any, Any, Any]
InCurrency = Annotated[str | None, QueryParameter(max_length=3, description="ISO 4217; the shop's own when left out")]
MADE: Final = {
    201: ResponseSpec(
        TransactionView, generate_examples=False, description="The transaction; of a deposit its payment too"
    )
}


def checked_currency(code: str | None) -> str:
    """Raises Invalid."""
    if code is None:
        return settings().currency
    if not is_currency(code):
        raise Invalid.field("currency", "A currency code such as EUR")
    return code


@get("/api/v1/wallet", guards=[customer_or_program("wallet.read")], tags=["wallet"], operation_id="getWallet")
async def show(request: ShopRequest, currency: InCurrency = None) -> WalletView:
    """What is in your wallet. Zeros in a currency that it never held."""
    account_id = (await signed_in(request)).account_id
    return wallet_view(await read(wallet_of.find_wallet, account_id, checked_currency(currency)))


@get(
    "/api/v1/wallet/transactions",
    guards=[customer_or_program("wallet.read")],
    tags=["wallet"],
    operation_id="listWalletTransactions",
)
async def list_mine(
    request: ShopRequest, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None, currency: InCurrency = None
) -> Page[TransactionView]:
    """What has happened in your wallet, newest first."""
    account_id = (await signed_in(request)).account_id
    return await page_of(account_id, checked_currency(currency), limit, cursor)


async def page_of(account_id: UUID, currency: str, limit: int, cursor: str | None) -> Page[TransactionView]:
    """Raises Invalid."""
    key = decode_cursor(cursor, datetime, UUID)
    before = None if key is None else (key[0], key[1])
    found = await read(wallet_of.list_transactions, account_id, currency, before, limit + 1)
    further = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page([transaction_view(each) for each in found[:limit]], further)


@get(
    "/api/v1/wallet/transactions/{transaction_id:uuid}",
    guards=[customer_or_program("wallet.read")],
    tags=["wallet"],
    operation_id="getWalletTransaction",
)
async def show_one(request: ShopRequest, transaction_id: FromPath[UUID]) -> TransactionView:
    """One of yours; a deposit with its payment, and what is still to be done for it."""
    account_id = (await signed_in(request)).account_id
    return transaction_view(await read(_own, account_id, transaction_id), with_payment=True)


async def _own(uow: UnitOfWork, account_id: UUID, transaction_id: UUID) -> Transaction:
    """Another's is not found."""
    found = await wallet_of.find_own(uow, account_id, transaction_id)
    if found is None:
        raise TransactionNotFound
    return await with_payment(uow, found)


@post(
    "/api/v1/wallet/transactions",
    guards=[customer_or_program("wallet.write")],
    tags=["wallet"],
    operation_id="makeWalletTransaction",
    opt=NEEDS_A_KEY | CHECKOUT,
    status_code=201,
    responses=MADE,
)
async def make(request: ShopRequest, data: JSONBody[NewTransaction]) -> Response[bytes]:
    """Fill your wallet, pay an order of yours from it, or ask to have it paid out (where the shop does that); needs an
    `Idempotency-Key`. A deposit is there once its payment is captured: until then it is `pending`, and `payment` says what
    to do. 409 `insufficient_balance`; 403 `operation_not_allowed` for what only staff do."""
    account_id = (await signed_in(request)).account_id

    async def work() -> tuple[int, TransactionView]:
        made = await _make(account_id, request.headers["idempotency-key"], data)
        return 201, transaction_view(made, with_payment=data.operation == "deposit")

    return await idempotently(request, f"wallet:{account_id}", work, required=True)


async def _make(account_id: UUID, key: str, wish: NewTransaction) -> Transaction:
    if wish.operation == "deposit":
        if wish.payment is None or wish.amount is None:
            raise Invalid.field("amount" if wish.amount is None else "payment", "This is needed")
        return await fill_wallet(account_id, key, wish.amount.money(), wish.payment.request())
    if wish.operation == "purchase":
        if wish.order_id is None:
            raise Invalid.field("order_id", "This is needed")
        return await pay_order(account_id, wish.order_id, key, wish.amount.money() if wish.amount else None)
    if wish.operation == "gift_card":
        raise OperationNotAllowed("A gift card is redeemed at /api/v1/wallet/gift-cards")
    posting = Posting(
        id=customers_transaction(account_id, key),
        operation=wish.operation,
        account_id=account_id,
        amount=wish.amount.money() if wish.amount else None,
        by="customer",
    )
    return await write(post_wish, posting)


@post(
    "/api/v1/wallet/gift-cards",
    guards=[customer_or_program("wallet.write")],
    tags=["wallet"],
    operation_id="redeemGiftCard",
    opt=NEEDS_A_KEY | AUTH,
    status_code=201,
    responses=MADE,
)
async def redeem_card(request: ShopRequest, data: JSONBody[GiftCardCode]) -> Response[bytes]:
    """What is on a gift card goes into your wallet; needs an `Idempotency-Key`. 409 `gift_card_not_valid` for a code that
    is wrong, used, disabled or too old; 429 after ten tries within an hour."""
    account_id = (await signed_in(request)).account_id

    async def work() -> tuple[int, TransactionView]:
        await count_guess(request, account_id)
        transaction_id = customers_transaction(account_id, request.headers["idempotency-key"])
        return 201, transaction_view(await write(redeem, transaction_id, account_id, data.code))

    return await idempotently(request, f"gift-cards:{account_id}", work, required=True)


ROUTES: Final = (show, list_mine, show_one, make, redeem_card)
