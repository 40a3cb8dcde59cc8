"""The files of a statement as answers: streamed from disk, never as a whole in memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, BinaryIO, Final

from litestar import Response
from litestar.response import Stream

from shop.kernel.audit import unaudited
from shop.kernel.db import write
from shop.kernel.errors import Conflict, NotFound
from shop.modules.wallet.service import statements
from shop.modules.wallet.statement_files.folder import Kind, Made, file_path
from shop.modules.wallet.statement_schemas import Statement

MEDIA_TYPES: Final[dict[Kind, str]] = {"csv": "text/csv", "pdf": "application/pdf"}
_CHUNK: Final = 2**18


class StatementNotReady(Conflict):
    code = "statement_not_ready"
    title = "This statement is still being made"


class StatementFileGone(NotFound):
    """Its container's disk is another one's, or was emptied."""

    code = "statement_file_gone"
    title = "The file of this statement is no longer there. Ask for the statement again, and it is made anew"


async def download(statement: Statement, kind: Kind) -> Response[Any]:
    """Raises StatementNotReady, StatementFileGone (and to ask for the statement again makes another one then)."""
    if statement.status != "ready":
        raise StatementNotReady
    try:
        path = file_path(Made(statement.id, statement.attempts), kind)
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        with unaudited():
            await write(statements.forget_file, statement)
        raise StatementFileGone from None
    response = Stream(_sent(file), media_type=MEDIA_TYPES[kind])
    name = f"statement-{statement.first}-to-{statement.last}-{statement.currency}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _sent(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
