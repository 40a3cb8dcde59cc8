"""Where payment providers tell the shop what happened."""

from typing import Any, Final

from litestar import MediaType, Request, post

from shop.kernel.db import write
from shop.kernel.http.access import signature
from shop.modules.payments.gateways.stripe_webhook import read_webhook
from shop.modules.payments.service.receive_event import receive_event


@post(
    "/webhooks/stripe",
    guards=[signature],
    tags=["payments"],
    operation_id="receiveStripeEvent",
    status_code=200,
    media_type=MediaType.JSON,
)
async def stripe_webhook(request: Request[Any, Any, Any]) -> dict[str, bool]:
    """Events of Stripe, signed by it (`Stripe-Signature`). Stored before this answers, each once; what they mean for a
    payment is found out afterwards. 400 for a signature that is missing, wrong, older than five minutes or ahead of time."""
    news = read_webhook(await request.body(), request.headers.get("stripe-signature"))
    await write(receive_event, news)
    return {"received": True}


ROUTES: Final = (stripe_webhook,)
