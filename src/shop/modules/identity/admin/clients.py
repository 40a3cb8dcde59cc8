"""Programs of others in the back office: registered, changed, given another secret, ended."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.db import read, write
from shop.kernel.errors import FieldError, Forbidden, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.fields import ShortLine
from shop.kernel.http.principals import Principal
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.kernel.rights import permissions, scopes
from shop.modules.identity.check_boxes import boxes, chosen
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.repository.oauth_clients import RegisteredClient
from shop.modules.identity.service.oauth import clients
from shop.modules.identity.service.oauth.clients import ClientWish

ShopRequest = Request[Any, Any, Any]
PAGE: Final = "/admin/clients"
ONE: Final = f"{PAGE}/{{client_id:uuid}}"
LINKS: Final = (AdminLink("Programs", PAGE, "external", "clients.manage", 95),)
KINDS: Final = (
    {"value": "confidential", "title": "On a server", "text": "It keeps a secret, and may act for itself as well"},
    {"value": "public", "title": "In a browser or an app", "text": "It can keep no secret, and has none"},
)
LONGEST_LIST: Final = 11_000
MOST_ADDRESSES: Final = 20


class ClientForm(msgspec.Struct, frozen=True):
    name: ShortLine


@get(PAGE, guards=[staff("clients.manage")], include_in_schema=False)
async def clients_page(request: ShopRequest) -> HTMLPage:
    context = {"registered": await read(clients.find_all)}
    return await admin_page(request, "identity/admin_clients.html", context)


@get(f"{PAGE}/new", guards=[staff("clients.manage")], include_in_schema=False)
async def new_client_page(request: ShopRequest) -> HTMLPage:
    await require_recent(request)
    return await _form_page(request, None, {})


@post(f"{PAGE}/new", guards=[staff("clients.manage")], include_in_schema=False)
async def register_from_form(request: ShopRequest) -> HTMLPage:
    """The page that comes back is the only one that ever shows the secret."""
    who, form = await require_recent(request), await form_fields(request)
    try:
        if form.get("kind") not in {"confidential", "public"}:
            raise Invalid.field("kind", "Choose one")
        confidential = form["kind"] == "confidential"
        made, secret = await write(clients.register, who, _wish(form), confidential=confidential)
    except Invalid as refusal:
        return await _form_page(request, None, form, refusal.errors)
    except Forbidden as refusal:
        return await _form_page(request, None, form, [FieldError("", refusal.detail)], 403)
    return await _secret_page(request, made, secret)


@get(ONE, guards=[staff("clients.manage")], include_in_schema=False)
async def client_page(request: ShopRequest, client_id: FromPath[UUID]) -> HTMLPage:
    return await _client_page(request, client_id)


@post(ONE, guards=[staff("clients.manage")], include_in_schema=False)
async def change_from_form(request: ShopRequest, client_id: FromPath[UUID]) -> HTMLPage | Redirect:
    who, form = await require_recent(request), await form_fields(request)
    try:
        wish = _wish(form)
        await write(
            clients.change,
            who,
            str(client_id),
            name=wish.name,
            redirect_uris=wish.redirect_uris,
            scopes=wish.scopes,
            disabled="disabled" in form,
        )
    except Invalid as refusal:
        return await _client_page(request, client_id, form, refusal.errors)
    except Forbidden as refusal:
        return await _client_page(request, client_id, form, [FieldError("", refusal.detail)], 403)
    (await session_of(request)).flash("success", "The program is saved.")
    return Redirect(f"{PAGE}/{client_id}", status_code=303)


@post(f"{ONE}/secret", guards=[staff("clients.manage")], include_in_schema=False)
async def rotate_from_form(request: ShopRequest, client_id: FromPath[UUID]) -> HTMLPage:
    who = await require_recent(request)
    try:
        made, secret = await write(clients.rotate_secret, who, str(client_id))
    except Invalid as refusal:
        return await _client_page(request, client_id, None, [FieldError("", refusal.errors[0].message)])
    except Forbidden as refusal:
        return await _client_page(request, client_id, None, [FieldError("", refusal.detail)], 403)
    return await _secret_page(request, made, secret)


@post(f"{ONE}/delete", guards=[staff("clients.manage")], include_in_schema=False)
async def delete_from_form(request: ShopRequest, client_id: FromPath[UUID]) -> Redirect:
    await write(clients.delete, str(client_id))
    (await session_of(request)).flash("success", "The program is deleted, and all access that it had.")
    return Redirect(PAGE, status_code=303)


def _wish(form: Mapping[str, str]) -> ClientWish:
    """Raises Invalid."""
    typed = form.get("redirect_uris", "")
    uris = tuple(typed.split())
    if len(typed) > LONGEST_LIST or len(uris) > MOST_ADDRESSES:
        raise Invalid.field("redirect_uris", f"At most {MOST_ADDRESSES} addresses")
    return ClientWish(name=fields.check(ClientForm, form).name, redirect_uris=uris, scopes=tuple(chosen(form, "scope")))


async def _client_page(
    request: ShopRequest,
    client_id: UUID,
    form: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
) -> HTMLPage:
    found = await read(clients.find, str(client_id))
    client = found.client
    if form is None:
        form = {"name": client.name, "redirect_uris": "\n".join(client.redirect_uris)}
        form |= {f"scope.{scope}": "on" for scope in client.scopes}
        form |= {"disabled": "on"} if found.disabled_at is not None else {}
    return await _form_page(request, found, form, errors, status)


async def _form_page(
    request: ShopRequest,
    found: RegisteredClient | None,
    form: Mapping[str, str],
    errors: Sequence[FieldError] = (),
    status: int = 422,
) -> HTMLPage:
    principal = (await session_of(request)).principal
    told = [FieldError(error.field.partition(".")[0], error.message) for error in errors]
    context = {
        "found": found,
        "form": form,
        "kinds": KINDS,
        "offered": boxes("scope", scopes(), form),
        "offered_of_staff": boxes("scope", _own(principal), form),
        "beyond": [] if found is None else [each for each in found.client.own_scopes if each not in _own(principal)],
        "words": permissions(),
        "errors": told,
        "error_of": {error.field: error.message for error in reversed(told)},
    }
    return await admin_page(request, "identity/admin_client.html", context, status=status if errors else 200)


async def _secret_page(request: ShopRequest, made: RegisteredClient, secret: str | None) -> HTMLPage:
    context = {"client": made.client, "secret": secret}
    return await admin_page(request, "identity/admin_client_secret.html", context)


def _own(principal: Principal | None) -> dict[str, str]:
    """What somebody can give: permissions that they hold."""
    return {code: words for code, words in permissions().items() if principal is not None and principal.may(code)}


ROUTES: Final = (
    clients_page,
    new_client_page,
    register_from_form,
    client_page,
    change_from_form,
    rotate_from_form,
    delete_from_form,
)
