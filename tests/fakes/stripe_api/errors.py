"""Stripe's error objects (docs.stripe.com/api/errors), raised anywhere and told by the server.

`keeps` says whether what was done until then stays in the books (a declined card leaves a failed charge); `stored` whether
the answer is kept under the idempotency key, which Stripe does once a request has passed its validation.
"""

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class StripeRefusal(Exception):
    """An answer that is no success."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        stored: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.keeps, self.stored = status, keeps, stored
        facts = {"code": code, "doc_url": code and DOCS + code.replace("_", "-"), "message": message, "param": param}
        self.error = {name: value for name, value in (facts | more).items() if value is not None} | {"type": kind}

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


def missing(param: str) -> StripeRefusal:
    return StripeRefusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(names: list[str]) -> StripeRefusal:
    plural = "s" if len(names) > 1 else ""
    return StripeRefusal(
        f"Received unknown parameter{plural}: {', '.join(names)}", code="parameter_unknown", param=names[0]
    )


def no_such(kind: str, id_: str, param: str | None) -> StripeRefusal:
    """`param` names the parameter that held the id; None when it stood in the path."""
    words = {"payment_method": "PaymentMethod", "token": "token", "setup_intent": "setupintent"}.get(kind, kind)
    status = 404 if param is None else 400
    return StripeRefusal(
        f"No such {words}: '{id_}'", status=status, code="resource_missing", param=param or "id", stored=True
    )


def unexpected_state(message: str, intent: dict[str, Any]) -> StripeRefusal:
    kind = intent["object"]
    return StripeRefusal(message, code=f"{kind}_unexpected_state", stored=True, **{kind: intent})


def card_error(facts: dict[str, Any], **more: Any) -> StripeRefusal:
    """`facts`: message, code, decline_code. What the attempt left behind stays."""
    return StripeRefusal(status=402, kind="card_error", keeps=True, stored=True, **facts, **more)


def unauthorized(message: str) -> StripeRefusal:
    return StripeRefusal(message, status=401)


def trouble() -> dict[str, Any]:
    """What Stripe says when it has broken."""
    message = "An unknown error occurred. We've been notified and are looking into it."
    return {"error": {"message": message, "type": "api_error"}}
