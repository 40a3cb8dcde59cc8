"""API keys of one's own account as JSON. Only their owner, signed in just now, makes one: no program makes itself a key."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody

from shop.kernel.db import read, write
from shop.kernel.http.access import customer
from shop.kernel.http.fields import ShortLine
from shop.kernel.http.sessions import signed_in
from shop.modules.identity.api.oauth_clients import Scopes
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.repository.api_keys import ApiKey
from shop.modules.identity.service import api_keys

ShopRequest = Request[Any, Any, Any]
TAGS: Final = ["accounts"]


class NewApiKey(msgspec.Struct, frozen=True):
    name: ShortLine
    scopes: Scopes
    """Of your own: scopes of customers, and as staff the permissions that you hold."""
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class MadeApiKey(msgspec.Struct, frozen=True):
    id: UUID
    key: str
    """Told this once; `Authorization: Bearer` takes it."""
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None


class ApiKeys(msgspec.Struct, frozen=True):
    items: list[ApiKey]
    next_cursor: None = None


@get("/api/v1/me/api-keys", guards=[customer], tags=TAGS, operation_id="listApiKeys")
async def list_keys(request: ShopRequest) -> ApiKeys:
    """Your keys, without the secret part."""
    return ApiKeys(list(await read(api_keys.find_keys, (await signed_in(request)).account_id)))


@post("/api/v1/me/api-keys", guards=[customer], tags=TAGS, operation_id="makeApiKey")
async def make_key(request: ShopRequest, data: JSONBody[NewApiKey]) -> MadeApiKey:
    """A key for a program of your own. The answer holds it, and nothing ever does again."""
    who = await require_recent(request)
    made, key = await write(api_keys.make_key, who, data.name.strip(), data.scopes, data.expires_at)
    return MadeApiKey(made.id, key, made.name, made.scopes, made.created_at, made.expires_at)


@delete("/api/v1/me/api-keys/{key_id:uuid}", guards=[customer], tags=TAGS, operation_id="deleteApiKey")
async def delete_key(request: ShopRequest, key_id: FromPath[UUID]) -> None:
    """It opens nothing from this moment."""
    await write(api_keys.delete_key, (await signed_in(request)).account_id, key_id)


ROUTES: Final = (list_keys, make_key, delete_key)
