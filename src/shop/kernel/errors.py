"""The kinds of refusal. Modules subclass a kind in their contract (`class OutOfStock(Conflict)`); `kernel/http/errors.py`
holds the one table that turns a kind into an HTTP status, so no business code knows HTTP."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec


class ShopError(Exception):
    """A refusal that the caller can understand and act on.

    `code` is the stable word that programs test for, `detail` the sentence that people read, `extra` further top-level
    members of the problem document (plain data that msgspec can encode).
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "The request can't be carried out"
    leads_to: ClassVar[str | None] = None
    """The page where a person can do what is missing, and which leads back afterwards; programs are told as ever."""

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = detail or self.title
        self.extra = extra
        super().__init__(self.detail)


class FieldError(msgspec.Struct, frozen=True):
    field: str
    message: str


class Malformed(ShopError):
    """The request can't be read at all."""

    code = "malformed"
    title = "The request can't be read"


class Invalid(ShopError):
    """Fields break their rules; all of them are told at once."""

    code = "invalid"
    title = "Some fields need mending"

    def __init__(self, errors: Sequence[FieldError], detail: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(detail or "; ".join(f"{e.field}: {e.message}" for e in self.errors), errors=self.errors)

    @classmethod
    def field(cls, field: str, message: str) -> "Invalid":
        return cls([FieldError(field, message)])


class NotSignedIn(ShopError):
    code = "not_signed_in"
    title = "Sign in first"
    leads_to = "/signin"


class Forbidden(ShopError):
    code = "forbidden"
    title = "You may not do this"


class OutOfScope(Forbidden):
    """A program asks for more than it was given."""

    code = "insufficient_scope"
    title = "This program was not given the right to do this"

    def __init__(self, scope: str | None) -> None:
        needed = f"It needs the scope {scope}" if scope else "Only its user can do this, signed in"
        super().__init__(f"{self.title}. {needed}", scope=scope)


class SecondFactorRequired(Forbidden):
    """Staff who have not shown a second factor."""

    code = "second_factor_required"
    title = "Staff need a second factor: set one up, and sign in with it"
    leads_to = "/account/security?setup=1"


class NotFound(ShopError):
    code = "not_found"
    title = "Not found"


class Conflict(ShopError):
    """Right in itself, but it clashes with the present state."""

    code = "conflict"
    title = "This clashes with the present state"


class TooMany(ShopError):
    code = "rate_limited"
    title = "Too many requests; try again a little later"


class TooLarge(ShopError):
    code = "too_large"
    title = "That is too much at once"


class HeadTooLarge(TooLarge):
    """Of headers and address."""

    code = "head_too_large"
    title = "The headers and the address of this request are too long"


class TooSlow(ShopError):
    """The client was waited for."""

    code = "too_slow"
    title = "The request did not arrive in time; please try again"


class Unavailable(ShopError):
    """A part the shop stands on is away for the moment; trying again later is right."""

    code = "unavailable"
    title = "Not available at the moment; please try again shortly"
