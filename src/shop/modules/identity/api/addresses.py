"""The address book as JSON: `/api/v1/me/addresses`."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from shop.contracts.identity import SavedAddress
from shop.kernel.db import read, write
from shop.kernel.http.access import customer_or_program
from shop.kernel.http.sessions import signed_in
from shop.modules.identity.schemas import AddressBody, AddressChange
from shop.modules.identity.service import addresses

AnyRequest = Request[Any, Any, Any]
TAGS: Final = ["addresses"]
READ: Final = customer_or_program("addresses.read")
WRITE: Final = customer_or_program("addresses.write")


class AddressList(msgspec.Struct, frozen=True):
    items: list[SavedAddress]
    next_cursor: None = None


@get("/api/v1/me/addresses", guards=[READ], tags=TAGS, operation_id="listAddresses")
async def list_mine(request: AnyRequest) -> AddressList:
    """The whole book: where things are sent by default first."""
    return AddressList(await read(addresses.list_addresses, (await signed_in(request)).account_id))


@get("/api/v1/me/addresses/{address_id:uuid}", guards=[READ], tags=TAGS, operation_id="getAddress")
async def show(request: AnyRequest, address_id: FromPath[UUID]) -> SavedAddress:
    """One address."""
    return await read(addresses.get_address, (await signed_in(request)).account_id, address_id)


@post("/api/v1/me/addresses", guards=[WRITE], tags=TAGS, operation_id="addAddress", status_code=201)
async def add(request: AnyRequest, data: JSONBody[AddressBody]) -> SavedAddress:
    """Kept as its country writes it. 422 tells what that country wants otherwise; 409 `address_book_full` at 50."""
    given = msgspec.structs.asdict(data)
    # To be none of the defaults is no wish: the first address is all of them whatever it says.
    wanted = {name: value for name, value in given.items() if value is not False}
    return await write(addresses.add_address, (await signed_in(request)).account_id, wanted)


@patch("/api/v1/me/addresses/{address_id:uuid}", guards=[WRITE], tags=TAGS, operation_id="changeAddress")
async def change(request: AnyRequest, address_id: FromPath[UUID], data: JSONBody[AddressChange]) -> SavedAddress:
    """Change what is given, leave the rest."""
    changes = {
        name: value for name, value in msgspec.structs.asdict(data).items() if not isinstance(value, msgspec.UnsetType)
    }
    return await write(addresses.change_address, (await signed_in(request)).account_id, address_id, changes)


@delete(
    "/api/v1/me/addresses/{address_id:uuid}", guards=[WRITE], tags=TAGS, operation_id="deleteAddress", status_code=204
)
async def remove(request: AnyRequest, address_id: FromPath[UUID]) -> None:
    """Orders keep the addresses that they were sent to."""
    await write(addresses.delete_address, (await signed_in(request)).account_id, address_id)


ROUTES: Final = (list_mine, show, add, change, remove)
