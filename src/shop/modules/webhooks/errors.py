"""Refusals of what is sent from outside."""

from shop.kernel.errors import Conflict, FieldError, Invalid, NotSignedIn


class WrongSignature(NotSignedIn):
    """One answer for a missing, forged or old signature and for a sender that isn't there: it tells a stranger nothing."""

    code = "wrong_signature"
    title = "This event can't be shown to come from a program of this shop, just now"


class EventNotAccepted(Invalid):
    code = "event_not_accepted"
    title = "This shop takes no events of this type from outside"

    def __init__(self) -> None:
        super().__init__([FieldError("type", self.title)], self.title)


class EventIdReused(Conflict):
    code = "event_id_reused"
    title = "Another event with this id was received before; an id names one event"
