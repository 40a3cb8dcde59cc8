"""What makes an order right, and who may see it: pure functions."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, get_args

import msgspec

from shop.contracts.cart import CartToken
from shop.contracts.identity import AccountId
from shop.contracts.orders import Address, Addresses, Order, OrderLine, OrderStatus
from shop.contracts.payments import Payment, RefundTo
from shop.kernel import postal
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.mail_address import normal_address
from shop.kernel.money import Money, round_half_up
from shop.modules.orders.schemas import AddressInput, CheckoutInput

STATUSES: Final[tuple[OrderStatus, ...]] = get_args(OrderStatus)
UNPAID: Final[tuple[OrderStatus, ...]] = ("pending_payment", "payment_failed")
"""Money is still wanted."""
UNFINISHED: Final[tuple[OrderStatus, ...]] = (*UNPAID, "paid", "processing", "shipped")
"""Goods or money are still on their way."""
MAY_BECOME_PAID: Final[tuple[OrderStatus, ...]] = (*UNPAID, "expired")
"""An expired order too: money that comes late buys the goods if they are still there."""
MAY_BECOME_REFUNDED: Final[tuple[OrderStatus, ...]] = ("paid", "processing", "shipped", "delivered", "returned")
TRY_AGAIN_WITHIN: Final = timedelta(days=1)
"""The longest that goods wait for another way to pay."""


def amount_due(status: str, due: Money) -> Money:
    return due if status in UNPAID else Money.zero(due.currency)


def may_be_paid(status: str, reserved_until: datetime, now: datetime) -> bool:
    return status in UNPAID and reserved_until > now


def checkout_key(cart: CartToken, idempotency_key: str) -> bytes:
    """Names one attempt to turn one cart into an order, without keeping the cart's secret."""
    return hashlib.sha256(f"{cart}\0{idempotency_key}".encode()).digest()


def retry_key(idempotency_key: str) -> bytes:
    return hashlib.sha256(idempotency_key.encode()).digest()


def may_see(order: Order, account_id: AccountId | None, token: str | None) -> bool:
    """Its owner, or whoever holds its token."""
    if account_id is not None and order.account_id == account_id:
        return True
    return token is not None and hmac.compare_digest(token.encode(), order.access_token.encode())


def action_wanted(payments: Iterable[Payment]) -> Payment | None:
    """The payment that waits for its buyer, if any."""
    return next((payment for payment in payments if payment.status == "requires_action"), None)


def newest_failure(payments: Iterable[Payment]) -> str | None:
    """Why the newest attempt failed, in words for the buyer; None when it did not."""
    newest = max(payments, key=lambda payment: payment.id, default=None)
    if newest is None or newest.status != "failed":
        return None
    return newest.failure or "The payment did not go through"


def progress_of(order: Order) -> int | None:
    """How many of the stages ordered, paid, on its way, delivered are reached; None for an order that goes no further."""
    reached: dict[OrderStatus, int] = {
        "pending_payment": 1,
        "payment_failed": 1,
        "paid": 2,
        "processing": 2,
        "shipped": 3,
        "delivered": 4,
    }
    return reached.get(order.status)


def taxes_of(order: Order) -> list[tuple[str | None, Money]]:
    """The order's tax by rate ("19"), highest first; what is left is delivery's, under None. Nothing where there is none."""
    by_rate: dict[Decimal, Money] = {}
    rest = order.totals.tax
    for line in order.lines:
        rate = Decimal(line.tax_rate) * 100
        by_rate[rate] = by_rate.get(rate, Money.zero(rest.currency)) + line.tax
        rest -= line.tax
    found: list[tuple[str | None, Money]] = [
        (f"{rate.normalize():f}", tax) for rate, tax in sorted(by_rate.items(), reverse=True) if tax.amount
    ]
    return [*found, (None, rest)] if rest.amount else found


def price_of_pieces(line: OrderLine, quantity: int, *, tax_included: bool, share: Fraction) -> Money:
    """What was paid for `quantity` further pieces of a line, beside those refunded before. Worked out from the running sum,
    so that all pieces together cost what the line did. `share`: of the price that was asked, 1 without a discount."""
    whole = line.total.amount + (0 if tax_included else line.tax.amount)

    def up_to(pieces: int) -> int:
        return round_half_up(Fraction(whole * pieces, line.quantity) * share)

    before = line.refunded_quantity
    return Money(up_to(before + quantity) - up_to(before), line.total.currency)


def refundable(order: Order, to: RefundTo) -> Money:
    """What is left of its payments that can go there."""
    left = [each.refundable if to == "original" else each.refundable_to_wallet for each in order.payments]
    return Money(sum(each.amount for each in left if each), order.totals.total.currency)


def share_paid(order: Order) -> Fraction:
    """Of the price that was asked for its lines: a discount on the whole order is spread over them."""
    items = order.totals.items.amount
    return Fraction(items - order.totals.discount.amount, items) if items else Fraction(0)


def refundable_lines(order: Order) -> list[tuple[OrderLine, int, Money]]:
    """Lines with pieces that were not refunded yet: how many, and what one of them cost."""
    included, share = order.totals.tax_included, share_paid(order)
    return [
        (line, left, price_of_pieces(line, 1, tax_included=included, share=share))
        for line in order.lines
        if (left := line.quantity - line.refunded_quantity) > 0
    ]


def named_country(address: Address) -> dict[str, str | None]:
    """An address as people there write it, the country by its name."""
    return postal.shown(msgspec.structs.asdict(address))


def checked_contact(checkout: CheckoutInput) -> tuple[str, Addresses]:
    """The address to write to and those to send to. Raises Invalid for what the field rules can't tell."""
    email, errors = checked_email(checkout.email)
    errors += _country_errors("shipping_address", checkout.shipping_address)
    if checkout.billing_address is not None:
        errors += _country_errors("billing_address", checkout.billing_address)
    if errors:
        raise Invalid(errors)
    shipping = checkout.shipping_address.address()
    billing = checkout.billing_address.address() if checkout.billing_address else shipping
    return email, Addresses(shipping, billing)


def checked_email(text: str) -> tuple[str, list[FieldError]]:
    """The address in its normal form, and what is wrong with it, if anything."""
    try:
        return normal_address(text), []
    except ValueError as error:
        return text, [FieldError("email", str(error))]


def _country_errors(group: str, address: AddressInput) -> list[FieldError]:
    """Programs are taken at their word for the rest: they may know an address that our data doesn't."""
    if address.country in postal.country_names():
        return []
    return [FieldError(f"{group}.country", "There is no country with this code")]


def address_problems(group: str, address: Mapping[str, Any]) -> list[FieldError]:
    """What its country has otherwise in an address that somebody typed into the form."""
    parts = {name: value for name, value in address.items() if isinstance(value, str)}
    return [FieldError(f"{group}.{each.field}", each.message) for each in postal.problems(parts)]
