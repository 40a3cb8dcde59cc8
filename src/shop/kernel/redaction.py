"""What logs, and rows that keep a failure's words, must not tell: addresses of people, secrets in paths, values that the
database quotes when it complains.

Nobody logs such things on purpose; they come with the words of others, in exceptions of PostgreSQL or a mail server.
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

from sqlalchemy.engine import ExceptionContext

SECRETS_IN_PATHS: Final = re.compile(
    r"(/(?:carts|cart|orders|order|verify|reset|invite|change-email|revert-email)/)([A-Za-z0-9_-]{4})[A-Za-z0-9_-]{20,}"
)
DOMAIN: Final = re.compile(r"[\w-]+\.[\w.-]*\w")
NOT_IN_ADDRESSES: Final = frozenset(" \t\r\n<>\"'(),;:=[]{}/|")
LONGEST_LOCAL_PART: Final = 64
QUOTED_BY_THE_DATABASE: Final = re.compile(
    r'\n(?:DETAIL|CONTEXT|HINT|LINE \d+):.*|(?<=: )"[^\n]*|(?<=\bvalue )"[^\n]*', re.DOTALL
)


def redacted(text: str) -> str:
    """`text` without local parts of mail addresses, and without all but the beginning of secrets in paths."""
    text = SECRETS_IN_PATHS.sub(r"\1\2…", text)
    return _without_local_parts(text) if "@" in text else text


def _without_local_parts(text: str) -> str:
    """From each @ backwards: a pattern that begins with the local part takes the square of the text's length."""
    parts = text.split("@")
    for n, after in enumerate(parts[1:]):
        if DOMAIN.match(after):
            before = parts[n]
            start = len(before)
            while start > 0 and len(before) - start < LONGEST_LOCAL_PART and before[start - 1] not in NOT_IN_ADDRESSES:
                start -= 1
            if start < len(before):
                parts[n] = f"{before[:start]}…"
    return "@".join(parts)


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: `redacted` for every text of the event, a formatted exception among them."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = redacted(value)
    return event


def redact_error(error: BaseException) -> None:
    """PostgreSQL quotes the row that breaks a rule ("Key (email)=(…) already exists"), and whoever logs the error would log
    that. What broke stays in `diag` (constraint, state)."""
    error.args = tuple(QUOTED_BY_THE_DATABASE.sub("", each) if isinstance(each, str) else each for each in error.args)


def redact_engine_error(context: ExceptionContext) -> None:
    """A listener of an engine's `handle_error`."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            redact_error(error)
