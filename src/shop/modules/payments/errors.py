"""Refusals that only this module's own edges tell."""

from shop.kernel.errors import Malformed, NotFound


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    title = "There is no such payment"


class NotFromProvider(Malformed):
    code = "not_from_provider"
    title = "This message can't be shown to come from the payment provider"
