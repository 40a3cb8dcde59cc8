"""What pages and API do alike at the edge, where passwords are hashed between two transactions and guesses are counted.

An answer takes its time whether the address is known or not: sign-in and sign-up hash exactly one password either way, and
asking for a reset, which hashes nothing, waits for a fixed moment.
"""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Request

from shop.contracts.identity import LinkExpired
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.http.ratelimit import address_of, limit
from shop.kernel.mail_address import comparison_key, normal_address
from shop.modules.identity.errors import SignInRefused
from shop.modules.identity.passwords import check_password, hash_password
from shop.modules.identity.repository import accounts
from shop.modules.identity.rules import SignedIn, token_hash
from shop.modules.identity.schemas import SignUp
from shop.modules.identity.service.change_password import request_password_reset, reset_password
from shop.modules.identity.service.mail_links import is_link_good
from shop.modules.identity.service.sign_in import Proof
from shop.modules.identity.service.sign_up import sign_up

AnyRequest = Request[Any, Any, Any]

RESET_ANSWER_SECONDS: Final = 0.15
"""Longer than writing the request for a mail takes; a shop too slow for it has other worries."""


def checked_address(text: str) -> str:
    """The address to write to. Raises Invalid."""
    try:
        return normal_address(text)
    except ValueError as error:
        raise Invalid.field("email", str(error)) from None


async def prove(request: AnyRequest, email: str, password: str) -> Proof:
    """Raises WrongCredentials for an unknown address, a wrong password and an unconfirmed address alike; TooMany."""
    key = _key_of(email)
    await limit("signin", address_of(request), 10, 60)
    await limit("signin-account", key, 10, 300)
    found = await read(accounts.find_credentials, key)
    verdict = await check_password(password, found.password_hash if found else None)
    if found is None or not verdict.right or not found.verified:
        raise SignInRefused
    return Proof(
        account_id=found.account_id,
        version=found.version,
        is_staff=found.is_staff,
        signed_in=signed_in_by(request, "password"),
        better_hash=verdict.better_hash,
    )


def signed_in_by(request: AnyRequest, *methods: str, strong: bool = False) -> SignedIn:
    """With where it was done from, as far as it helps an owner to recognise it: the network address without its last part."""
    return SignedIn(
        methods=methods,
        strong=strong,
        user_agent=request.headers.get("user-agent", "")[:400].encode("ascii", "replace").decode() or None,
        address=shortened_address(address_of(request)),
    )


def shortened_address(address: str) -> str | None:
    try:
        network = ipaddress.ip_network((address, 24 if "." in address else 48), strict=False)
    except ValueError:
        return None
    return str(network)


async def register(request: AnyRequest, form: SignUp) -> None:
    """Raises Invalid, TooMany; says nothing of whether the address was known."""
    email = checked_address(form.email)
    await limit("signup", address_of(request), 5, 60)
    await write(sign_up, email, form.name.strip(), await hash_password(form.password))


async def ask_for_reset(request: AnyRequest, email: str) -> None:
    """Raises Invalid, TooMany; says nothing of whether the address was known."""
    email = checked_address(email)
    await limit("forgot", address_of(request), 5, 600)
    async with _lasting(RESET_ANSWER_SECONDS):
        await write(request_password_reset, email)


async def choose_password(token: str, password: str) -> None:
    """Raises LinkExpired; before hashing anything, so that made-up links cost nothing."""
    if not await read(is_link_good, token, "reset"):
        raise LinkExpired
    await write(reset_password, token, await hash_password(password))


def _key_of(email: str) -> str:
    """What can't be an address is counted and looked up like one that nobody has."""
    try:
        return comparison_key(normal_address(email))
    except ValueError:
        return f"no address {token_hash(email).hex()}"


@asynccontextmanager
async def _lasting(seconds: float) -> AsyncIterator[None]:
    until = time.monotonic() + seconds
    yield
    await asyncio.sleep(until - time.monotonic())
