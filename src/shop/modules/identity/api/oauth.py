"""The OAuth 2.0 endpoints that programs call: forms in, JSON out, as RFC 6749, 7009, 7662 and 8414 say. None takes a cookie."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from shop.kernel.db import write
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import address_of, limit
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.service.oauth import metadata, server
from shop.modules.identity.service.oauth.request import (
    Answer,
    AskedRequest,
    OAuth2Error,
    client_id_in,
    form_parameters,
)

AnyRequest = Request[Any, Any, Any]
FORM: Final = "application/x-www-form-urlencoded"
LARGEST_BODY: Final = 32 * 1024
UNKEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
PUBLIC_FOR: Final = {"Cache-Control": "public, max-age=3600"}
PER_CLIENT, PER_ADDRESS, SECONDS = 120, 300, 60


@get("/.well-known/oauth-authorization-server", guards=[public], include_in_schema=False)
async def show_metadata() -> Response[bytes]:
    return Response(
        msgspec.json.encode(metadata.server_metadata()), media_type="application/json", headers=dict(PUBLIC_FOR)
    )


@post("/oauth/token", guards=[public], include_in_schema=False, request_max_body_size=LARGEST_BODY)
async def give_tokens(request: AnyRequest) -> Response[bytes]:
    return await _answer(request, server.give_tokens)


@post("/oauth/revoke", guards=[public], include_in_schema=False, request_max_body_size=LARGEST_BODY)
async def revoke_token(request: AnyRequest) -> Response[bytes]:
    return await _answer(request, server.revoke)


@post("/oauth/introspect", guards=[public], include_in_schema=False, request_max_body_size=LARGEST_BODY)
async def introspect_token(request: AnyRequest) -> Response[bytes]:
    return await _answer(request, server.introspect)


async def _answer(
    request: AnyRequest, use_case: Callable[[UnitOfWork, AskedRequest], Awaitable[Answer]]
) -> Response[bytes]:
    """Raises TooMany. Refusals are committed as answers are: they may have ended something."""
    try:
        asked = await _asked(request)
    except OAuth2Error as error:
        return _as_response(Answer(*error()))
    address = address_of(request)
    await limit("oauth", address, PER_ADDRESS, SECONDS)
    # With the address, or anybody who knows a client's id could use up what it may ask.
    await limit("oauth-client", f"{client_id_in(asked)} {address}", PER_CLIENT, SECONDS)
    return _as_response(await write(use_case, asked))


async def _asked(request: AnyRequest) -> AskedRequest:
    """Raises OAuth2Error."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body() if media_type == FORM else b"?"
    return AskedRequest(
        request.method,
        request.scope["path"],
        form_parameters(body),
        authorization=request.headers.get("authorization"),
    )


def _as_response(answer: Answer) -> Response[bytes]:
    return Response(
        msgspec.json.encode(answer.body),
        status_code=answer.status,
        media_type="application/json",
        headers={**answer.headers, **UNKEPT},
    )


ROUTES: Final = (show_metadata, give_tokens, revoke_token, introspect_token)
