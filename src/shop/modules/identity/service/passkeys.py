"""Passkeys (WebAuthn): a key pair on somebody's device, which asks for a finger, a face or a PIN before it signs.

That makes one a strong sign-in by itself. They are discoverable: signing in needs no address, for the device names the
account by its id.
"""

import json
import struct
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from shop.contracts.identity import AccountId
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.errors import NotFound
from shop.kernel.http.sessions import Principal
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import PasskeyRefused, TooManyPasskeys
from shop.modules.identity.repository import accounts, factors
from shop.modules.identity.repository.accounts import Credentials
from shop.modules.identity.repository.factors import Passkey
from shop.modules.identity.rules import uuid_of
from shop.modules.identity.service.challenges import (
    LIFE,
    Challenge,
    Purpose,
    new_challenge,
    own_challenge,
    spend_challenge,
)
from shop.modules.identity.service.factors import change_of_factors

MOST: Final = 20
_MALFORMED: Final = (
    WebAuthnException,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
    struct.error,
)
"""What the library and its parsers raise for an answer that makes no sense."""


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey has signed our challenge; it counts once `use_assertion` has run."""

    method: ClassVar[str] = "passkey"
    passkey: Passkey
    owner: Credentials
    challenge: Challenge
    sign_count: int
    backed_up: bool


def site_name() -> str:
    """Whom a passkey is for (RP ID): the shop's host name."""
    return urlsplit(settings().public_url).hostname or "localhost"


def origin() -> str:
    place = urlsplit(settings().public_url)
    return f"{place.scheme}://{place.netloc}"


def options_to_show(purpose: Purpose, bound_to: bytes = b"") -> dict[str, Any]:
    """For `navigator.credentials.get`: any passkey of this site, whosever it is."""
    return options_to_json_dict(
        webauthn.generate_authentication_options(
            rp_id=site_name(),
            challenge=new_challenge(purpose, bound_to),
            timeout=int(LIFE.total_seconds() * 1000),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


async def options_to_add(uow: UnitOfWork, owner: Principal) -> dict[str, Any]:
    """For `navigator.credentials.create`; devices that have one of this account make no second."""
    present = await factors.find_passkeys(uow, owner.account_id)
    return options_to_json_dict(
        webauthn.generate_registration_options(
            rp_id=site_name(),
            rp_name=settings().name,
            user_id=owner.account_id.bytes,
            user_name=owner.email,
            user_display_name=owner.name or owner.email,
            challenge=new_challenge("register", session_of(owner)),
            timeout=int(LIFE.total_seconds() * 1000),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(
                    id=each.credential_id, transports=[AuthenticatorTransport(way) for way in each.transports]
                )
                for each in present
            ],
        )
    )


async def find_passkeys(uow: UnitOfWork, account_id: UUID) -> list[Passkey]:
    return await factors.find_passkeys(uow, account_id)


async def add_passkey(uow: UnitOfWork, owner: Principal, answer: str, name: str) -> tuple[str, ...]:
    """Returns recovery codes to be shown when it is the first factor. Raises PasskeyRefused, TooManyPasskeys, NotSignedIn."""
    passkey, challenge = _checked_registration(owner, answer, name)
    async with change_of_factors(uow, owner, "passkey_added") as change:
        await spend_challenge(uow, challenge)
        if len(await factors.find_passkeys(uow, owner.account_id)) >= MOST:
            raise TooManyPasskeys
        if not await factors.add_passkey(uow, passkey):
            raise PasskeyRefused
        return await change.codes_for_the_first()


async def rename_passkey(uow: UnitOfWork, account_id: UUID, passkey_id: UUID, name: str) -> None:
    """Raises NotFound."""
    if not await factors.rename_passkey(uow, account_id, passkey_id, name):
        raise NotFound("There is no such passkey")


async def remove_passkey(uow: UnitOfWork, owner: Principal, passkey_id: UUID) -> None:
    """Raises NotFound, LastFactor, NotSignedIn."""
    async with change_of_factors(uow, owner, "passkey_removed"):
        if not await factors.delete_passkey(uow, owner.account_id, passkey_id):
            raise NotFound("There is no such passkey")


async def check_assertion(uow: UnitOfWork, answer: str, purpose: Purpose, bound_to: bytes = b"") -> Assertion:
    """Raises PasskeyRefused, whatever is wrong."""
    try:
        told = json.loads(answer)
        challenge = own_challenge(_challenge_in(told), purpose, bound_to)
        passkey = await factors.find_passkey(uow, base64url_to_bytes(told["rawId"]))
        if passkey is None:
            raise PasskeyRefused
        verified = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=challenge.plain,
            expected_rp_id=site_name(),
            expected_origin=origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        handle = told["response"].get("userHandle")
        if handle is not None and base64url_to_bytes(handle) != passkey.account_id.bytes:
            raise PasskeyRefused
    except _MALFORMED as error:
        raise PasskeyRefused from error
    owner = await accounts.find_credentials_of(uow, passkey.account_id)
    if owner is None or not owner.verified:
        raise PasskeyRefused
    return Assertion(
        passkey=passkey,
        owner=owner,
        challenge=challenge,
        sign_count=verified.new_sign_count,
        backed_up=verified.credential_backed_up,
    )


async def use_assertion(uow: UnitOfWork, assertion: Assertion) -> None:
    """Of an account that is locked. Raises PasskeyRefused when the answer, or a later one, has been used before."""
    await spend_challenge(uow, assertion.challenge)
    if not await factors.use_passkey(
        uow, assertion.passkey, assertion.sign_count, clock.now(), backed_up=assertion.backed_up
    ):
        raise PasskeyRefused


def session_of(owner: Principal) -> bytes:
    """What challenges to somebody signed in are bound to."""
    return owner.session_id.bytes if owner.session_id else b""


def _checked_registration(owner: Principal, answer: str, name: str) -> tuple[Passkey, Challenge]:
    try:
        told = json.loads(answer)
        challenge = own_challenge(_challenge_in(told), "register", session_of(owner))
        made = webauthn.verify_registration_response(
            credential=told,
            expected_challenge=challenge.plain,
            expected_rp_id=site_name(),
            expected_origin=origin(),
            require_user_verification=True,
        )
        known = {way.value for way in AuthenticatorTransport}
        ways = tuple(sorted(known.intersection(told["response"].get("transports") or ())))
    except _MALFORMED as error:
        raise PasskeyRefused("That did not work; please try again") from error
    passkey = Passkey(
        id=new_id(),
        credential_id=made.credential_id,
        account_id=AccountId(owner.account_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        transports=ways,
        aaguid=uuid_of(made.aaguid),
        backed_up=made.credential_backed_up,
        created_at=clock.now(),
    )
    return passkey, challenge


def _challenge_in(told: Any) -> bytes:
    """What the device says that it has signed; whether it is ours and was signed is checked afterwards."""
    client_data = json.loads(base64url_to_bytes(told["response"]["clientDataJSON"]))
    return base64url_to_bytes(client_data["challenge"])
