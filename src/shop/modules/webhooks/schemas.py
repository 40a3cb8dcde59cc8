"""A CloudEvent as programs send it, in its JSON format (structured mode, CloudEvents 1.0)."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

EventId = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.:/+-]*$(?!\n)")]
"""As the audit log takes it: an e-mail address, which would tell of a person, is none."""
EventType = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[a-z0-9_.]+$(?!\n)")]
JSONType = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^application/json\s*(;.*)?$(?!\n)")]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Further attributes may stand beside these; they mean nothing here."""

    specversion: Literal["1.0"]
    id: EventId
    source: str
    """The client id of the program that sends and signs it."""
    type: EventType
    """The wire name of an event: `wallet.transaction_requested.v1`."""
    time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    datacontenttype: JSONType | None = None
    data: dict[str, Any]


class ReceivedEvent(msgspec.Struct, frozen=True):
    id: str
