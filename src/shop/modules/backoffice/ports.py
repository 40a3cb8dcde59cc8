"""What backoffice answers: the kernel's audit trail."""

from shop.kernel.audit import AuditEntry
from shop.kernel.uow import UnitOfWork
from shop.modules.backoffice import repository


class AuditLog:
    """Provides `AuditTrail`."""

    async def record(self, uow: UnitOfWork, entry: AuditEntry) -> None:
        await repository.add_entry(uow, entry)
