"""What belongs to a person by law, as JSON: consents, all that is held, and the end of the account."""

from typing import Any, Final

import msgspec
from litestar import Request, delete, get, put
from litestar.params import JSONBody

from shop.kernel.db import read, snapshot, write
from shop.kernel.http.access import customer
from shop.kernel.http.ratelimit import EXPORT
from shop.kernel.http.sessions import signed_in
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.service import consents, person
from shop.modules.identity.service.consents import Consent

AnyRequest = Request[Any, Any, Any]
TAGS: Final = ["accounts"]


class ConsentList(msgspec.Struct, frozen=True):
    items: list[Consent]
    next_cursor: None = None


class ConsentChange(msgspec.Struct, frozen=True):
    """What is left out stays as it is."""

    newsletter: bool | msgspec.UnsetType = msgspec.UNSET
    recommendations: bool | msgspec.UnsetType = msgspec.UNSET


@get("/api/v1/me/consents", guards=[customer], tags=TAGS, operation_id="listConsents")
async def list_consents(request: AnyRequest) -> ConsentList:
    """What the account agreed to; `at` is null where nothing was ever said."""
    standing, _ = await read(consents.show_consents, (await signed_in(request)).account_id)
    return ConsentList(standing)


@put("/api/v1/me/consents", guards=[customer], tags=TAGS, operation_id="changeConsents")
async def change_consents(request: AnyRequest, data: JSONBody[ConsentChange]) -> ConsentList:
    """Give or take back; each change is kept with its time."""
    wanted = {name: value for name, value in msgspec.structs.asdict(data).items() if isinstance(value, bool)}
    return ConsentList(await write(consents.decide, (await signed_in(request)).account_id, wanted))


@get("/api/v1/me/export", guards=[customer], opt=EXPORT, tags=TAGS, operation_id="exportMe")
async def export_me(request: AnyRequest) -> dict[str, Any]:
    """Everything that the shop holds on the account's owner, by module, orders placed as a guest under the confirmed address
    included. 403 `confirmation_required` when the sign-in is older than 15 minutes, 429 beyond ten
    an hour."""
    return await snapshot(person.export_account, (await require_recent(request)).account_id)


@delete("/api/v1/me", guards=[customer], tags=TAGS, operation_id="closeAccount", status_code=204)
async def close_me(request: AnyRequest) -> None:
    """Close the account at once; what is held on its owner is erased within the hour. 409 `open_orders` or
    `money_under_way` while something is on its way, `staff_account` for whoever runs the shop. 403
    `confirmation_required` when the sign-in is older than 15 minutes."""
    await write(person.close_account, (await require_recent(request)).account_id)


ROUTES: Final = (list_consents, change_consents, export_me, close_me)
