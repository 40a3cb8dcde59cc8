"""An event from outside: who sent it, whether they may, and onto the bus with it, once."""

import os
from collections.abc import Sequence
from typing import Any, Final

import structlog

from shop.contracts.identity import EventSigner, EventSigners
from shop.kernel import audit, clock
from shop.kernel.accepted_events import find_accepted_event
from shop.kernel.errors import FieldError, Invalid, OutOfScope, Unavailable
from shop.kernel.events import Event
from shop.kernel.http import fields
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.webhooks.errors import EventIdReused, EventNotAccepted, WrongSignature
from shop.modules.webhooks.repository import received_events
from shop.modules.webhooks.rules import Signature, content_hash, read_signature, unfit_fields
from shop.modules.webhooks.schemas import CloudEvent

NOBODYS: Final = (os.urandom(33),)
"""Secrets of senders that aren't there: a signature is checked all the same, so that its time tells nothing."""

log = structlog.get_logger(__name__)


def fresh_signature(ids: Sequence[str], timestamps: Sequence[str], signatures: Sequence[str]) -> Signature:
    """From the values of the three headers. Raises WrongSignature for what can't be right whoever sent it, which costs no
    connection."""
    signature = read_signature(ids, timestamps, signatures)
    if signature is None:
        raise _refused("no signature")
    if not signature.is_fresh(clock.now()):
        raise _refused("too old, or ahead of time")
    return signature


async def find_sender(uow: UnitOfWork, source: str | None, signature: Signature, body: bytes) -> EventSigner:
    """The program whose signature the body bears. Raises WrongSignature; why is in the log alone."""
    signer = None if source is None else await port(EventSigners).find_signer(uow, source)
    if not signature.fits(NOBODYS if signer is None else signer.secrets, body) or signer is None:
        raise _refused("unknown sender" if signer is None else "wrong signature", signer)
    return signer


async def receive_event(uow: UnitOfWork, sender: EventSigner, content: Any) -> str:
    """The event's id. Sent again, it has no second effect. Raises Invalid and its kind EventNotAccepted, OutOfScope,
    EventIdReused."""
    sent = fields.check(CloudEvent, content, strict=True)
    event = _read(sender, sent)
    hashed = content_hash(sent.type, sent.data)
    if await received_events.add_received(uow, sender.client_id, sent.id, sent.type, hashed):
        uow.emit(event)
        await audit.record(
            uow,
            action="event.received",
            subject=("event", sent.id),
            actor=audit.Actor("program", sender.client_id),
            type=sent.type,
        )
        log.info("event_received", client_id=sender.client_id, event_id=sent.id, type=sent.type)
        return sent.id
    before = await received_events.find_content_hash(uow, sender.client_id, sent.id)
    if before is None:
        raise Unavailable  # forgotten at this very moment
    if before != hashed:
        raise EventIdReused
    return sent.id


def _read(sender: EventSigner, sent: CloudEvent) -> Event:
    accepted = find_accepted_event(sent.type)
    if accepted is None or accepted.permission is None:
        raise EventNotAccepted
    if accepted.permission not in sender.scopes:
        log.warning("event_out_of_scope", client_id=sender.client_id, type=sent.type)
        raise OutOfScope(accepted.permission)
    broken = list(unfit_fields(frozenset(accepted.event.__struct_encode_fields__), sent.data))
    try:
        event = fields.check(accepted.event, sent.data, strict=True)
    except Invalid as refusal:
        broken += [FieldError(f"data.{each.field}", each.message) for each in refusal.errors]
    if broken:
        raise Invalid(broken)
    return event


def _refused(reason: str, signer: EventSigner | None = None) -> WrongSignature:
    log.warning("event_refused", reason=reason, client_id=None if signer is None else signer.client_id)
    return WrongSignature()
