"""Refusals that only this module's own edges tell."""

from shop.kernel.errors import Malformed, NotFound


class Unverified(Malformed):
    """What was sent to a webhook."""

    code = "not_from_provider"
    title = "This message can't be shown to come from the payment provider"


class WebhookNotFound(NotFound):
    code = "webhook_not_found"
    title = "No payment provider of this shop sends messages here"


class MethodNotFound(NotFound):
    code = "method_not_found"
    title = "You have no such stored method"


class SetupNotFound(NotFound):
    code = "setup_not_found"
    title = "There is nothing here to finish"
