"""What comes in and goes out over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shop.kernel.http.fields import (
    PRINTABLE,
    CountryCode,
    Email,
    Line,
    OptionalLine,
    Phone,
    PostalCode,
    ShortLine,
    Token,
)

NewPassword = Annotated[
    str, msgspec.Meta(min_length=8, max_length=256, pattern=PRINTABLE, description="8 to 256 characters, any of them")
]
GivenPassword = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
GivenCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=PRINTABLE)]
"""As it was typed: with spaces, hyphens or without."""
PasskeyAnswer = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=PRINTABLE)]
"""JSON, as the browser's PublicKeyCredential.toJSON() gives it."""


class SignUp(msgspec.Struct, frozen=True):
    email: Email
    password: NewPassword
    name: Line
    newsletter: bool = False
    """Agrees to mails about new things; can be taken back under /api/v1/me/consents."""


class SignIn(msgspec.Struct, frozen=True):
    email: Email
    password: GivenPassword
    code: GivenCode | None = None
    """Of the authenticator app, or a recovery code; where an account has a second factor it is asked for."""
    cart_id: Token | None = None
    """The cart filled as a guest; it becomes part of the account's."""


class LinkToken(msgspec.Struct, frozen=True):
    token: Token


class AddressProof(LinkToken, frozen=True, kw_only=True):
    password: GivenPassword | None = None
    """What the account was opened with, if that is to be shown as well."""


class Address(msgspec.Struct, frozen=True):
    email: Email


class NewPasswordByLink(msgspec.Struct, frozen=True):
    token: Token
    password: NewPassword


class PasswordForm(msgspec.Struct, frozen=True):
    password: NewPassword


class CodeForm(msgspec.Struct, frozen=True):
    code: GivenCode


class PasskeyForm(msgspec.Struct, frozen=True):
    credential: PasskeyAnswer


class NewPasskeyForm(msgspec.Struct, frozen=True):
    credential: PasskeyAnswer
    name: ShortLine


class PasskeyNameForm(msgspec.Struct, frozen=True):
    name: ShortLine


class GivenPasswordForm(msgspec.Struct, frozen=True):
    password: GivenPassword


class ProfileForm(msgspec.Struct, frozen=True):
    name: Line


class ProfileChange(msgspec.Struct, frozen=True):
    name: Line | msgspec.UnsetType = msgspec.UNSET


class Refresh(msgspec.Struct, frozen=True):
    refresh_token: Token


class Message(msgspec.Struct, frozen=True):
    message: str


class Tokens(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds that the access token lives."""
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # the name of a scheme
    cart_id: str | None = None
    """At sign-in: the account's cart, with what the guest's cart held."""


class Me(msgspec.Struct, frozen=True):
    id: UUID
    email: str
    name: str
    is_staff: bool
    permissions: tuple[str, ...]
    created_at: datetime


class PasswordChange(msgspec.Struct, frozen=True):
    password: NewPassword
    current_password: GivenPassword | None = None


class NewEmail(msgspec.Struct, frozen=True):
    email: Email


class SignedInPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A browser (`session`) or a program (`tokens`) that is signed in."""

    id: UUID
    kind: Literal["session", "tokens"]
    device: str
    """In words, from what it says of itself."""
    program: str | None
    """The name of a program of others that was given tokens."""
    network: str | None
    """From which it signed in; the end of the address is left out."""
    methods: tuple[str, ...]
    signed_in_at: datetime
    last_seen_at: datetime
    """To ten minutes."""
    current: bool


class SignedInPlaces(msgspec.Struct, frozen=True):
    items: tuple[SignedInPlace, ...]


class AddressBody(msgspec.Struct, frozen=True):
    """What each country wants beyond this is told by `kernel.postal`."""

    name: Line
    line1: Line
    city: Line
    postal_code: PostalCode
    country: CountryCode
    company: OptionalLine | None = None
    line2: OptionalLine | None = None
    region: OptionalLine | None = None
    phone: Phone | None = None
    default_shipping: bool = False
    """Of all addresses one at most is; the first is at once."""
    default_billing: bool = False


class AddressChange(msgspec.Struct, frozen=True):
    """What is left out stays; null empties a part that may be empty."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    line1: Line | msgspec.UnsetType = msgspec.UNSET
    city: Line | msgspec.UnsetType = msgspec.UNSET
    postal_code: PostalCode | msgspec.UnsetType = msgspec.UNSET
    country: CountryCode | msgspec.UnsetType = msgspec.UNSET
    company: OptionalLine | msgspec.UnsetType | None = msgspec.UNSET
    line2: OptionalLine | msgspec.UnsetType | None = msgspec.UNSET
    region: OptionalLine | msgspec.UnsetType | None = msgspec.UNSET
    phone: Phone | msgspec.UnsetType | None = msgspec.UNSET
    default_shipping: bool | msgspec.UnsetType = msgspec.UNSET
    default_billing: bool | msgspec.UnsetType = msgspec.UNSET
