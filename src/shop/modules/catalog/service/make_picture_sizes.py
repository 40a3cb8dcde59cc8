"""Smaller sizes of pictures, made ahead of their visitors. What is to be done stands in the image table, so it survives
any end of the worker; doing it twice makes the same files."""

import asyncio
import time
from typing import Final

import structlog

from shop.kernel.db import read, write
from shop.kernel.media.derivatives import derivatives_of, make_derivatives
from shop.kernel.media.names import parse_picture
from shop.modules.catalog.repository.pictures import find_unsized, mark_sized

log = structlog.get_logger(__name__)

AHEAD: Final = ("avif",)
"""What nearly all browsers ask for; the others' is made when one of them comes."""
BATCH: Final = 8
RUN_SECONDS: Final = 4
"""So short that a worker that is told to stop need not be waited for; the next run goes on."""


async def make_picture_sizes() -> int:
    """Until there is nothing to do or the run has lasted long enough; says how many files were made."""
    made = 0
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end and (names := await read(find_unsized, BATCH)):
        for name in names:
            made += await _make(name)
            await write(mark_sized, [name])
            if time.monotonic() >= end:
                break
    return made


async def _make(name: str) -> int:
    """A picture that can't be read is told of and left as it is: pages show it by itself.

    Raises OSError when the disk refuses, so that the picture's turn comes again.
    """
    picture = parse_picture(name)
    if picture is None:
        return 0
    try:
        return await asyncio.to_thread(make_derivatives, name, list(derivatives_of(picture, AHEAD)))
    except OSError as error:
        if error.errno is not None and not isinstance(error, FileNotFoundError):
            raise
        log.warning("picture_not_sized", name=name, reason=repr(error))
    except Exception:  # decoders raise whatever they like
        log.exception("picture_not_sized", name=name)
    return 0
