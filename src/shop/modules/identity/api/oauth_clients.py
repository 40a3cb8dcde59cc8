"""Programs of others as JSON: registered, changed and ended by staff."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.fields import ShortLine
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.redirect_uris import LONGEST
from shop.modules.identity.repository.oauth_clients import RegisteredClient
from shop.modules.identity.service.oauth import clients
from shop.modules.identity.service.oauth.clients import ClientWish

ShopRequest = Request[Any, Any, Any]
TAGS: Final = ["programs"]
RedirectUri = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST, pattern=r"^[\x21-\x7e]+$(?!\n)")]
Scope = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9_.-]+$(?!\n)")]
RedirectUris = Annotated[list[RedirectUri], msgspec.Meta(max_length=20)]
Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=200)]


class NewClient(msgspec.Struct, frozen=True, kw_only=True):
    name: ShortLine
    redirect_uris: RedirectUris = msgspec.field(default_factory=list)
    """Exact addresses that answers may be sent to: https, http on this machine, or an app's own scheme. A confidential
    program that only acts for itself has none."""
    scopes: Scopes
    """The most it may ask for: scopes of customers, permissions of staff that whoever registers it holds."""
    confidential: bool
    """Whether it can keep a secret. What runs in a browser or on a phone can't."""


class ClientChange(msgspec.Struct, frozen=True, kw_only=True):
    name: ShortLine | msgspec.UnsetType = msgspec.UNSET
    redirect_uris: RedirectUris | msgspec.UnsetType = msgspec.UNSET
    scopes: Scopes | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class ClientView(msgspec.Struct, frozen=True, kw_only=True):
    client_id: str
    client_secret: str | msgspec.UnsetType = msgspec.UNSET
    """Told this once."""
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    confidential: bool
    signs_events: bool
    """Whether its secret also signs what it sends to `/api/v1/events`: not one from before that was possible."""
    created_at: datetime
    disabled_at: datetime | None


class Clients(msgspec.Struct, frozen=True):
    items: list[ClientView]
    next_cursor: None = None


@get("/api/v1/admin/oauth/clients", guards=[staff("clients.manage")], tags=TAGS, operation_id="listOAuthClients")
async def list_clients() -> Clients:
    """The programs that may use the shop."""
    return Clients([view(each) for each in await read(clients.find_all)])


@post("/api/v1/admin/oauth/clients", guards=[staff("clients.manage")], tags=TAGS, operation_id="registerOAuthClient")
async def register_client(request: ShopRequest, data: JSONBody[NewClient]) -> ClientView:
    """Register a program. A confidential one gets its secret in this answer and never again."""
    who = await require_recent(request)
    wish = ClientWish(name=data.name.strip(), redirect_uris=tuple(data.redirect_uris), scopes=tuple(data.scopes))
    made, secret = await write(clients.register, who, wish, confidential=data.confidential)
    return view(made, secret)


@get(
    "/api/v1/admin/oauth/clients/{client_id:uuid}",
    guards=[staff("clients.manage")],
    tags=TAGS,
    operation_id="getOAuthClient",
)
async def show_client(client_id: FromPath[UUID]) -> ClientView:
    return view(await read(clients.find, str(client_id)))


@patch(
    "/api/v1/admin/oauth/clients/{client_id:uuid}",
    guards=[staff("clients.manage")],
    tags=TAGS,
    operation_id="changeOAuthClient",
)
async def change_client(request: ShopRequest, client_id: FromPath[UUID], data: JSONBody[ClientChange]) -> ClientView:
    """Change what is given, leave the rest. What goes beyond new scopes ends at once, and everything when disabled."""
    who = await require_recent(request)
    changed = await write(
        clients.change,
        who,
        str(client_id),
        name=None if isinstance(data.name, msgspec.UnsetType) else data.name.strip(),
        redirect_uris=None if isinstance(data.redirect_uris, msgspec.UnsetType) else tuple(data.redirect_uris),
        scopes=None if isinstance(data.scopes, msgspec.UnsetType) else tuple(data.scopes),
        disabled=None if isinstance(data.disabled, msgspec.UnsetType) else data.disabled,
    )
    return view(changed)


@post(
    "/api/v1/admin/oauth/clients/{client_id:uuid}/secret",
    guards=[staff("clients.manage")],
    tags=TAGS,
    operation_id="rotateOAuthClientSecret",
    status_code=200,
)
async def rotate_secret(request: ShopRequest, client_id: FromPath[UUID]) -> ClientView:
    """A new secret; the old one and all tokens are void from this moment."""
    who = await require_recent(request)
    return view(*await write(clients.rotate_secret, who, str(client_id)))


@delete(
    "/api/v1/admin/oauth/clients/{client_id:uuid}",
    guards=[staff("clients.manage")],
    tags=TAGS,
    operation_id="deleteOAuthClient",
)
async def delete_client(client_id: FromPath[UUID]) -> None:
    """With all that it was given."""
    await write(clients.delete, str(client_id))


def view(registered: RegisteredClient, secret: str | None = None) -> ClientView:
    client = registered.client
    return ClientView(
        client_id=client.id,
        client_secret=msgspec.UNSET if secret is None else secret,
        name=client.name,
        redirect_uris=client.redirect_uris,
        scopes=client.scopes,
        confidential=client.confidential,
        signs_events=registered.signs_events,
        created_at=registered.created_at,
        disabled_at=registered.disabled_at,
    )


ROUTES: Final = (list_clients, register_client, show_client, change_client, rotate_secret, delete_client)
