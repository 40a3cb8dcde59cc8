"""The address book: a list, and one form whose fields follow the country chosen in it, by htmx at once or by a button."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.identity import SavedAddress
from shop.kernel import postal
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.modules.identity.repository.addresses import DEFAULTS, PARTS
from shop.modules.identity.schemas import AddressBody
from shop.modules.identity.service import addresses

AnyRequest = Request[Any, Any, Any]
Form = dict[str, str]

BOOK: Final = "/account/addresses"
LABELS: Final = {
    "name": "Full name",
    "company": "Company",
    "line1": "Street and number",
    "line2": "Flat, floor, building",
    "country": "Country",
    "phone": "Phone",
}
"""As the form calls the fields that are the same everywhere."""


@get(BOOK, guards=[customer], include_in_schema=False)
async def book_page(request: AnyRequest) -> HTMLPage:
    principal = await signed_in(request)
    book = await read(addresses.list_addresses, principal.account_id)
    cards = [{"address": postal.shown(_parts(each)), "saved": each} for each in book]
    return await account_page(
        request,
        "identity/addresses.html",
        {"cards": cards, "full": len(book) >= addresses.MOST, "most": addresses.MOST},
    )


@get(f"{BOOK}/new", guards=[customer], include_in_schema=False)
async def new_page(request: AnyRequest) -> HTMLPage:
    principal = await signed_in(request)
    return await _form_page(request, None, {"name": principal.name, "country": settings().country})


@post(BOOK, guards=[customer], include_in_schema=False, status_code=200)
async def add_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form = await signed_in(request), await form_fields(request)
    if form.get("action") == "update":
        return await _form_page(request, None, form)
    try:
        given = _checked(form)
        # The first is every default whether or not its boxes are ticked.
        wanted = {name: value for name, value in given.items() if value is not False}
        await write(addresses.add_address, principal.account_id, wanted)
    except Invalid as refusal:
        return await _form_page(request, None, form, refusal.errors)
    except Conflict as refusal:
        return await _form_page(request, None, form, [FieldError("", refusal.detail)], 409)
    return await _back(request, "The address is in your book.")


@get(f"{BOOK}/{{address_id:uuid}}", guards=[customer], include_in_schema=False)
async def edit_page(request: AnyRequest, address_id: FromPath[UUID]) -> HTMLPage:
    saved = await read(addresses.get_address, (await signed_in(request)).account_id, address_id)
    shown = {name: value for name, value in _parts(saved).items() if value}
    boxes = {name: "on" for name in DEFAULTS if getattr(saved, name)}
    return await _form_page(request, address_id, {**shown, **boxes})


@post(f"{BOOK}/{{address_id:uuid}}", guards=[customer], include_in_schema=False, status_code=200)
async def change_from_form(request: AnyRequest, address_id: FromPath[UUID]) -> HTMLPage | Redirect:
    principal, form = await signed_in(request), await form_fields(request)
    await read(addresses.get_address, principal.account_id, address_id)
    if form.get("action") == "update":
        return await _form_page(request, address_id, form)
    try:
        await write(addresses.change_address, principal.account_id, address_id, _checked(form))
    except Invalid as refusal:
        return await _form_page(request, address_id, form, refusal.errors)
    return await _back(request, "The address is changed.")


@post(f"{BOOK}/{{address_id:uuid}}/default", guards=[customer], include_in_schema=False)
async def make_default(request: AnyRequest, address_id: FromPath[UUID]) -> Redirect:
    principal, form = await signed_in(request), await form_fields(request)
    wanted: dict[str, Any] = {name: True for name in DEFAULTS if name == form.get("default")}
    await write(addresses.change_address, principal.account_id, address_id, wanted)
    return Redirect(BOOK, status_code=303)


@post(f"{BOOK}/{{address_id:uuid}}/delete", guards=[customer], include_in_schema=False)
async def delete_from_form(request: AnyRequest, address_id: FromPath[UUID]) -> Redirect:
    await write(addresses.delete_address, (await signed_in(request)).account_id, address_id)
    return await _back(request, "The address is deleted. Orders that went there keep it.")


async def _back(request: AnyRequest, words: str) -> Redirect:
    (await session_of(request)).flash("success", words)
    return Redirect(BOOK, status_code=303)


def _checked(form: Form) -> dict[str, Any]:
    """Raises Invalid that names every field to mend."""
    typed = {name: value for name, value in form.items() if value}
    boxes = {name: name in typed for name in DEFAULTS}
    misfits = postal.problems(typed)
    try:
        body = fields.check(AddressBody, {**typed, **boxes})
    except Invalid as refusal:
        told = {error.field for error in refusal.errors}
        raise Invalid([*refusal.errors, *(each for each in misfits if each.field not in told)]) from refusal
    if misfits:
        raise Invalid(misfits)
    return msgspec.structs.asdict(body)


def _parts(saved: SavedAddress) -> dict[str, str | None]:
    return {part: getattr(saved, part) for part in PARTS}


async def _form_page(
    request: AnyRequest,
    address_id: UUID | None,
    values: Form,
    errors: Sequence[FieldError] = (),
    status: int | None = None,
) -> HTMLPage:
    names = postal.country_names()
    country = values.get("country") if values.get("country") in names else settings().country
    labels = {**LABELS, **postal.labels_in(str(country))}
    context = {
        "address_id": address_id,
        "action": f"{BOOK}/{address_id}" if address_id else BOOK,
        "values": {**values, "country": country},
        "errors": {error.field: error.message for error in reversed(errors)},
        "summary": [_in_words(error, labels) for error in errors],
        "parts": postal.parts_after_street(str(country)),
        "countries": [{"value": code, "label": name} for code, name in sorted(names.items(), key=lambda each: each[1])],
    }
    return await account_page(request, "identity/address_form.html", context, status=status or (422 if errors else 200))


def _in_words(error: FieldError, labels: dict[str, str]) -> FieldError:
    label = labels.get(error.field)
    return FieldError(error.field, f"{label}: {error.message[:1].lower()}{error.message[1:]}") if label else error


ROUTES: Final = (
    book_page,
    new_page,
    add_from_form,
    edit_page,
    change_from_form,
    make_default,
    delete_from_form,
)
