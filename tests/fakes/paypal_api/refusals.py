"""PayPal's error bodies: a name for the kind of refusal, and an issue that says which rule was broken."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

SEMANTIC: Final = "The requested action could not be performed, semantically incorrect, or failed business validation."
SYNTACTIC: Final = "Request is not well-formed, syntactically incorrect, or violates schema."
UNKNOWN: Final = "The specified resource does not exist."
FORBIDDEN: Final = "Authorization failed due to insufficient permissions."
INTERNAL: Final = "An internal server error occurred."
BUSY: Final = "The server has detected a conflict while processing this request."
RATE: Final = "Too many requests. Blocked due to rate limiting."

ISSUES: Final[dict[str, str]] = {
    "ORDER_NOT_APPROVED": (
        "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned"
        " as part of the HATEOAS links within the Create Order call or provide a valid payment_source in the request."
    ),
    "ORDER_ALREADY_CAPTURED": "Order already captured. If 'intent=CAPTURE' only one capture per order is allowed.",
    "ORDER_ALREADY_AUTHORIZED": (
        "Order already authorized. If 'intent=AUTHORIZE' only one authorization per order is allowed."
    ),
    "ORDER_ALREADY_COMPLETED": "The order cannot be patched after it is completed.",
    "ACTION_DOES_NOT_MATCH_INTENT": "Order was created with another intent than the action that is asked for.",
    "INSTRUMENT_DECLINED": (
        "The instrument presented  was either declined by the processor or bank, or it can't be used for this payment."
    ),
    "TRANSACTION_REFUSED": "The request was refused.",
    "DUPLICATE_INVOICE_ID": (
        "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that"
        " Invoice Id be unique for each transaction."
    ),
    "DUPLICATE_REQUEST_ID": "The value of PayPal-Request-Id header has already been used.",
    "PAYPAL_REQUEST_ID_REQUIRED": (
        "A PayPal-Request-Id is required if you are trying to process payment for an Order."
        " Please specify a PayPal-Request-Id or Create the Order without a 'payment_source' specified."
    ),
    "PREVIOUS_REQUEST_IN_PROGRESS": (
        "A previous request on this resource is currently in progress. Please wait for sometime and try again."
    ),
    "REFUND_AMOUNT_EXCEEDED": (
        "The refund amount must be less than or equal to the capture amount that has not yet been refunded."
    ),
    "CAPTURE_FULLY_REFUNDED": "The capture has already been fully refunded.",
    "PENDING_CAPTURE": (
        "Cannot initiate a refund as the capture is pending. Capture is typically pending when the payer has funded the"
        " transaction by using an e-check or bank account."
    ),
    "REFUND_NOT_ALLOWED": "Full refund refused - partial refund has already been done on this payment.",
    "REFUND_CAPTURE_CURRENCY_MISMATCH": "Refund must be in the same currency as the capture.",
    "AUTHORIZATION_ALREADY_CAPTURED": (
        "Authorization has already been captured. If final_capture is set to to true, additional captures are not"
        " possible against the authorization."
    ),
    "AUTHORIZATION_VOIDED": "A voided authorization cannot be captured or reauthorized.",
    "AUTHORIZATION_EXPIRED": "An expired authorization cannot be captured.",
    "AUTH_CAPTURE_CURRENCY_MISMATCH": "Currency of capture must be the same as currency of authorization.",
    "MAX_CAPTURE_AMOUNT_EXCEEDED": "Capture amount exceeds allowable limit.",
    "PREVIOUSLY_CAPTURED": "Authorization has been previously captured and hence cannot be voided.",
    "PREVIOUSLY_VOIDED": "Authorization has been previously voided and hence cannot be voided again.",
    "REAUTHORIZATION_TOO_SOON": (
        "A reauthorization is only allowed once from Day 4 to Day 29 since the date of the original authorization."
    ),
    "INVALID_RESOURCE_ID": "Specified resource ID does not exist. Please check the resource ID and try again.",
    "INVALID_CURRENCY_CODE": "Currency code should be a three-character currency code.",
    "CURRENCY_NOT_SUPPORTED": "Currency code is not currently supported.",
    "DECIMALS_NOT_SUPPORTED": "Currency does not support decimals.",
    "DECIMAL_PRECISION": ("The value of the field should not be more than two decimal places."),
    "CANNOT_BE_ZERO_OR_NEGATIVE": (
        "Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported."
    ),
    "MAX_VALUE_EXCEEDED": "Should be less than or equal to 9999999.99.",
    "MISSING_REQUIRED_PARAMETER": "A required field / parameter is missing.",
    "INVALID_PARAMETER_VALUE": "The value of a field is invalid.",
    "INVALID_PARAMETER_SYNTAX": "The value of a field does not conform to the expected format.",
    "INVALID_STRING_MAX_LENGTH": "The value of a field is too long.",
    "NOT_PATCHABLE": "Cannot be patched.",
    "TOKEN_NOT_APPROVED": "The setup token has not been approved by the payer.",
    "NOT_AUTHORIZED": "You do not have permission to access or perform operations on this resource.",
}


class Refusal(Exception):
    """Told to the caller as PayPal tells it."""

    def __init__(
        self,
        status: int,
        name: str,
        message: str,
        details: Sequence[dict[str, str]] = (),
        links: Sequence[dict[str, str]] = (),
    ) -> None:
        super().__init__(name, [each["issue"] for each in details])
        self.status = status
        self.body: dict[str, Any] = {
            "name": name,
            "details": list(details),
            "message": message,
            "debug_id": secrets.token_hex(7)[:13],
            "links": list(links),
        }

    @property
    def issues(self) -> list[str]:
        return [each["issue"] for each in self.body["details"]]


def unprocessable(issue: str, *links: dict[str, str], field: str | None = None) -> Refusal:
    """A rule of the business was broken."""
    information = {
        "href": f"https://developer.paypal.com/docs/api/orders/v2/#error-{issue}",
        "rel": "information_link",
        "method": "GET",
    }
    return Refusal(422, "UNPROCESSABLE_ENTITY", SEMANTIC, [_detail(issue, field)], [information, *links])


def malformed(issue: str, field: str) -> Refusal:
    return Refusal(400, "INVALID_REQUEST", SYNTACTIC, [_detail(issue, field)])


def not_found() -> Refusal:
    return Refusal(404, "RESOURCE_NOT_FOUND", UNKNOWN, [_detail("INVALID_RESOURCE_ID", None)])


def not_permitted() -> Refusal:
    return Refusal(403, "NOT_AUTHORIZED", FORBIDDEN, [_detail("NOT_AUTHORIZED", None)])


def in_progress() -> Refusal:
    return Refusal(409, "RESOURCE_CONFLICT", BUSY, [_detail("PREVIOUS_REQUEST_IN_PROGRESS", None)])


def broken() -> Refusal:
    return Refusal(500, "INTERNAL_SERVER_ERROR", INTERNAL)


def too_many() -> Refusal:
    return Refusal(429, "RATE_LIMIT_REACHED", RATE)


def away() -> Refusal:
    return Refusal(503, "SERVICE_UNAVAILABLE", "The service is unavailable.")


def _detail(issue: str, field: str | None) -> dict[str, str]:
    where = {"field": field, "location": "body"} if field else {}
    return {**where, "issue": issue, "description": ISSUES[issue]}
