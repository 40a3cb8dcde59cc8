"""Listens in on a use case, for tests of what it tells."""

from collections.abc import Awaitable, Callable
from typing import Any

from shop.kernel.db import write
from shop.kernel.events import Event


async def facts_of(use_case: Callable[..., Awaitable[Any]], *args: Any) -> list[Event]:
    """What `use_case` told, in a transaction that committed."""
    told: list[Event] = []

    async def listen(uow: Any) -> None:
        emit = uow.emit
        uow.emit = lambda event: (told.append(event), emit(event))
        await use_case(uow, *args)

    await write(listen)
    return told
