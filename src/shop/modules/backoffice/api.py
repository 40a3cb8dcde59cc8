"""The outbox as JSON, for staff."""

from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, QueryParameter

from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.modules.backoffice.schemas import OutboxView
from shop.modules.backoffice.service import replay_event, show_outbox

State = Annotated[
    Literal["dead"] | None, QueryParameter(name="state", description="`dead` adds the dead events as `items`")
]


@get("/api/v1/admin/outbox", guards=[staff("outbox.view")], tags=["admin"], operation_id="getOutbox")
async def show(wanted: State = None) -> OutboxView:
    """How many events wait for their subscribers, how long the oldest has waited, and how many nobody tries any more."""
    return await read(show_outbox, with_dead=wanted == "dead")


@post(
    "/api/v1/admin/outbox/{row_id:uuid}/replay",
    guards=[staff("outbox.replay")],
    tags=["admin"],
    operation_id="replayOutboxEvent",
    status_code=200,
)
async def replay(row_id: FromPath[UUID]) -> OutboxView:
    """Have a dead event tried again from the start; 404 when it isn't dead."""
    return await write(replay_event, row_id)


ROUTES: Final = (show, replay)
