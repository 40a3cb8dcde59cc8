"""Refusals that only this module's own edges tell."""

from shop.kernel.errors import Conflict, Malformed, NotFound


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


class ReconciliationNotFound(NotFound):
    code = "reconciliation_not_found"
    title = "There is no such reconciliation"


class ReconciliationRunning(Conflict):
    code = "reconciliation_running"
    title = "A reconciliation is under way already; please wait for its end"


class DiscrepancyNotFound(NotFound):
    code = "discrepancy_not_found"
    title = "There is no such discrepancy"


class DiscrepancyResolved(Conflict):
    code = "discrepancy_resolved"
    title = "This discrepancy is closed already"


class NotPayable(Conflict):
    code = "not_payable"
    title = "This refund is not one that staff pay out by hand, or not any more"


class NothingNoted(Conflict):
    code = "nothing_noted"
    title = "Nobody has to look into this payment, or somebody has"
