"""`shop admin ...`: the way in for whoever runs the shop, before anybody can sign in; `shop keys ...` for a leaked key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
import msgspec

from shop.kernel.config import settings
from shop.kernel.db import dispose_engines, read, snapshot, write
from shop.kernel.errors import Invalid, ShopError
from shop.kernel.mail_address import normal_address
from shop.modules.identity.passwords import check_new_password, hash_password
from shop.modules.identity.rules import readable_password
from shop.modules.identity.service import change_password, signing_keys, staff
from shop.modules.identity.service import person as persons

T = TypeVar("T")


@click.group(help="Accounts of the people who run the shop.")
def admin() -> None:
    """The help text stands above: groups of this name from several modules are joined."""


@admin.command()
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON: email, password, created.")
def create(as_json: bool) -> None:
    """Make the first administrator (SHOP_ADMIN_EMAIL, SHOP_ADMIN_PASSWORD or a random one).

    Does nothing when there is a staff account already.
    """
    email, password = _run(_create_owner)
    if as_json:
        click.echo(json.dumps({"email": email, "password": password, "created": password is not None}))
    elif password is None:
        click.echo(f"There are staff already, among them {email}; `shop admin password {email}` sets a new password.")
    else:
        click.echo(f"Administrator {email}\nPassword      {password}")


@admin.command()
@click.argument("email")
def password(email: str) -> None:
    """Set a fresh password for EMAIL and sign that account out everywhere."""
    fresh = readable_password()

    async def replace() -> None:
        await write(change_password.replace_password, _address(email), await hash_password(fresh))

    _run(replace)
    click.echo(f"{email}\nPassword      {fresh}")


@click.group(help="The keys that access tokens of the API are signed with.")
def keys() -> None:
    """Above."""


@keys.command()
def rotate() -> None:
    """Replace them at once, as one may have leaked.

    Every access token of the API is void then; whoever is signed in gets a new one by the refresh token. Keys are replaced
    in good time by themselves: nobody needs this for that.
    """
    gone = _run(lambda: write(signing_keys.replace_keys))
    click.echo(f"A new key signs from now on; {gone} before it {'is' if gone == 1 else 'are'} gone.")


@click.group(help="What is held on a person: told, and erased.")
def person() -> None:
    """Whether a letter is really from that person, its reader has to find out."""


@person.command()
@click.argument("email")
def export(email: str) -> None:
    """Print everything held on EMAIL as JSON: the account, and what was ordered as a guest."""
    address = _address(email)
    click.echo(json.dumps(_run(lambda: snapshot(persons.export_by_address, address)), indent=2, ensure_ascii=False))


@person.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Don't ask.")
def erase(email: str, yes: bool) -> None:
    """Erase what is held on EMAIL at once, account and guest orders; print what is kept and why.

    Refused while orders or payments are under way. There is no way back but a backup.
    """
    address = _address(email)
    if not yes:
        click.confirm(f"Erase everything held on {address} for good?", abort=True)
    kept = _run(lambda: write(persons.erase_by_address, address))
    click.echo(json.dumps({"kept": msgspec.to_builtins(kept)}, indent=2, ensure_ascii=False))


async def _create_owner() -> tuple[str, str | None]:
    """(address, password); no password when there are staff already."""
    present = await read(staff.find_staff)
    if present is not None:
        return present, None
    email, chosen = _address(settings().admin_email), settings().admin_password or readable_password()
    if not 8 <= len(chosen) <= 256:
        raise click.ClickException("SHOP_ADMIN_PASSWORD: 8 to 256 characters")
    if not settings().demo:  # which guards nothing, and is shown by a password that can be remembered
        _check(chosen, email)
    if await write(staff.create_owner, email, await hash_password(chosen)):
        return email, chosen
    return await read(staff.find_staff) or email, None


def _check(chosen: str, email: str) -> None:
    try:
        check_new_password(chosen, email=email)
    except Invalid as refusal:
        raise click.ClickException(f"SHOP_ADMIN_PASSWORD: {refusal.errors[0].message}") from None


def _address(text: str) -> str:
    try:
        return normal_address(text)
    except ValueError as error:
        raise click.ClickException(f"{text}: {error}") from None


def _run(work: Callable[[], Awaitable[T]]) -> T:
    async def whole() -> T:
        try:
            return await work()
        finally:
            await dispose_engines()

    try:
        return asyncio.run(whole())
    except ShopError as refusal:
        raise click.ClickException(refusal.detail) from None


COMMANDS = (admin, keys, person)
