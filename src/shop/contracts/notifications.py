"""notifications: messages to people. Nothing is asked of it; it listens."""

from uuid import UUID

from shop.kernel.events import Event


class MessageQueued(Event, tag="notifications.message_queued.v1", frozen=True):
    message_id: UUID


class MessageSent(Event, tag="notifications.message_sent.v1", frozen=True):
    message_id: UUID
