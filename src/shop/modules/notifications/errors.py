"""Why a message is not there or can't be sent."""

from shop.kernel.errors import NotFound


class MessageNotFound(NotFound):
    code = "message_not_found"
    title = "There is no such message"


class Undeliverable(Exception):
    """The mail server, or our own records, say that this message will never arrive: trying again is of no use."""
