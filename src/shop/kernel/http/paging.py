"""Lists by opaque cursors: `?limit=` (1 to 100) and `?cursor=`; a cursor holds the sort key of the last row shown."""

import base64
import binascii
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from shop.kernel.errors import Invalid

T = TypeVar("T")

DEFAULT_LIMIT: Final = 24
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Cursor = Annotated[str | None, QueryParameter(max_length=500)]


class Page(msgspec.Struct, Generic[T], frozen=True):
    items: list[T]
    next_cursor: str | None = None


def encode_cursor(*key: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str | None, *types: Any) -> tuple[Any, ...] | None:
    """The key that `encode_cursor` was given, as `types`; None for no cursor. Raises Invalid for one that isn't ours."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise Invalid.field("cursor", "Take the cursor from next_cursor of the page before") from None
