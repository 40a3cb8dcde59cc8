"""All SQL of notifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import case, select, text, update

from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.notifications.models import MESSAGE
from shop.modules.notifications.schemas import DueMessage, Mail, Message, MessageWithBody, NewMessage

LISTED = [
    MESSAGE.c.id,
    MESSAGE.c.channel,
    MESSAGE.c.to_address,
    MESSAGE.c.template,
    MESSAGE.c.subject,
    MESSAGE.c.status,
    MESSAGE.c.attempts,
    MESSAGE.c.error,
    MESSAGE.c.created_at,
    MESSAGE.c.sent_at,
]
DUE = ("queued", "failed")
INSERT: Final = text(
    """
    insert into notifications.message (id, template, subject_key, account_id, order_id)
    values (:id, :template, :subject_key, :account_id, :order_id)
    on conflict do nothing returning id
    """
)
FINISH: Final = text(
    """
    update notifications.message set status = :status, to_address = :to, subject = :subject, attempts = attempts + 1,
        error = null, sent_at = now(), html = coalesce(:html, html), text = coalesce(:plain, text)
    where id = :id and status = any(:due)
    """
)


async def insert_message(uow: UnitOfWork, message: NewMessage) -> UUID | None:
    """The new message's id; None when this was noted before."""
    inserted: UUID | None = await sql(uow).scalar(INSERT, {"id": new_id(), **msgspec.structs.asdict(message)})
    return inserted


async def find_due(uow: UnitOfWork, message_id: UUID) -> DueMessage | None:
    row = (
        await sql(uow).execute(
            text(
                "select id, template, account_id, order_id, attempts, subject_key from notifications.message"
                " where id = :id and status = any(:due)"
            ),
            {"id": message_id, "due": list(DUE)},
        )
    ).first()
    return DueMessage(*row) if row else None


async def mark_captured(uow: UnitOfWork, mail: Mail) -> bool:
    return await _finish(uow, mail, "captured", mail.html, mail.text)


async def mark_sent(uow: UnitOfWork, mail: Mail) -> bool:
    return await _finish(uow, mail, "sent")


async def _finish(uow: UnitOfWork, mail: Mail, status: str, html: str | None = None, plain: str | None = None) -> bool:
    """False when another delivery was first."""
    done = await sql(uow).execute(
        FINISH,
        {
            "id": mail.message_id,
            "due": list(DUE),
            "status": status,
            "to": mail.to,
            "subject": mail.subject,
            "html": html,
            "plain": plain,
        },
    )
    return done.rowcount == 1


async def mark_failed(
    uow: UnitOfWork, message_id: UUID, error: str, mail: Mail | None, *, final: bool, max_attempts: int
) -> None:
    attempts = MESSAGE.c.attempts + 1
    await sql(uow).execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.status.in_(DUE))
        .values(
            status="dead" if final else case((attempts >= max_attempts, "dead"), else_="failed"),
            attempts=attempts,
            error=error[:1000],
            to_address=mail.to if mail else MESSAGE.c.to_address,
            subject=mail.subject if mail else MESSAGE.c.subject,
        )
    )


async def revive(uow: UnitOfWork, message_id: UUID) -> bool:
    done = await sql(uow).execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.status == "dead")
        .values(status="queued", attempts=0)
    )
    return done.rowcount == 1


async def list_messages(
    uow: UnitOfWork, to: str | None, template: str | None, before: UUID | None, limit: int
) -> list[Message]:
    """Newest first; ids are ordered by time."""
    query = select(*LISTED).order_by(MESSAGE.c.id.desc()).limit(limit)
    if to is not None:
        query = query.where(MESSAGE.c.to_address == to)
    if template is not None:
        query = query.where(MESSAGE.c.template == template)
    if before is not None:
        query = query.where(MESSAGE.c.id < before)
    return [Message(*row) for row in await sql(uow).execute(query)]


async def find_message(uow: UnitOfWork, message_id: UUID) -> MessageWithBody | None:
    row = (
        await sql(uow).execute(select(*LISTED, MESSAGE.c.html, MESSAGE.c.text).where(MESSAGE.c.id == message_id))
    ).first()
    return MessageWithBody(*row) if row else None


OF_PERSON: Final = """
    (account_id = :account_id or order_id = any(:order_ids) or (account_id is null and lower(to_address) = lower(:email)
        and created_at <= coalesce(cast(:until as timestamptz), 'infinity')))
"""


async def list_messages_to(
    uow: UnitOfWork, account_id: UUID | None, order_ids: Sequence[UUID], email: str | None, until: datetime | None
) -> list[dict[str, Any]]:
    """Oldest first."""
    rows = await sql(uow).execute(
        text(
            "select id, channel, template, to_address, subject, html, text, status, error, created_at, sent_at"
            f" from notifications.message where {OF_PERSON} order by id"
        ),
        {"account_id": account_id, "order_ids": list(order_ids), "email": email, "until": until},
    )
    return [row._asdict() for row in rows]


async def delete_messages_to(
    uow: UnitOfWork, account_id: UUID | None, order_ids: Sequence[UUID], email: str | None, until: datetime | None
) -> list[UUID]:
    """Whatever became of them; the ids of those that there were."""
    rows = await sql(uow).execute(
        text(f"delete from notifications.message where {OF_PERSON} returning id"),
        {"account_id": account_id, "order_ids": list(order_ids), "email": email, "until": until},
    )
    return [row.id for row in rows]
