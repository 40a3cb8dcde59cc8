"""What PayPal reports, in the shop's words: the parts of its orders that we read, and what their states mean here.

A payment is known there by `custom_id`, its own id, and by `invoice_id`, which also names what it is for, and which
PayPal lets be paid once. Both are told again with captures, in webhooks and in PayPal's books; the order's number for
the payer is not, so it is left out.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Final, Literal
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import (
    ProviderAnswer,
    ProviderAway,
    ProviderIntent,
    ProviderRefused,
    ProviderUnclear,
    RefundAnswer,
    VaultedMethod,
)
from shop.contracts.payments import MethodShown, PaymentStatus
from shop.kernel.money import Money, minor_digits, parse_decimal
from shop.modules.payments.gateways.paypal_client import Link, payer_link

WHOLE_ONLY: Final = frozenset({"HUF", "JPY", "TWD"})
"""PayPal takes no decimals in these (developer.paypal.com/reference/currency-codes)."""
CURRENCIES: Final = WHOLE_ONLY | {
    *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN"),
    *("MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
}
CANCELLED_MARK: Final = "Cancelled by the shop"
DECLINED_MARK: Final = "Declined"
MARKS: Final[dict[str, PaymentStatus]] = {CANCELLED_MARK: "cancelled", DECLINED_MARK: "failed"}
"""Descriptions that an unpaid order is given when it ends: PayPal has no other word for that."""
DECLINED: Final = "PayPal declined the payment. Please try again, or choose another way to pay."
NOT_THIS_AMOUNT: Final = "This amount can't be paid with PayPal."
DECIDED_WITHIN: Final = timedelta(days=14)
"""Of what PayPal reviews, or waits for itself: an eCheck clears within seven working days, and is tried once more within three
(paypal.com/cshelp/article/help285)."""
TAKEN: Final = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
UNTAKEN: Final[dict[str, PaymentStatus]] = {"PENDING": "pending", "DECLINED": "failed", "FAILED": "failed"}
GOING_BACK: Final = frozenset({"COMPLETED", "PENDING"})
AUTHORIZATION: Final[dict[str, PaymentStatus]] = {
    "CREATED": "authorized",
    "PENDING": "pending",
    "PARTIALLY_CAPTURED": "authorized",
    "CAPTURED": "pending",
    "DENIED": "failed",
    "EXPIRED": "cancelled",
    "VOIDED": "cancelled",
}
ORDER: Final[dict[str, PaymentStatus]] = {
    "CREATED": "pending",
    "SAVED": "pending",
    "PENDING_APPROVAL": "pending",
    "PAYER_ACTION_REQUIRED": "requires_action",
    "APPROVED": "authorized",
    "VOIDED": "cancelled",
}
REFUND: Final[dict[str, Literal["pending", "done", "failed"]]] = {
    "COMPLETED": "done",
    "PENDING": "pending",
    "FAILED": "failed",
    "CANCELLED": "failed",
}


class Amount(msgspec.Struct):
    value: str
    currency_code: str

    def money(self) -> Money:
        """Raises ProviderAway for an amount that we can't express: it must never look like what we asked for."""
        try:
            return parse_decimal(self.value, self.currency_code)
        except (ValueError, ArithmeticError) as error:
            raise ProviderAway(f"PayPal reports the amount {self.value!r} {self.currency_code!r}"[:200]) from error


class StatusDetails(msgspec.Struct):
    reason: str | None = None


class RelatedIds(msgspec.Struct):
    order_id: str | None = None


class SupplementaryData(msgspec.Struct):
    related_ids: RelatedIds = msgspec.field(default_factory=RelatedIds)


class Capture(msgspec.Struct):
    id: str
    status: str
    amount: Amount
    custom_id: str | None = None
    create_time: datetime | None = None
    supplementary_data: SupplementaryData = msgspec.field(default_factory=SupplementaryData)


class Authorization(msgspec.Struct):
    id: str
    status: str
    amount: Amount
    create_time: datetime | None = None
    expiration_time: datetime | None = None


class PayPalRefund(msgspec.Struct):
    id: str
    status: str
    amount: Amount
    custom_id: str | None = None
    status_details: StatusDetails | None = None


class Collected(msgspec.Struct):
    authorizations: list[Authorization] = []
    captures: list[Capture] = []
    refunds: list[PayPalRefund] = []


class PurchaseUnit(msgspec.Struct):
    amount: Amount
    custom_id: str | None = None
    invoice_id: str | None = None
    description: str | None = None
    payments: Collected = msgspec.field(default_factory=Collected)


class Customer(msgspec.Struct):
    id: str | None = None
    merchant_customer_id: str | None = None


class Vaulted(msgspec.Struct):
    status: str | None = None
    id: str | None = None
    customer: Customer = msgspec.field(default_factory=Customer)


class Attributes(msgspec.Struct):
    vault: Vaulted | None = None


class Wallet(msgspec.Struct):
    email_address: str | None = None
    attributes: Attributes = msgspec.field(default_factory=Attributes)


class Source(msgspec.Struct):
    paypal: Wallet | None = None


class PayPalOrder(msgspec.Struct):
    """The part of an order that we read."""

    id: str
    status: str
    intent: str
    purchase_units: list[PurchaseUnit]
    payment_source: Source = msgspec.field(default_factory=Source)
    links: list[Link] = []

    @property
    def unit(self) -> PurchaseUnit:
        """Ours have one. Raises ProviderAway for any other."""
        if len(self.purchase_units) != 1:
            raise ProviderAway(f"PayPal's order {self.id} has {len(self.purchase_units)} purchase units")
        return self.purchase_units[0]

    @property
    def captures(self) -> list[Capture]:
        return self.unit.payments.captures

    @property
    def open_authorization(self) -> Authorization | None:
        held = self.unit.payments.authorizations
        return next((each for each in reversed(held) if AUTHORIZATION.get(each.status) == "authorized"), None)

    @property
    def is_unpaid(self) -> bool:
        """Neither taken nor held."""
        return not self.captures and not self.unit.payments.authorizations


def answer_of(order: PayPalOrder) -> ProviderAnswer:
    """Raises ProviderUnclear for a status that we have never heard of, ProviderAway."""
    unit = order.unit
    status, begun = _status_of(order)
    taken = [each for each in order.captures if each.status in TAKEN]
    captured = _total(each.amount for each in taken) if taken else None
    paid_for, subject = _read_invoice(unit.invoice_id)
    payment_id = _uuid(unit.custom_id)
    return ProviderAnswer(
        provider_ref=order.id,
        status=status,
        amount=unit.amount.money(),
        payment_id=payment_id if payment_id == subject else None,
        order_id=paid_for if _is_for(unit, "o") else None,
        deposit_id=paid_for if _is_for(unit, "d") else None,
        redirect_url=payer_link(order.links, "payer-action", "approve") if status == "requires_action" else None,
        failure=DECLINED if status == "failed" else None,
        captured=captured,
        refunded=_refunded(unit) if captured else None,
        holds_until=_holds_until(order, status),
        method=method_shown(order.payment_source.paypal),
        capture_ref=taken[-1].id if taken else None,
        begun=begun,
        vaulted=_vaulted(order.payment_source.paypal),
    )


def _status_of(order: PayPalOrder) -> tuple[PaymentStatus, bool]:
    """The status, and whether a charge was begun."""
    unit = order.unit
    if order.captures:
        return _status_of_captures({each.status for each in order.captures}), True
    if held := unit.payments.authorizations:
        return _known(AUTHORIZATION, held[-1].status), True
    if (ended := MARKS.get(unit.description or "")) is not None:
        return ended, True
    if order.status == "APPROVED" and order.intent == "AUTHORIZE":
        # The payer has said yes, and nothing is held yet: that is for `charge` to do.
        return "pending", False
    return _known(ORDER, order.status), order.status != "CREATED"


def _status_of_captures(told: set[str]) -> PaymentStatus:
    if told & TAKEN:
        return "captured"
    known = {_known(UNTAKEN, each) for each in told}
    return "pending" if "pending" in known else "failed"


def _known(statuses: dict[str, PaymentStatus], told: str) -> PaymentStatus:
    if (status := statuses.get(told)) is None:
        raise ProviderUnclear(f"PayPal reports the unknown status {told!r}"[:200])
    return status


def _refunded(unit: PurchaseUnit) -> Money | None:
    back = [each.amount for each in unit.payments.refunds if each.status in GOING_BACK]
    return _total(back) if back else None


def _total(amounts: Iterable[Amount]) -> Money:
    """Of at least one."""
    return reduce(Money.__add__, (each.money() for each in amounts))


def _holds_until(order: PayPalOrder, status: PaymentStatus) -> datetime | None:
    if status == "authorized":
        held = order.open_authorization
        return held.expiration_time if held else None
    if status != "pending":
        return None
    asked: list[Capture | Authorization] = [*order.captures, *order.unit.payments.authorizations]
    undecided = [each.create_time for each in asked if each.status == "PENDING" and each.create_time is not None]
    return max(undecided) + DECIDED_WITHIN if undecided else None


def refund_answer_of(refund: PayPalRefund) -> RefundAnswer:
    status = REFUND.get(refund.status)
    if status is None:
        raise ProviderAway(f"PayPal reports the unknown refund status {refund.status!r}"[:200])
    reason = refund.status_details.reason if refund.status_details else None
    words = f"PayPal reports the refund as {(reason or refund.status).replace('_', ' ').lower()}"
    return RefundAnswer(refund.id, status, refund.amount.money(), words if status == "failed" else None)


def method_shown(wallet: Wallet | None) -> MethodShown | None:
    """The account by its masked address: enough to know one's own by."""
    if wallet is None or not wallet.email_address or "@" not in wallet.email_address:
        return None
    name, _, domain = wallet.email_address.rpartition("@")
    return MethodShown("paypal", f"PayPal {name[:1]}…@{domain}"[:100])


def _vaulted(wallet: Wallet | None) -> VaultedMethod | None:
    vault, shown = wallet.attributes.vault if wallet else None, method_shown(wallet)
    if vault is None or vault.id is None or vault.status != "VAULTED" or shown is None:
        return None
    return VaultedMethod(vault.id, vault.customer.id, shown)


def to_paypal(money: Money) -> dict[str, str]:
    """Raises ProviderRefused for what PayPal can't express."""
    value = Decimal(money.amount).scaleb(-minor_digits(money.currency))
    if money.currency in WHOLE_ONLY:
        if value != value.to_integral_value():
            raise ProviderRefused(NOT_THIS_AMOUNT)
        return {"currency_code": money.currency, "value": f"{value:.0f}"}
    if money.currency not in CURRENCIES:
        raise ProviderRefused(NOT_THIS_AMOUNT)
    return {"currency_code": money.currency, "value": f"{value:.2f}"}


def invoice_id(intent: ProviderIntent) -> str:
    """What the payment is for and which payment it is, so that PayPal takes each once."""
    subject = f"d{intent.deposit_id.hex}" if intent.deposit_id else f"o{(intent.order_id or intent.payment_id).hex}"
    return f"{subject}-{intent.payment_id.hex}"


def _read_invoice(invoice: str | None) -> tuple[UUID | None, UUID | None]:
    """What was paid for, and by which payment."""
    subject, _, payment = (invoice or "").partition("-")
    return _uuid(subject[1:]), _uuid(payment)


def _is_for(unit: PurchaseUnit, letter: str) -> bool:
    return (unit.invoice_id or "").startswith(letter)


def refund_custom_id(intent: ProviderIntent, refund_id: UUID) -> str:
    """The payment first, as everywhere, so that a webhook of the refund leads to it."""
    return f"{intent.payment_id}:{refund_id}"


def payment_id_in(custom_id: object) -> UUID | None:
    """Of an order, a capture or a refund."""
    return _uuid(custom_id.partition(":")[0]) if isinstance(custom_id, str) else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
