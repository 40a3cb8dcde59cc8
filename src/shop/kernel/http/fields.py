"""Field rules: all broken ones told at once, for JSON bodies and for forms, by the same structs.

msgspec stops at the first error. `check(Struct, data)` converts field by field instead, so that a person mends a form in
one go. The happy path of an API call never comes here: Litestar converts the body, and only a refused body is checked
again to tell everything that is wrong with it.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

import msgspec

from shop.kernel.errors import FieldError, Invalid
from shop.kernel.money import MAX_AMOUNT, Money

S = TypeVar("S", bound=msgspec.Struct)

# A pattern ends in $(?!\n): Python's $ alone lets a last line end through, and \Z is not known to readers of OpenAPI.
PRINTABLE: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]*$(?!\n)"
"""No control characters but tab and line ends: PostgreSQL takes no NUL, mails and labels none of the others."""
ONE_LINE: Final = (
    r"^[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]*"
    r"[^\s\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]"
    r"[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]*$(?!\n)"
)
"""Something to read between the ends; `\\S` alone would let one control character through, as that is no white space."""

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=ONE_LINE)]
"""One line of text with something in it."""
ShortLine = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=ONE_LINE)]
OptionalLine = Annotated[
    str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]*$(?!\n)")
]
"""One line of text, or nothing: forms and many programs send a field that was left empty as empty text."""
Text = Annotated[str, msgspec.Meta(max_length=10_000, pattern=PRINTABLE)]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
"""Length only; `kernel.mail_address` knows the syntax."""
Quantity = Annotated[int, msgspec.Meta(ge=1, le=999)]
PostalCode = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^\s*\w[\w .\-/]*$(?!\n)")]
"""In what shape a country likes it `kernel.postal` knows."""
Phone = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[0-9+()./ \-x]*$(?!\n)")]
CountryCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$(?!\n)")]

Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)")]


class PositiveMoney(msgspec.Struct, frozen=True):
    """A sum that somebody asks for: minor units, above zero."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=MAX_AMOUNT)]
    currency: Currency

    def money(self) -> Money:
        return Money(self.amount, self.currency)


_SENTENCES: Final = (
    (re.compile(r"Object missing required field"), "This is needed"),
    (re.compile(r"Expected `str` of length >= 1\b"), "This is needed"),
    (re.compile(r"Expected `str` of length >= (\d+)"), r"At least \1 characters"),
    (re.compile(r"Expected `str` of length <= (\d+)"), r"At most \1 characters"),
    (re.compile(r"Expected `int` >= (-?\d+)"), r"At least \1"),
    (re.compile(r"Expected `int` <= (-?\d+)"), r"At most \1"),
    (re.compile(r"Expected `str` matching regex .*A-Z.*2.*"), "A country code such as DE"),
    (re.compile(r"Expected `str` matching regex"), "This holds characters that can't be used here, or is blank"),
    (re.compile(r"Expected `int`"), "A whole number"),
    (re.compile(r"Expected `(\w+)( \| null)?`, got `null`"), "This is needed"),
    (re.compile(r"Invalid UUID"), "This is no id"),
    (re.compile(r"Object contains unknown field `([^`]*)`"), r"There is no field \1"),
)


def check(struct: type[S], data: Any, *, strict: bool = False) -> S:
    """`data` (form fields, or with `strict` decoded JSON) as `struct`. Raises Invalid that names every broken field."""
    errors = list(_errors(struct, data, "", strict))
    if errors:
        raise Invalid(errors)
    try:
        return msgspec.convert(data, struct, strict=strict)
    except msgspec.ValidationError as error:
        raise Invalid([_field_error("", error)]) from error


def _errors(annotation: Any, data: Any, path: str, strict: bool) -> list[FieldError]:
    struct = _struct_in(annotation)
    if struct is None or data is None:
        return _convert_error(annotation, data, path, strict)
    if not isinstance(data, Mapping):
        return [FieldError(path or "body", "An object with fields is expected here")]
    found: list[FieldError] = []
    for field in msgspec.structs.fields(struct):
        name = f"{path}.{field.encode_name}" if path else field.encode_name
        if field.encode_name in data:
            found += _errors(field.type, data[field.encode_name], name, strict)
        elif field.required:
            found.append(FieldError(name, "This is needed"))
    return found


def _convert_error(annotation: Any, data: Any, path: str, strict: bool) -> list[FieldError]:
    try:
        msgspec.convert(data, annotation, strict=strict)
    except msgspec.ValidationError as error:
        return [_field_error(path, error)]
    except (RecursionError, OverflowError):
        return [FieldError(path, "This can't be used here")]
    return []


def _field_error(path: str, error: msgspec.ValidationError) -> FieldError:
    text = str(error)
    inner = re.search(r" - at `\$\.?([^`]*)`$", text)
    if inner:
        text = text[: inner.start()]
        path = ".".join(part for part in (path, inner[1]) if part)
    for pattern, sentence in _SENTENCES:
        match = pattern.search(text)
        if match:
            return FieldError(path or "body", match.expand(sentence))
    return FieldError(path or "body", text)


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    """The struct in `X`, `X | None` or `Annotated[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    if get_origin(annotation) is Annotated or type(None) in get_args(annotation):
        return next((found for arg in get_args(annotation) if (found := _struct_in(arg))), None)
    return None
