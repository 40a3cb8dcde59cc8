"""Where the account is signed in, for its owner to look through and to end."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.db import read, write
from shop.kernel.errors import NotFound
from shop.kernel.http.access import customer
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.devices import device_in_words
from shop.modules.identity.repository.sessions import Holder
from shop.modules.identity.service import api_keys, sessions

AnyRequest = Request[Any, Any, Any]

DEVICES: Final = "/account/devices"
HOW: Final = {
    "password": "password",
    "otp": "code of the app",
    "recovery": "recovery code",
    "passkey": "passkey",
    "oidc": "another provider",
}


@get(DEVICES, guards=[customer], include_in_schema=False)
async def devices_page(request: AnyRequest) -> HTMLPage:
    return await _devices_page(request)


async def _devices_page(request: AnyRequest, status: int = 200) -> HTMLPage:
    principal = await signed_in(request)
    held, keys = await read(_at_a_glance, principal.account_id)
    places = [
        {
            "id": holder.id,
            "title": holder.client_name or device_in_words(holder.user_agent),
            "is_program": holder.kind == "tokens",
            "network": holder.network,
            "how": ", ".join(HOW.get(method, method) for method in holder.methods),
            "signed_in_at": holder.signed_in_at,
            "last_seen_at": holder.last_seen_at,
            "current": holder.id == principal.session_id,
        }
        for holder in held
    ]
    places.sort(key=lambda place: not place["current"])
    return await account_page(request, "identity/devices.html", {"places": places, "keys": keys}, status=status)


async def _at_a_glance(uow: UnitOfWork, account_id: UUID) -> tuple[list[Holder], int]:
    return await sessions.list_holders(uow, account_id), len(await api_keys.find_keys(uow, account_id))


@post(f"{DEVICES}/{{holder_id:uuid}}/end", guards=[customer], include_in_schema=False)
async def end_device(request: AnyRequest, holder_id: FromPath[UUID]) -> HTMLPage | Redirect:
    principal = await signed_in(request)
    session = await session_of(request)
    try:
        await write(sessions.end_one, principal.account_id, holder_id)
    except NotFound:
        session.flash("info", "That one was signed out already.")
        return await _devices_page(request, 404)
    if holder_id == principal.session_id:
        session.ended()
        return Redirect("/", status_code=303)
    session.flash("success", "Signed out there.")
    return Redirect(DEVICES, status_code=303)


@post(f"{DEVICES}/end-others", guards=[customer], include_in_schema=False)
async def end_other_devices(request: AnyRequest) -> Redirect:
    await write(sessions.end_others, await signed_in(request))
    (await session_of(request)).flash("success", "Signed out everywhere else.")
    return Redirect(DEVICES, status_code=303)


ROUTES: Final = (devices_page, end_device, end_other_devices)
