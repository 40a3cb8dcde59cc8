"""Registering the programs of others. A client's rights are no greater than those of whoever registers or changes it: who
may set its secret or its addresses could act as it."""

from collections.abc import Sequence

import msgspec

from shop.kernel import audit, clock
from shop.kernel.errors import FieldError, Invalid, NotFound
from shop.kernel.http.principals import Principal
from shop.kernel.ids import new_id
from shop.kernel.rights import permissions, scopes
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import RightsExceeded
from shop.modules.identity.oauth_client import OAuthClient
from shop.modules.identity.redirect_uris import why_unfit
from shop.modules.identity.repository import oauth_clients
from shop.modules.identity.repository.oauth_clients import RegisteredClient
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service.oauth.client_secrets import new_secret, sealed


class ClientWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a client is to be like."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]


async def register(
    uow: UnitOfWork, who: Principal, wish: ClientWish, *, confidential: bool
) -> tuple[RegisteredClient, str | None]:
    """The client and its secret, which is told this once; a public one has none. Raises Invalid, RightsExceeded."""
    _check(who, wish, confidential=confidential)
    secret = new_secret() if confidential else None
    now = clock.now()
    client = OAuthClient(
        id=str(new_id()),
        name=wish.name,
        secret_hash=None if secret is None else token_hash(secret),
        redirect_uris=wish.redirect_uris,
        scopes=wish.scopes,
    )
    signing_secret = None if secret is None else sealed(client.id, secret)
    await oauth_clients.add_client(uow, client, signing_secret, who.account_id, now)
    audit.note(
        action="oauth_client.registered", subject=("oauth_client", client.id), permissions=client.own_scopes[:20]
    )
    return RegisteredClient(client, now, None, signs_events=confidential), secret


async def find(uow: UnitOfWork, client_id: str) -> RegisteredClient:
    """Raises NotFound."""
    found = await oauth_clients.find_registered(uow, client_id)
    if found is None:
        raise NotFound("There is no such program")
    return found


async def find_all(uow: UnitOfWork) -> Sequence[RegisteredClient]:
    return await oauth_clients.find_all_registered(uow)


async def change(
    uow: UnitOfWork,
    who: Principal,
    client_id: str,
    *,
    name: str | None = None,
    redirect_uris: tuple[str, ...] | None = None,
    scopes: tuple[str, ...] | None = None,
    disabled: bool | None = None,
) -> RegisteredClient:
    """What is None stays. Whatever was given to the client beyond its new scopes ends with this, and all of it when it is
    disabled. Raises NotFound, Invalid, RightsExceeded."""
    held = await _hold(uow, who, client_id)
    present = held.client
    wish = ClientWish(
        name=present.name if name is None else name,
        redirect_uris=present.redirect_uris if redirect_uris is None else redirect_uris,
        scopes=present.scopes if scopes is None else scopes,
    )
    _check(who, wish, confidential=present.confidential)
    changed = msgspec.structs.replace(present, name=wish.name, redirect_uris=wish.redirect_uris, scopes=wish.scopes)
    disabled_at = held.disabled_at
    if disabled is not None:
        disabled_at = (held.disabled_at or clock.now()) if disabled else None
    await oauth_clients.change_client(uow, changed, disabled_at)
    await oauth_clients.end_what_exceeds(uow, client_id, wish.scopes)
    if disabled_at is not None:
        await oauth_clients.end_all_tokens(uow, client_id)
    _tell(uow, client_id, "oauth_client.changed", permissions=changed.own_scopes[:20], disabled=disabled_at is not None)
    return msgspec.structs.replace(held, client=changed, disabled_at=disabled_at)


async def rotate_secret(uow: UnitOfWork, who: Principal, client_id: str) -> tuple[RegisteredClient, str]:
    """The old secret and all tokens end at once: it is rotated because somebody may know it. Events are signed by the new
    one from now on. Raises NotFound, Invalid for a public client, RightsExceeded."""
    held = await _hold(uow, who, client_id)
    if not held.client.confidential:
        raise Invalid.field("client_id", "A public program has no secret")
    secret = new_secret()
    changed = msgspec.structs.replace(held.client, secret_hash=token_hash(secret))
    await oauth_clients.replace_secret(uow, changed, sealed(client_id, secret))
    await oauth_clients.end_all_tokens(uow, client_id)
    _tell(uow, client_id, "oauth_client.secret_rotated")
    return msgspec.structs.replace(held, client=changed, signs_events=True), secret


async def delete(uow: UnitOfWork, client_id: str) -> None:
    """Whoever may manage clients may end any. Raises NotFound."""
    if not await oauth_clients.delete_client(uow, client_id):
        raise NotFound("There is no such program")
    _tell(uow, client_id, "oauth_client.deleted")


async def _hold(uow: UnitOfWork, who: Principal, client_id: str) -> RegisteredClient:
    held = await oauth_clients.lock_registered(uow, client_id)
    if held is None:
        raise NotFound("There is no such program")
    _check_rights(who, held.client.scopes)
    return held


def _check(who: Principal, wish: ClientWish, *, confidential: bool) -> None:
    errors = [
        FieldError(f"redirect_uris.{index}", reason)
        for index, uri in enumerate(wish.redirect_uris)
        if (reason := why_unfit(uri, confidential=confidential)) is not None
    ]
    known = {*scopes(), *permissions()}
    errors += [FieldError("scopes", f"There is no scope {scope}") for scope in wish.scopes if scope not in known]
    if not wish.scopes:
        errors.append(FieldError("scopes", "Choose at least one: a program without any may do nothing"))
    if len(set(wish.scopes)) != len(wish.scopes):
        errors.append(FieldError("scopes", "Each once"))
    if not wish.redirect_uris and not (confidential and set(wish.scopes) & set(permissions())):
        errors.append(
            FieldError(
                "redirect_uris", "Give at least one: only a program with a secret, which acts for itself, needs none"
            )
        )
    if errors:
        raise Invalid(errors)
    _check_rights(who, wish.scopes)


def _check_rights(who: Principal, wanted: Sequence[str]) -> None:
    if not all(who.may(scope) for scope in wanted if scope in permissions()):
        raise RightsExceeded


def _tell(uow: UnitOfWork, client_id: str, action: str, **details: audit.Detail) -> None:
    uow.invalidate(f"client:{client_id}")
    audit.note(action=action, subject=("oauth_client", client_id), **details)
