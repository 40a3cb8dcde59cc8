"""The access log: a line per request, without what its address must not tell."""

import sys
from datetime import UTC, datetime
from typing import Final

import msgspec

from shop.kernel.config import settings
from shop.kernel.redaction import redacted

FLUSH_SECONDS: Final = 0.2
MOST_HELD: Final = 5000


class AccessLog:
    """Buffered: written out five times a second and at the end."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._json = settings().log_format == "json"
        self.enabled = settings().log_level in {"debug", "info"}

    def add(self, method: str, path: str, status: int, seconds: float, request_id: str, *, cached: bool) -> None:
        path = redacted(path)
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        milliseconds = round(seconds * 1000, 2)
        if self._json:
            line = msgspec.json.encode(
                {
                    "event": "request",
                    "timestamp": stamp,
                    "method": method,
                    "path": path,
                    "status": status,
                    "ms": milliseconds,
                    "request_id": request_id,
                    "cached": cached,
                }
            )
        else:
            clean = path.encode("unicode_escape").decode()
            line = f"{stamp} {status} {method} {clean} {milliseconds} ms{' cached' if cached else ''} {request_id}".encode()
        self._lines.append(line)
        if len(self._lines) > MOST_HELD:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            sys.stderr.buffer.write(b"\n".join(lines) + b"\n")
            sys.stderr.buffer.flush()
