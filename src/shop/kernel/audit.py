"""What staff do leaves a trace: one entry in the same transaction as each change, so that neither is kept without the other.

    audit.note(action="order.cancelled", subject=("order", order_id), reason="out_of_stock")

A use case may say what its change means; one that says nothing is told of by its permission and its route. The access rule
names whoever acts, `kernel.db.write` adds the entry, the provider of `AuditTrail` keeps it. Outside a staff member's
request `note` has no effect and no entry is made; what is to be kept whoever does it is told by `record`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Literal, Protocol
from uuid import UUID

import msgspec

from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork

Scalar = bool | int | UUID | str
Detail = Scalar | list[Scalar] | tuple[Scalar, ...] | None
Subject = tuple[str, UUID | str | int]
"""What kind of thing, and which: ("order", order_id)."""

CODE: Final = re.compile(r"\*|[A-Za-z0-9_-][A-Za-z0-9_.:/+-]{0,99}")
"""Names and addresses of people hold spaces, signs or an @: no personal data gets in by mistake."""
LARGEST_NOTE: Final = 3000
LONGEST_LIST: Final = 60
LARGEST_DETAILS: Final = 3500
"""Bytes; the table refuses more than 4,000."""


class Actor(msgspec.Struct, frozen=True):
    """An account, which may act through a program, or a program that acts for itself."""

    kind: Literal["account", "program"]
    id: str
    program_id: str | None = None


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """Whose request it is that changes something, and by what right."""

    actor: Actor
    permission: str
    method: str
    route: str
    """The template: `/admin/orders/{order_id}/cancel`."""
    subject: tuple[str, str] | None = None
    """What the route names, unless a note says it better."""
    request_id: str | None = None
    network: str | None = None
    """Where it came from, the end of the address left out."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change. Holds ids and codes, no personal data."""

    action: str
    actor: Actor | None
    """None: the system itself, such as a command on its machine."""
    subject: tuple[str, str] | None
    details: Mapping[str, Any]
    by: Acting | None
    """The request; None outside one."""


class AuditTrail(Protocol):
    """Keeps entries; what was kept can't be changed afterwards, not even by the shop."""

    async def record(self, uow: UnitOfWork, entry: AuditEntry) -> None: ...


class Note(msgspec.Struct, frozen=True):
    action: str
    subject: tuple[str, str] | None
    details: dict[str, Any]


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)
_notes: ContextVar[list[Note] | None] = ContextVar("audit_notes", default=None)


def acts(acting: Acting | None) -> None:
    """From now on, within this request; None at its end."""
    _acting.set(acting)


def who_acts() -> Acting | None:
    """Whose changes are told of at the moment."""
    return _acting.get()


@contextmanager
def unaudited() -> Iterator[None]:
    """For what the kernel keeps on its own account while staff act: their session, the claim of an idempotency key."""
    before = _acting.set(None)
    try:
        yield
    finally:
        _acting.reset(before)


def note(*, action: str, subject: Subject | None = None, **details: Detail) -> None:
    """Say what the change under way means: `action` is a past participle with its noun, `details` are ids, numbers and
    codes, or lists of them (of which 60 are kept). Of several notes the first names the entry. Raises ValueError for a detail
    that is none of these, or too much of it."""
    made = _note(action, subject, details)
    notes = _notes.get()
    if notes is not None:
        notes.append(made)


async def record(
    uow: UnitOfWork, *, action: str, subject: Subject | None = None, actor: Actor | None = None, **details: Detail
) -> None:
    """An entry whoever is at work: a note of the staff member's entry where one acts, else one of `actor` or the system."""
    if _acting.get() is not None and _notes.get() is not None:
        note(action=action, subject=subject, **details)
        return
    made = _note(action, subject, details)
    entry = AuditEntry(action=made.action, actor=actor, subject=made.subject, details=made.details, by=None)
    await port(AuditTrail).record(uow, entry)


@contextmanager
def collecting() -> Iterator[None]:
    """Around one attempt at a transaction: what is noted in it belongs to its entry and to no other."""
    before = _notes.set([])
    try:
        yield
    finally:
        _notes.reset(before)


async def leave_entry(uow: UnitOfWork) -> None:
    """Called once in each writing transaction before it commits."""
    acting = _acting.get()
    if acting is None:
        return
    first, *further = _notes.get() or [Note(acting.permission, None, {})]
    entry = AuditEntry(
        action=first.action,
        actor=acting.actor,
        subject=first.subject or acting.subject,
        details=_within(acting, first) | _together(first, further),
        by=acting,
    )
    await port(AuditTrail).record(uow, entry)


def _within(acting: Acting, first: Note) -> dict[str, Any]:
    """What the route names, where the note tells of a part of it: the product of a variant."""
    if acting.subject is None or first.subject is None or acting.subject[1] == first.subject[1]:
        return {}
    return {"within": ":".join(acting.subject)}


def _note(action: str, subject: Subject | None, details: Mapping[str, Detail]) -> Note:
    if not CODE.fullmatch(action):
        raise ValueError(f"{action!r} is no name of an action")
    plain: dict[str, Any] = {}
    for name, value in details.items():
        if isinstance(value, list | tuple):
            plain[name] = [_plain(name, each) for each in value[:LONGEST_LIST]]
            if len(value) > LONGEST_LIST:
                plain[f"{name}_count"] = len(value)
        else:
            plain[name] = _plain(name, value)
    if len(json.dumps(plain)) > LARGEST_NOTE:
        raise ValueError(f"the details of {action} are too long for the audit log")
    return Note(action, None if subject is None else (subject[0], str(_plain("subject", subject[1]))), plain)


def _plain(name: str, value: Any) -> bool | int | str | None:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and CODE.fullmatch(value):
        return str(value)
    raise ValueError(f"{name}={value!r}: the audit log takes ids, numbers and codes")


def _together(first: Note, further: Sequence[Note]) -> dict[str, Any]:
    """As many of the further notes as there is room for, and how many there were."""
    if not further:
        return first.details
    told: list[dict[str, Any]] = []
    details = {**first.details, "further": told, "further_count": len(further)}
    for each in further:
        told.append(
            {"action": each.action, **({"subject": list(each.subject)} if each.subject else {}), **each.details}
        )
        if len(json.dumps(details)) > LARGEST_DETAILS:
            told.pop()
            break
    return details
