"""The base of every domain event: one fact, past tense, ids and primitives, no personal data."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact. Its `tag` is its wire name, `<module>.<fact>.v<version>`, never a Python path; fields are only ever added.

    class OrderPaid(Event, tag="orders.order_paid.v1", frozen=True):
        order_id: UUID
    """


def wire_name(event: type[Event] | Event) -> str:
    """`orders.order_paid.v1`. Raises TypeError for a class without a tag."""
    tag = event.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{event} names no wire name: class X(Event, tag='module.fact.v1', frozen=True)")
    return tag
