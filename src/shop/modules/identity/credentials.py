"""What pages and API do alike at the edge, where passwords are hashed between two transactions and guesses are counted.

An answer takes its time whether the address is known or not: sign-in and sign-up hash exactly one password either way, and
asking for a reset, which hashes nothing, waits for a fixed moment.
"""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from uuid import UUID

from litestar import Request

from shop.kernel.db import read, write
from shop.kernel.errors import Invalid, TooMany
from shop.kernel.http.ratelimit import address_of, begin_attempt, clear_failures, limit
from shop.kernel.ids import new_token
from shop.kernel.mail_address import comparison_key, normal_address
from shop.modules.identity.errors import SignInRefused
from shop.modules.identity.known_devices import known_device
from shop.modules.identity.passwords import check_new_password, check_password, hash_password
from shop.modules.identity.repository import accounts
from shop.modules.identity.rules import LINK_LIFE, SignedIn, token_hash
from shop.modules.identity.schemas import SignUp
from shop.modules.identity.service.change_password import request_password_reset, reset_password
from shop.modules.identity.service.mail_links import find_owner_of_link
from shop.modules.identity.service.second_factor import typed_factor
from shop.modules.identity.service.sign_in import Proof
from shop.modules.identity.service.sign_up import find_opened, sign_up, verify_email

AnyRequest = Request[Any, Any, Any]

RESET_ANSWER_SECONDS: Final = 0.15
"""Longer than writing the request for a mail takes; a shop too slow for it has other worries."""

RESET_MAILS: Final = 10
"""To one address while a link is good, whoever asks for them from wherever: nobody's mailbox can be flooded by our mails."""


def checked_address(text: str) -> str:
    """The address to write to. Raises Invalid."""
    try:
        return normal_address(text)
    except ValueError as error:
        raise Invalid.field("email", str(error)) from None


async def prove(request: AnyRequest, email: str, password: str) -> Proof:
    """The first step of a sign-in. Raises WrongCredentials for an unknown address, a wrong password and an unconfirmed
    address alike; TooMany."""
    key = _key_of(email)
    await limit("signin", address_of(request), 10, 60)
    found = await read(accounts.find_credentials, key)
    async with one_attempt(request, f"signin {key}", found.account_id if found else None):
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


@asynccontextmanager
async def second_step(request: AnyRequest, proof: Proof, code: str) -> AsyncIterator[Proof]:
    """Around the transaction that uses the code up and signs in. Raises TooMany; WrongCode from within counts."""
    await limit("signin-code", address_of(request), 10, 60)
    async with one_attempt(request, f"code {proof.account_id}", proof.account_id):
        yield proof.with_factor(typed_factor(code))


@asynccontextmanager
async def one_attempt(request: AnyRequest, what: str, account_id: UUID | None) -> AsyncIterator[None]:
    """Around the check of a secret that can be guessed: what raises was a failure, and each makes the next wait longer. A
    browser that the account knows waits for its own failures alone. Raises TooMany before anything is checked."""
    device = known_device(request, account_id)
    key = what if device is None else f"{what} on {device}"
    await begin_attempt(key)
    yield
    await clear_failures(key)


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


async def register(request: AnyRequest, form: SignUp) -> str:
    """A mark by which the browser that opened an account is known again when its address is confirmed; without meaning when
    none was opened. Raises Invalid, TooMany; says nothing of whether the address was known."""
    email = checked_address(form.email)
    check_new_password(form.password, email=email, name=form.name)
    await limit("signup", address_of(request), 5, 60)
    password_hash = await hash_password(form.password)
    opened = await write(sign_up, email, form.name.strip(), password_hash, newsletter=form.newsletter)
    return opened.mark if opened else new_token()


async def confirm_address(token: str, mark: str | None, password: str) -> None:
    """By the browser that opened the account, or else with the password it was opened with: a stranger may have opened it
    with somebody's address, and whoever follows the link in their mail would make it that stranger's account in their name.
    Raises LinkExpired, Invalid, TooMany."""
    opened, password_hash = await read(find_opened, token)
    if mark != opened.mark:
        await limit("verify", str(opened.account_id), 10, 600)
        if not password:
            raise Invalid.field("password", "The password that the account was opened with")
        if not (await check_password(password, password_hash)).right:
            raise Invalid.field("password", "The account was opened with another password")
    await write(verify_email, token)


async def ask_for_reset(request: AnyRequest, email: str) -> None:
    """Raises Invalid, TooMany; says nothing of whether the address was known."""
    email = checked_address(email)
    await limit("forgot", address_of(request), 5, 600)
    async with lasting(RESET_ANSWER_SECONDS):
        with suppress(TooMany):  # of which nobody is told: a link from before is still good
            await limit("reset-mails", comparison_key(email), RESET_MAILS, int(LINK_LIFE["reset"].total_seconds()))
            await write(request_password_reset, email)


async def choose_password(token: str, password: str) -> UUID | None:
    """Whose browser this may be known as. None where a second factor has yet to be shown: who reads the owner's mail would
    else get tries of their own at its codes, beside all others'. Raises Invalid, LinkExpired; before hashing anything, so
    that made-up links cost nothing."""
    owner = await read(find_owner_of_link, token, "reset")
    check_new_password(password, email=owner.email, name=owner.name)
    more_to_show = await write(reset_password, token, await hash_password(password))
    await clear_failures(f"signin {_key_of(owner.email)}")  # who reads the owner's mail need not wait for strangers
    return None if more_to_show else owner.id


def _key_of(email: str) -> str:
    """What can't be an address is counted and looked up like one that nobody has."""
    try:
        return comparison_key(normal_address(email))
    except ValueError:
        return f"no address {token_hash(email).hex()}"


@asynccontextmanager
async def lasting(seconds: float) -> AsyncIterator[None]:
    until = time.monotonic() + seconds
    yield
    await asyncio.sleep(until - time.monotonic())
