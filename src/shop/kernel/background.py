"""Long work that jobs begin behind a worker's other work: an import, a statement, a reconciliation. One of its kind at a time in
each process, so that none fills a worker; whether and where it goes on after a death its rows say."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from shop.kernel.db import write
from shop.kernel.uow import UnitOfWork

T = TypeVar("T")


class OneAtATime:
    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    async def begin(
        self, claim: Callable[[UnitOfWork], Awaitable[T | None]], work: Callable[[T], Coroutine[Any, Any, None]]
    ) -> bool:
        """Whether there was something to claim, and `work` on it has begun. It goes on behind this call."""
        if self._under_way:
            return False
        claimed = await write(claim)
        if claimed is None:
            return False
        task = asyncio.create_task(work(claimed))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return True

    async def ended(self) -> None:
        """Waits for what was begun in this process."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
