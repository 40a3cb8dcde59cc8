"""Where programs send events."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, post
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Parameter, RequestBody, Schema

from shop.kernel.db import read, write
from shop.kernel.http import access
from shop.modules.webhooks.rules import LARGEST_BODY, read_json, source_of
from shop.modules.webhooks.schemas import ReceivedEvent
from shop.modules.webhooks.service.receive_event import find_sender, fresh_signature, receive_event

MEDIA_TYPES: Final = ("application/cloudevents+json", "application/json")
HEADERS: Final = {
    "webhook-id": "Names this message; visible ASCII without full stops",
    "webhook-timestamp": "Seconds since 1970, within five minutes of the shop's clock",
    "webhook-signature": "`v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`; several are parted by spaces",
}
TEXT: Final = Schema(type=OpenAPIType.STRING)
CLOUD_EVENT: Final = Schema(
    type=OpenAPIType.OBJECT,
    title="CloudEvent",
    required=["specversion", "id", "source", "type", "data"],
    properties={
        "specversion": Schema(type=OpenAPIType.STRING, enum=["1.0"]),
        "id": Schema(type=OpenAPIType.STRING, max_length=100, description="Has one effect, however often it is sent"),
        "source": Schema(type=OpenAPIType.STRING, description="The client id of the program that sends it"),
        "type": Schema(type=OpenAPIType.STRING, description="One that a module accepts"),
        "time": Schema(type=OpenAPIType.STRING, description="RFC 3339"),
        "data": Schema(type=OpenAPIType.OBJECT, description="The fields of the event"),
    },
)


@dataclass
class SignedEvent(Operation):
    """Described by hand: the handler takes the body as it came, for so it was signed."""

    def __post_init__(self) -> None:
        self.parameters = [
            Parameter(name=name, param_in="header", required=True, schema=TEXT, description=words)
            for name, words in HEADERS.items()
        ]
        content = {media_type: OpenAPIMediaType(schema=CLOUD_EVENT) for media_type in MEDIA_TYPES}
        self.request_body = RequestBody(content=content, required=True)


@post(
    "/api/v1/events",
    guards=[access.signature],
    tags=["events"],
    operation_id="sendEvent",
    operation_class=SignedEvent,
    status_code=202,
    request_max_body_size=LARGEST_BODY,
)
async def take_event(request: Request[Any, Any, Any]) -> ReceivedEvent:
    """Put an event on the bus: a CloudEvent of a type that a module accepts, signed after the Standard Webhooks
    specification with the secret of the program that `source` names. It is kept before this answers; the same id again has
    no second effect. 401 `wrong_signature` for whatever can't be shown to come from such a program just now."""
    body = await request.body()
    content = read_json(body)
    signature = fresh_signature(*(request.headers.getall(name, []) for name in HEADERS))
    sender = await read(find_sender, source_of(content), signature, body)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise HTTPException(f"An event is sent as {' or '.join(MEDIA_TYPES)}", status_code=415)
    return ReceivedEvent(await write(receive_event, sender, content))


ROUTES: Final = (take_event,)
