"""What Stripe reports, in the shop's words: the parts of its objects that we read, and what their states mean here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import ProviderAnswer, ProviderUnclear, RefundAnswer, VaultedMethod
from shop.contracts.payments import MethodShown, PaymentStatus
from shop.kernel.money import Money

EXPAND: Final = ["latest_charge", "payment_method"]
CARD_REFUSED: Final = "Your card was declined. Please try another one."
HOLD: Final = timedelta(days=6)
"""Most cards hold an authorization for seven days; where Stripe says when it ends, that counts."""
DECIDED_WITHIN: Final = timedelta(days=21)
"""A debit is told as paid or failed within 14 working days, the slowest kind (docs.stripe.com/payments/sepa-debit): three
weeks with their weekends and a holiday."""
IN_HUNDREDTHS: Final = {"ISK", "UGX"}
"""Stripe counts these in hundredths although they have no minor unit (docs.stripe.com/currencies)."""
STATUS: Final[dict[str, PaymentStatus]] = {
    "requires_payment_method": "requires_action",
    "requires_confirmation": "requires_action",
    "requires_action": "requires_action",
    "processing": "pending",
    "requires_capture": "authorized",
    "succeeded": "captured",
    "canceled": "cancelled",
}
LABELS: Final = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
    "eftpos_au": "eftpos Australia",
    "sepa_debit": "SEPA Direct Debit",
    "us_bank_account": "US bank account",
    "bacs_debit": "Bacs Direct Debit",
    "acss_debit": "Pre-authorized debit",
    "au_becs_debit": "BECS Direct Debit",
    "ideal": "iDEAL",
    "eps": "EPS",
    "p24": "Przelewy24",
    "paypal": "PayPal",
}
"""Of card brands and of kinds that a capital letter alone doesn't make readable."""


class LastError(msgspec.Struct):
    message: str | None = None


class RedirectToUrl(msgspec.Struct):
    url: str | None = None


class NextAction(msgspec.Struct):
    redirect_to_url: RedirectToUrl | None = None


class Charge(msgspec.Struct):
    """What the last attempt left; amounts in Stripe's smallest unit."""

    amount: int
    created: int
    captured: bool = False
    amount_captured: int | None = None
    amount_refunded: int = 0
    payment_method_details: dict[str, Any] | None = None


class StripeIntent(msgspec.Struct):
    """The part of a PaymentIntent that we read. Amounts in Stripe's smallest unit."""

    id: str
    status: str
    amount: int
    currency: str
    created: int
    amount_received: int | None = None
    client_secret: str | None = None
    metadata: dict[str, str] = {}
    last_payment_error: LastError | None = None
    next_action: NextAction | None = None
    latest_charge: Charge | str | None = None
    payment_method: dict[str, Any] | str | None = None
    setup_future_usage: str | None = None

    @property
    def begun(self) -> bool:
        """False for one that we are to confirm and haven't yet: no bank was asked, and none will be without us."""
        return self.status != "requires_confirmation" or self.metadata.get("confirmed_by") != "shop"

    @property
    def charge(self) -> Charge | None:
        return self.latest_charge if isinstance(self.latest_charge, Charge) else None


class StripeRefund(msgspec.Struct):
    """The part of a Refund that we read. `amount` in Stripe's smallest unit."""

    id: str
    amount: int
    currency: str
    status: str | None = None
    failure_reason: str | None = None
    metadata: dict[str, str] | None = None


def answer_of(found: StripeIntent) -> ProviderAnswer:
    """Raises ProviderUnclear for a status that we have never heard of."""
    status = STATUS.get(found.status)
    if status is None:
        raise ProviderUnclear(f"Stripe reports the unknown status {found.status!r}")
    if not found.begun:
        status = "pending"
    error = found.last_payment_error
    if found.status == "requires_payment_method" and error and found.metadata.get("confirmed_by") == "shop":
        status = "failed"
    acting = status == "requires_action"
    redirect = found.next_action.redirect_to_url if acting and found.next_action else None
    captured, refunded = _moved(found) if status == "captured" else (None, None)
    return ProviderAnswer(
        provider_ref=found.id,
        status=status,
        amount=from_stripe(found.amount, found.currency),
        payment_id=id_in(found.metadata, "payment_id"),
        order_id=id_in(found.metadata, "order_id"),
        client_secret=found.client_secret if acting else None,
        redirect_url=redirect.url if redirect else None,
        failure=(error.message or CARD_REFUSED) if error and status in {"failed", "requires_action"} else None,
        deposit_id=id_in(found.metadata, "deposit_id"),
        captured=captured,
        refunded=refunded,
        counts_reversals=False,
        holds_until=_holds_until(found),
        method=_method_of(found),
        begun=found.begun,
        vaulted=_vaulted(found) if status in {"authorized", "captured"} else None,
    )


def refund_answer_of(refund: StripeRefund) -> RefundAnswer:
    amount = from_stripe(refund.amount, refund.currency)
    if refund.status == "succeeded":
        return RefundAnswer(refund.id, "done", amount)
    if refund.status in {"failed", "canceled"}:
        reason = (refund.failure_reason or refund.status).replace("_", " ")
        return RefundAnswer(refund.id, "failed", amount, f"Stripe reports the refund as failed: {reason}")
    return RefundAnswer(refund.id, "pending", amount)


def method_shown(thing: Mapping[str, Any]) -> MethodShown | None:
    """Of a PaymentMethod, or of the `payment_method_details` of a charge: both keep particulars under their kind."""
    kind = thing.get("type")
    if not isinstance(kind, str):
        return None
    facts = thing.get(kind)
    facts = facts if isinstance(facts, dict) else {}
    brand, month, year = facts.get("brand"), facts.get("exp_month"), facts.get("exp_year")
    label = _label(brand if isinstance(brand, str) else kind)
    address = facts.get("payer_email") or facts.get("email")
    if isinstance(address, str) and "@" in address:
        label = f"{label} {address[0]}…@{address.rpartition('@')[2]}"
    expires = f"{month:02}/{year}" if isinstance(month, int) and isinstance(year, int) else None
    last4 = facts.get("last4")
    return MethodShown(kind, label, last4 if isinstance(last4, str) else None, expires)


def vaulted_method(method: Mapping[str, Any], customer: str | None) -> VaultedMethod | None:
    """A PaymentMethod that its customer keeps."""
    shown = method_shown(method)
    return None if shown is None else VaultedMethod(method["id"], customer, shown)


def time_of(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def id_in(metadata: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(metadata.get(name, ""))
    except ValueError:
        return None


def to_stripe(money: Money) -> int:
    return money.amount * 100 if money.currency in IN_HUNDREDTHS else money.amount


def from_stripe(amount: int, currency: str) -> Money:
    """An amount that is no whole unit of ours stays distinguishable: it must never look like what we asked for."""
    code = currency.upper()
    if code not in IN_HUNDREDTHS:
        return Money(amount, code)
    return Money(amount // 100, code) if amount % 100 == 0 else Money(amount, f"{code}/100")


def _moved(found: StripeIntent) -> tuple[Money | None, Money | None]:
    """What was taken, and what of it was given back. Stripe counts what a partial capture released as refunded, too."""
    charge, received = found.charge, found.amount_received
    taken = received if received is not None else charge.amount_captured if charge else None
    if taken is None:
        taken = found.amount
    refunded = None
    if charge is not None:
        released = charge.amount - taken
        refunded = charge.amount_refunded - released if charge.amount_refunded >= released else charge.amount_refunded
    return (
        from_stripe(taken, found.currency),
        None if refunded is None else from_stripe(refunded, found.currency),
    )


def _holds_until(found: StripeIntent) -> datetime | None:
    """The same at each look: counted from the day on which the bank was asked."""
    charge = found.charge
    began = time_of(charge.created if charge else found.created)
    if found.status == "processing":
        return began + DECIDED_WITHIN
    if found.status != "requires_capture":
        return None
    details = (charge.payment_method_details if charge else None) or {}
    facts = details.get(details.get("type", ""))
    before = facts.get("capture_before") if isinstance(facts, dict) else None
    if isinstance(before, int):
        return time_of(before)
    return began + HOLD


def _method_of(found: StripeIntent) -> MethodShown | None:
    details = found.charge.payment_method_details if found.charge else None
    if not details and isinstance(found.payment_method, dict):
        details = found.payment_method
    return method_shown(details) if details else None


def _vaulted(found: StripeIntent) -> VaultedMethod | None:
    method = found.payment_method
    if found.setup_future_usage is None or not isinstance(method, dict) or not method.get("customer"):
        return None
    return vaulted_method(method, method["customer"])


def _label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ").capitalize()
