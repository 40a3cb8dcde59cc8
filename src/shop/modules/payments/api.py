"""Payments as JSON: where providers tell the shop what happened, and the means of payment that a customer keeps."""

from typing import Any, Final
from uuid import UUID, uuid5

import msgspec
from litestar import MediaType, Request, Response, delete, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from shop.contracts.payment_providers import NotFromProvider, ProviderWebhooks
from shop.contracts.payments import StoredMethod
from shop.kernel.db import read, write
from shop.kernel.http.access import customer, signature
from shop.kernel.http.idempotency import NEEDS_A_KEY, idempotently
from shop.kernel.http.sessions import signed_in
from shop.kernel.ports import ports
from shop.modules.payments.errors import Unverified, WebhookNotFound
from shop.modules.payments.schemas import MethodChange, MethodSetupView, NewMethod, setup_view
from shop.modules.payments.service import stored_methods
from shop.modules.payments.service.receive_event import receive_event

ShopRequest = Request[Any, Any, Any]
TAGS: Final = ["payments"]


@post(
    "/webhooks/{provider:str}",
    guards=[signature],
    tags=["payments"],
    operation_id="receivePaymentEvent",
    status_code=200,
    media_type=MediaType.JSON,
)
async def webhook(request: ShopRequest, provider: FromPath[str]) -> dict[str, bool]:
    """Events of a payment provider (`stripe`, `paypal`), signed by it. Stored before this answers, each once; what they
    mean for a payment is found out afterwards. 400 for a signature that is missing, wrong, too old or ahead of time."""
    reader = ports(ProviderWebhooks).get(provider)
    if reader is None:
        raise WebhookNotFound
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        news = await reader.read(await request.body(), headers)
    except NotFromProvider as refusal:
        raise Unverified(str(refusal)) from refusal
    await write(receive_event, news)
    return {"received": True}


class MethodList(msgspec.Struct, frozen=True):
    """`providers` are those that a new one can be stored with."""

    items: list[StoredMethod]
    providers: list[str]
    next_cursor: None = None


@get("/api/v1/me/payment-methods", guards=[customer], tags=TAGS, operation_id="listPaymentMethods")
async def list_mine(request: ShopRequest) -> MethodList:
    """Means of payment kept for the next time, the default first. Cards' numbers are the provider's alone."""
    account_id = (await signed_in(request)).account_id
    return MethodList(await read(stored_methods.list_methods, account_id), stored_methods.vaults())


@post(
    "/api/v1/me/payment-methods",
    guards=[customer],
    tags=TAGS,
    operation_id="addPaymentMethod",
    opt=NEEDS_A_KEY,
    status_code=201,
    responses={201: ResponseSpec(MethodSetupView, generate_examples=False, description="What is still to be done")},
)
async def add(request: ShopRequest, data: JSONBody[NewMethod]) -> Response[bytes]:
    """Begin to store one; needs an `Idempotency-Key`. The customer enters it with the provider, by `client_secret` in its
    form or at `redirect_url`; `POST …/{setup_id}/finish` then tells whether it is stored."""
    account_id = (await signed_in(request)).account_id

    async def work() -> tuple[int, MethodSetupView]:
        setup_id = uuid5(account_id, request.headers["idempotency-key"])
        return 201, setup_view(await stored_methods.begin_setup(account_id, data.provider, setup_id))

    return await idempotently(request, f"payment-methods:{account_id}", work, required=True)


@post(
    "/api/v1/me/payment-methods/{setup_id:uuid}/finish",
    guards=[customer],
    tags=TAGS,
    operation_id="finishPaymentMethod",
    status_code=200,
)
async def finish(request: ShopRequest, setup_id: FromPath[UUID]) -> MethodSetupView:
    """Ask the provider what came of it. `status` is `stored`, `failed`, or `waiting` for the customer."""
    account_id = (await signed_in(request)).account_id
    await stored_methods.finish_setup(await read(stored_methods.get_setup, setup_id, account_id))
    return setup_view(await read(stored_methods.get_setup, setup_id, account_id))


@patch("/api/v1/me/payment-methods/{method_id:uuid}", guards=[customer], tags=TAGS, operation_id="changePaymentMethod")
async def change(request: ShopRequest, method_id: FromPath[UUID], data: JSONBody[MethodChange]) -> MethodList:
    """Make it the default; the one before no longer is."""
    account_id = (await signed_in(request)).account_id
    if data.default:
        await write(stored_methods.make_default, account_id, method_id)
    return MethodList(await read(stored_methods.list_methods, account_id), stored_methods.vaults())


@delete(
    "/api/v1/me/payment-methods/{method_id:uuid}",
    guards=[customer],
    tags=TAGS,
    operation_id="removePaymentMethod",
    status_code=204,
)
async def remove(request: ShopRequest, method_id: FromPath[UUID]) -> None:
    """It can't pay any more from this moment on; orders that it paid keep what it was called."""
    await write(stored_methods.remove_method, (await signed_in(request)).account_id, method_id)


ROUTES: Final = (webhook, list_mine, add, finish, change, remove)
