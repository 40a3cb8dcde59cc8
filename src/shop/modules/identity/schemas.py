"""What comes in and goes out over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shop.kernel.http.fields import PRINTABLE, Email, Line, Token

NewPassword = Annotated[
    str, msgspec.Meta(min_length=8, max_length=256, pattern=PRINTABLE, description="8 to 256 characters, any of them")
]
GivenPassword = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class SignUp(msgspec.Struct, frozen=True):
    email: Email
    password: NewPassword
    name: Line


class SignIn(msgspec.Struct, frozen=True):
    email: Email
    password: GivenPassword
    cart_id: Token | None = None
    """The cart filled as a guest; it becomes part of the account's."""


class LinkToken(msgspec.Struct, frozen=True):
    token: Token


class Address(msgspec.Struct, frozen=True):
    email: Email


class NewPasswordByLink(msgspec.Struct, frozen=True):
    token: Token
    password: NewPassword


class PasswordForm(msgspec.Struct, frozen=True):
    password: NewPassword


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
