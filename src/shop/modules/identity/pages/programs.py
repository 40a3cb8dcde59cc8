"""The programs that may use somebody's account: those they let in, and API keys for programs of their own."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer
from shop.kernel.http.fields import ShortLine
from shop.kernel.http.principals import Principal
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.kernel.rights import permissions, scopes
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.check_boxes import boxes, chosen
from shop.modules.identity.confirmation import is_recent, require_recent
from shop.modules.identity.repository.api_keys import ApiKey
from shop.modules.identity.repository.oauth_clients import ConnectedClient
from shop.modules.identity.service import api_keys
from shop.modules.identity.service.oauth import programs

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/account/programs"
LIVES: Final = {"30": "30 days", "90": "90 days", "365": "A year", "0": "Until I delete it"}


class KeyForm(msgspec.Struct, frozen=True):
    name: ShortLine
    days: Annotated[int, msgspec.Meta(ge=0, le=365)]
    """0: without end."""


@get(PAGE, guards=[customer], include_in_schema=False)
async def programs_page(request: AnyRequest) -> HTMLPage:
    return await _programs_page(request, await signed_in(request))


@post(f"{PAGE}/keys", guards=[customer], include_in_schema=False)
async def make_key_from_form(request: AnyRequest) -> HTMLPage:
    """The page that comes back is the only one that ever shows the key."""
    who, form = await require_recent(request), await form_fields(request)
    wanted = chosen(form, "scope")
    try:
        given = fields.check(KeyForm, form)
        until = clock.now() + timedelta(days=given.days) if given.days else None
        made, key = await write(api_keys.make_key, who, given.name, wanted, until)
    except Invalid as refusal:
        return await _programs_page(request, who, form, refusal.errors)
    except (Conflict, Forbidden) as refusal:
        status = 403 if isinstance(refusal, Forbidden) else 409
        return await _programs_page(request, who, form, [FieldError("", refusal.detail)], status)
    return await account_page(request, "identity/api_key.html", {"key": key, "made": made})


@post(f"{PAGE}/keys/{{key_id:uuid}}/delete", guards=[customer], include_in_schema=False)
async def delete_key_from_form(request: AnyRequest, key_id: FromPath[UUID]) -> Redirect:
    await write(api_keys.delete_key, (await signed_in(request)).account_id, key_id)
    (await session_of(request)).flash("success", "The key is deleted; it opens nothing any more.")
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/{{client_id:uuid}}/disconnect", guards=[customer], include_in_schema=False)
async def disconnect_from_form(request: AnyRequest, client_id: FromPath[UUID]) -> Redirect:
    await write(programs.disconnect, (await signed_in(request)).account_id, str(client_id))
    (await session_of(request)).flash("success", "The program has no access to your account any more.")
    return Redirect(PAGE, status_code=303)


async def _programs_page(
    request: AnyRequest,
    who: Principal,
    form: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
) -> HTMLPage:
    connected, keys = await read(_at_a_glance, who.account_id)
    words = {**scopes(), **permissions()}
    own = {code: words for code, words in permissions().items() if who.may(code)}
    context = {
        "connected": connected,
        "keys": keys,
        "words": words,
        "now": clock.now(),
        "offered": boxes("scope", scopes(), form or {}),
        "offered_of_staff": boxes("scope", own, form or {}),
        "lives": [{"value": days, "label": label} for days, label in LIVES.items()],
        "recent": is_recent(who),
        "values": form or {},
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
    }
    return await account_page(request, "identity/programs.html", context, status=status if errors else 200)


async def _at_a_glance(uow: UnitOfWork, account_id: UUID) -> tuple[Sequence[ConnectedClient], Sequence[ApiKey]]:
    return await programs.find_connected(uow, account_id), await api_keys.find_keys(uow, account_id)


ROUTES: Final = (programs_page, make_key_from_form, delete_key_from_form, disconnect_from_form)
