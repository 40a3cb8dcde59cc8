"""What backoffice answers: the kernel's audit trail, and what the log holds on a person."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from shop.contracts.identity import Kept, Person
from shop.kernel.audit import AuditEntry
from shop.kernel.uow import UnitOfWork
from shop.modules.backoffice import repository

KEPT: Final = Kept(
    "Entries of the audit log, under an id that leads to nobody any more",
    "Who changed what in the shop stays on record, and nobody can rewrite the log; it holds ids and codes alone",
)


class AuditLog:
    """Provides `AuditTrail`."""

    async def record(self, uow: UnitOfWork, entry: AuditEntry) -> None:
        await repository.add_entry(uow, entry)


class AuditShare:
    """`contracts.identity.PersonalData`."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        entries = await repository.list_entries_about(uow, person.account_id) if person.account_id else []
        return {"audit_log": msgspec.to_builtins(entries)} if entries else {}

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        if person.account_id is None or not await repository.list_entries_about(uow, person.account_id):
            return ()
        return (KEPT,)
