"""What a signed event must be like. Pure.

Signatures follow the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`, with the body as it came.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from shop.kernel.errors import FieldError, Malformed
from shop.kernel.http.fields import PRINTABLE

LARGEST_BODY: Final = 256 * 1024
TOLERANCE: Final = timedelta(minutes=5)
"""Between the sender's clock and ours, either way."""
KEPT: Final = timedelta(days=30)
"""So long an id is remembered: far longer than its signature is good."""

LONGEST_HEADER: Final = 2000
LONGEST_TEXT: Final = 2000
LARGEST_NUMBER: Final = 2**63 - 1
_ID: Final = re.compile(r"[!-\-/-~]{1,200}")
"""Visible ASCII but the full stop, by which the parts of what is signed are told apart."""
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_SIGNATURE: Final = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")
_PRINTABLE: Final = re.compile(PRINTABLE)


class Signature(NamedTuple):
    """The headers of a signed message: well-formed, and believed in no way yet."""

    message_id: str
    timestamp: str
    """As it was sent, for so it was signed."""
    candidates: tuple[bytes, ...]
    """The right one may be any of them: a sender that changes its secret signs with the old and the new one."""

    def is_fresh(self, now: datetime) -> bool:
        return abs(int(self.timestamp) - now.timestamp()) <= TOLERANCE.total_seconds()

    def fits(self, secrets: Sequence[bytes], body: bytes) -> bool:
        """Takes as long whichever of them fits, and when none does."""
        signed = f"{self.message_id}.{self.timestamp}.".encode() + body
        right = [hmac.digest(secret, signed, sha256) for secret in secrets]
        return sum(hmac.compare_digest(each, candidate) for each in right for candidate in self.candidates) > 0


def read_signature(ids: Sequence[str], timestamps: Sequence[str], signatures: Sequence[str]) -> Signature | None:
    """From the values of the three headers, each of which must be there once. None without a signature that could be right;
    those of other schemes (`v1a`) are passed over."""
    if not len(ids) == len(timestamps) == len(signatures) == 1 or len(signatures[0]) > LONGEST_HEADER:
        return None
    found = [_SIGNATURE.fullmatch(part) for part in signatures[0].split(" ")]
    candidates = tuple(base64.b64decode(each[1], validate=True) for each in found if each is not None)
    if not candidates or not _ID.fullmatch(ids[0]) or not _SECONDS.fullmatch(timestamps[0]):
        return None
    return Signature(ids[0], timestamps[0], candidates)


def read_json(body: bytes) -> Any:
    """Raises Malformed."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is not JSON that can be read: {str(error)[:200]}") from error


def source_of(content: Any) -> str | None:
    """Whom an event says that it is from."""
    source = content.get("source") if isinstance(content, dict) else None
    return source if isinstance(source, str) else None


def content_hash(event_type: str, data: Mapping[str, Any]) -> bytes:
    """The same however its sender's JSON orders or spaces it."""
    return sha256(msgspec.json.encode([event_type, data], order="sorted")).digest()


def unfit_fields(known: frozenset[str], data: Mapping[str, Any]) -> Iterator[FieldError]:
    """What no event may carry, whatever its type. A field that isn't known is refused, not passed over: a misspelt amount
    would else be none."""
    for name, value in data.items():
        path = f"data.{name[:100]}"
        if name not in known:
            yield FieldError(path, "There is no such field")
            continue
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, str) and len(each) > LONGEST_TEXT:
                yield FieldError(path, f"At most {LONGEST_TEXT} characters")
            elif isinstance(each, str) and not _PRINTABLE.match(each):
                yield FieldError(path, "This holds characters that can't be used here")
            elif isinstance(each, int) and abs(each) > LARGEST_NUMBER:
                yield FieldError(path, "This number is too large")
