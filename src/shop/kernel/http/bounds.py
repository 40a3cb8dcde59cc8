"""How large a request may be and how long it may take, its body included: a client that sends a byte a second holds
nothing for longer than anybody else."""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

from litestar.types import Receive

from shop.kernel.config import settings
from shop.kernel.errors import TooLarge, TooSlow, Unavailable
from shop.kernel.http.arrival import Call

LONG: Final = 3600
"""Seconds that a route with `opt={"seconds": LONG}` may take: an upload of many pictures on a slow line."""


def check_body_size(call: Call, most: int | None) -> None:
    """By its head; what comes without a length is counted as it comes. Raises TooLarge."""
    length = call.headers[b"content-length"]
    if most is not None and (not length.isdigit() or int(length) > most):
        raise TooLarge(f"At most {most // 1024:,} KiB can be sent here")


class TimeLimit:
    """For one request: `async with` it around the work, `receive` through it, and `begun()` when the answer begins.

    Leaving it late raises TooSlow when the client was waited for, else Unavailable; the work has been cancelled by then,
    which rolls its transaction back and gives up its connection.
    """

    def __init__(self, receive: Receive, seconds: int | None) -> None:
        self._receive = receive
        self._long = seconds is not None
        self._timeout = asyncio.timeout(seconds or settings().request_seconds)
        self._receiving = False
        self.has_begun = False

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            if self._receiving:
                raise TooSlow from None
            raise Unavailable("This took too long; please try again in a moment") from None

    async def receive(self) -> Any:
        """The next piece; of an upload, which may take long as a whole, each within the time of a usual request."""
        self._receiving = True
        if self._long and not self.has_begun:
            try:
                async with asyncio.timeout(settings().request_seconds):
                    message = await self._receive()
            except TimeoutError:
                raise TooSlow from None
        else:
            message = await self._receive()
        self._receiving = False
        return message

    def begun(self) -> None:
        """An answer that goes out in pieces takes as long as its reader."""
        if not self.has_begun:
            self.has_begun = True
            self._timeout.reschedule(None)
