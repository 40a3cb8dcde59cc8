"""The test cards and tokens of docs.stripe.com/testing: what each number does when it is charged, kept or refunded."""

from dataclasses import dataclass
from typing import Any, Literal

DECLINED = "Your card was declined."
MESSAGES = {
    "card_declined": DECLINED,
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_number": "Your card number is incorrect.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "insufficient_funds": "Your card has insufficient funds.",
}


@dataclass(frozen=True)
class Card:
    """`decline` is a decline code, or the error code where it has none. `bank_days` marks a debit that ends later."""

    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    decline: str | None = None
    kept: bool = True
    three_ds: Literal["no", "needed", "unless_set_up", "always"] = "no"
    refund: Literal["at_once", "pending", "fails"] = "at_once"
    dispute: str | None = None
    inquiry: bool = False
    method_type: str = "card"
    bank_days: Literal["no", "succeeds", "fails", "stays"] = "no"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def refusal(self, code: str | None = None) -> dict[str, Any]:
        """The facts of its card error."""
        decline = code or self.decline or "generic_decline"
        own_code = decline in {
            "expired_card", "incorrect_cvc", "processing_error", "incorrect_number", "authentication_required",
        }  # fmt: skip
        facts = {
            "code": decline if own_code else "card_declined",
            "message": MESSAGES.get(decline, DECLINED),
        }
        if decline == "authentication_required":
            return facts | {"decline_code": decline}
        return facts if own_code else facts | {"decline_code": decline}


NAMED: dict[str, Card] = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", funding="debit"),
    "mastercard_prepaid": Card("5105105105105100", "mastercard", funding="prepaid"),
    "amex": Card("378282246310005", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "diners": Card("3056930009020004", "diners"),
    "jcb": Card("3566002020360505", "jcb"),
    "unionpay": Card("6200000000000005", "unionpay"),
    "de": Card("4000002760000016", country="DE"),
    "fr": Card("4000002500000003", country="FR"),
    "gb": Card("4000008260000000", country="GB"),
    "nl": Card("4000005280000002", country="NL"),
    "bypassPending": Card("4000000000000077"),
    "visa_chargeDeclined": Card("4000000000000002", decline="generic_decline", kept=False),
    "chargeDeclined": Card("4000000000000002", decline="generic_decline", kept=False),
    "visa_chargeDeclinedInsufficientFunds": Card("4000000000009995", decline="insufficient_funds", kept=False),
    "visa_chargeDeclinedLostCard": Card("4000000000009987", decline="lost_card", kept=False),
    "visa_chargeDeclinedStolenCard": Card("4000000000009979", decline="stolen_card", kept=False),
    "visa_chargeDeclinedVelocityLimitExceeded": Card("4000000000006975", decline="card_velocity_exceeded", kept=False),
    "chargeDeclinedFraudulent": Card("4100000000000019", decline="fraudulent", kept=False),
    "chargeDeclinedExpiredCard": Card("4000000000000069", decline="expired_card", kept=False),
    "chargeDeclinedIncorrectCvc": Card("4000000000000127", decline="incorrect_cvc", kept=False),
    "chargeDeclinedProcessingError": Card("4000000000000119", decline="processing_error", kept=False),
    "chargeCustomerFail": Card("4000000000000341", decline="generic_decline"),
    "threeDSecureRequired": Card("4000000000003063", three_ds="needed"),
    "threeDSecure2Required": Card("4000000000003220", three_ds="needed"),
    "threeDSecureOptional": Card("4000000000003055"),
    "threeDSecureRequiredChargeDeclined": Card("4000008400001629", three_ds="needed", decline="generic_decline"),
    "authenticationRequiredOnSetup": Card("4000002500003155", country="FR", three_ds="unless_set_up"),
    "authenticationRequiredSetupForOffSession": Card("4000002500003155", country="FR", three_ds="unless_set_up"),
    "authenticationRequired": Card("4000002760003184", country="DE", three_ds="always"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "4000008260003178", country="GB", three_ds="always", decline="insufficient_funds"
    ),
    "pendingRefund": Card("4000000000007726", refund="pending"),
    "refundFail": Card("4000000000005126", refund="fails"),
    "createDispute": Card("4000000000000259", dispute="fraudulent"),
    "createDisputeProductNotReceived": Card("4000000000002685", dispute="product_not_received"),
    "createDisputeInquiry": Card("4000000000001976", dispute="general", inquiry=True),
    "createIssuerFraudRecord": Card("4000000000005423"),
    "riskLevelElevated": Card("4000000000009235"),
    "riskLevelHighest": Card("4000000000004954", decline="fraudulent"),
}
ALIASES = {
    "chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "chargeDeclinedLostCard": "visa_chargeDeclinedLostCard",
    "chargeDeclinedStolenCard": "visa_chargeDeclinedStolenCard",
}
DEBITS = {
    "pm_usBankAccount_success": Card("000123456789", method_type="us_bank_account", bank_days="succeeds"),
    "pm_usBankAccount_processing": Card("000222222227", method_type="us_bank_account", bank_days="stays"),
    "pm_usBankAccount_insufficientFunds": Card(
        "000111111116", method_type="us_bank_account", bank_days="fails", decline="insufficient_funds"
    ),
}
IBANS = {
    "AT611904300234573201": Card("AT611904300234573201", country="AT", method_type="sepa_debit", bank_days="succeeds"),
    "AT861904300235473202": Card(
        "AT861904300235473202", country="AT", method_type="sepa_debit", bank_days="fails", decline="generic_decline"
    ),
    "AT321904300235473204": Card("AT321904300235473204", country="AT", method_type="sepa_debit", bank_days="stays"),
}
NUMBERS = {card.number: card for card in (*NAMED.values(), *DEBITS.values(), *IBANS.values())}


def named(id_: str) -> Card | None:
    """What pm_card_... or tok_... stands for."""
    if id_ in DEBITS:
        return DEBITS[id_]
    short = id_.removeprefix("pm_card_") if id_.startswith("pm_card_") else id_.removeprefix("tok_")
    return NAMED.get(ALIASES.get(short, short)) if short != id_ else None


def numbered(number: str) -> Card | None:
    """None for what no card can bear; a right number that stands in no table is simply a good Visa."""
    digits = "".join(number.split())
    if digits in NUMBERS:
        return NUMBERS[digits]
    return Card(digits) if digits.isdigit() and 13 <= len(digits) <= 19 and _luhn(digits) else None


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0
