"""The table of backoffice. Rows are only ever added: a trigger refuses all else, and the shop's database role may no more."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from shop.kernel.tables import KEPT, module_metadata

METADATA: Final = module_metadata("backoffice")


def _short(name: str, length: int) -> CheckConstraint:
    return CheckConstraint(f"char_length({name}) <= {length}", name=name)


AUDIT_ENTRY: Final = Table(
    "audit_entry",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now(), doc="by the database's clock"),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text, doc="of an account or a program; null for the system itself"),
    Column("program_id", Text, doc="through which an account acted"),
    Column("permission", Text),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text),
    Column("subject_id", Text),
    Column("details", JSONB, nullable=False, server_default="{}", doc="ids, numbers and codes: nobody's data"),
    Column("request_id", Text),
    Column("method", Text),
    Column("route", Text, doc="the template, not the address"),
    Column("network", Text, doc="of the address, its end left out", info=KEPT),
    CheckConstraint("actor_kind in ('account', 'program', 'system')", name="actor_kind"),
    CheckConstraint("(actor_id is null) = (actor_kind = 'system')", name="actor"),
    CheckConstraint("jsonb_typeof(details) = 'object' and octet_length(details::text) <= 4000", name="details"),
    _short("actor_id", 100),
    _short("program_id", 100),
    _short("permission", 100),
    _short("action", 100),
    _short("subject_kind", 60),
    _short("subject_id", 200),
    _short("request_id", 64),
    _short("method", 10),
    _short("route", 200),
    _short("network", 50),
    Index("ix_audit_entry_at_id", "at", "id"),
    Index("ix_audit_entry_actor_id_at_id", "actor_id", "at", "id"),
    Index("ix_audit_entry_action_at_id", "action", "at", "id"),
    Index("ix_audit_entry_subject_id", "subject_id"),
    Index("ix_audit_entry_request_id", "request_id"),
)
