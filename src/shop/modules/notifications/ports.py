"""What notifications answer to other modules: what they hold on a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from shop.contracts.identity import Kept, Person
from shop.kernel.outbox import forget_events
from shop.kernel.uow import UnitOfWork
from shop.modules.notifications import repository


class MessagesShare:
    """`contracts.identity.PersonalData`: every message, its text where it was kept."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        orders = person.things.get("order", ())
        messages = await repository.list_messages_to(uow, person.account_id, orders, person.email, person.until)
        return {"messages": messages} if messages else {}

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        """Those that were still to be sent too."""
        orders = person.things.get("order", ())
        gone = await repository.delete_messages_to(uow, person.account_id, orders, person.email, person.until)
        await forget_events(uow, "message_id", gone)
        return ()
