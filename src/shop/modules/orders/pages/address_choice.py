"""Where an order goes: an address of the buyer's book, or one typed into the checkout, which may be kept in the book."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
import structlog

from shop.contracts.identity import AccountId, AddressBook, PostalAddress, SavedAddress
from shop.contracts.orders import Address
from shop.kernel import postal
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid, ShopError
from shop.kernel.http.sessions import Session
from shop.kernel.ports import port

log = structlog.get_logger(__name__)

FIELD: Final = "deliver_to"
NEW: Final = "new"
SAVE: Final = "save_address"
PARTS: Final = tuple(field.name for field in msgspec.structs.fields(PostalAddress))
Book = list[SavedAddress]


async def book_of(session: Session) -> Book:
    """Nothing for a guest."""
    if session.principal is None:
        return []
    return await read(port(AddressBook).list_addresses, AccountId(session.principal.account_id))


def chosen_in(form: Mapping[str, str], book: Book) -> SavedAddress | None:
    """None: it is typed into the form. On a fresh form the first of the book, which is the default."""
    wanted = form.get(FIELD)
    if wanted is None and not form:
        return next(iter(book), None)
    return next((saved for saved in book if str(saved.id) == wanted), None)


def check_choice(form: Mapping[str, str], book: Book) -> None:
    """Raises Invalid for an address that is no longer in the book, and for a new one whose fields are not there yet."""
    if form.get(FIELD, NEW) != NEW and chosen_in(form, book) is None:
        raise Invalid.field(FIELD, "This address is no longer in your book; choose another one")
    if form.get(FIELD) == NEW and not any(name.startswith("shipping_address.") for name in form):
        raise Invalid.field("", "Fill in where the order goes, below")


def parts_of(saved: SavedAddress) -> dict[str, Any]:
    """As the form's own fields would have it, parts that are empty left out."""
    return {part: value for part in PARTS if (value := getattr(saved, part))}


def choices(book: Book, delivered: Collection[str]) -> list[dict[str, Any]]:
    """For the list on the form; nothing is delivered to the disabled ones."""
    options = []
    for saved in book:
        shown = postal.shown(parts_of(saved))
        place = f"{saved.line1}, {shown['locality']}, {shown['country_name']}"
        reachable = saved.country in delivered
        note = "" if reachable else " (we don't deliver there)"
        options.append(
            {
                "value": str(saved.id),
                "title": saved.name,
                "text": place + note,
                "label": f"{saved.name}, {place}{note}",
                "disabled": not reachable,
            }
        )
    return [*options, {"value": NEW, "title": "Another address", "label": "Another address", "text": ""}]


async def keep(session: Session, form: Mapping[str, str], address: Address) -> None:
    """When the buyer asked for it. The order stands whether or not the book could be written."""
    if session.principal is None or not form.get(SAVE) or form.get(FIELD, NEW) != NEW:
        return
    wanted = PostalAddress(**msgspec.structs.asdict(address))
    try:
        await write(port(AddressBook).keep_address, AccountId(session.principal.account_id), wanted)
    except ShopError as refusal:
        log.warning("address_not_kept", reason=refusal.code)
