"""One transaction as the use cases see it: what they may do with it without knowing the database behind."""

from typing import Protocol

from shop.kernel.events import Event


class UnitOfWork(Protocol):
    """Handed to every use case as first argument. Only the edge opens and commits one (`kernel/db.py`).

    SQL goes through `kernel.db.sql(uow)`, and only in a module's `repository.py`.
    """

    def emit(self, event: Event) -> None:
        """Tell a fact. It reaches its subscribers if, and only if, this transaction commits."""

    def invalidate(self, *tags: str) -> None:
        """Drop cached pages and values that carry one of `tags`, in every process, once this transaction has committed."""
