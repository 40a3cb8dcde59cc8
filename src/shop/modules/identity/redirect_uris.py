"""Where answers of the OAuth server may be sent: exact addresses that a program was registered with, and nothing like them.

What looks like normalising (case, encoded letters, dot segments, a port, one more parameter) is how codes are stolen, so
none is done (RFC 9700, 4.1). The one exception is the port of a native program on the user's own machine, which it can't
know beforehand (RFC 8252, 7.3).
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 500
_PLAIN: Final = re.compile(r"[A-Za-z0-9:/?\[\]@!$&'()+,;=._~%-]+")
"""Of the characters of RFC 3986 no fragment and no asterisk, which reads like a wildcard."""
_WEB: Final = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[1-9]\d{0,4}))?(?P<rest>[/?].*)?"
)
_LOOPBACK: Final = re.compile(
    r"http://(?P<host>localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>[1-9]\d{0,4}))?(?P<rest>[/?].*)?"
)
_PRIVATE: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+):/(?P<rest>.+)")
"""A scheme of one's own has a dot, as a domain turned round has (RFC 8252, 7.1); so none is `javascript`."""
_DOTS: Final = re.compile(r"(?:^|[/\\])(?:\.|%2e){1,2}(?:$|[/\\?])", re.IGNORECASE)
_LAST_PORT: Final = 65_535


def why_unfit(uri: str, *, confidential: bool) -> str | None:
    """In words, why a program can't be registered with this address; None when it can."""
    if not 0 < len(uri) <= LONGEST or not _PLAIN.fullmatch(uri):
        return "An address of at most 500 plain characters, without fragment (#) and wildcard (*)"
    found = _WEB.fullmatch(uri) or _LOOPBACK.fullmatch(uri)
    if found is None:
        if _PRIVATE.fullmatch(uri) is None:
            return "https://…, http:// on 127.0.0.1, [::1] or localhost, or a scheme of an app's own such as com.example.app:/…"
        if confidential:
            return "A scheme of an app's own is for public programs: what is installed on a phone can keep no secret"
    elif int(found["port"] or 1) > _LAST_PORT:
        return "A port is a number up to 65535"
    if _DOTS.search(urlsplit(uri).path):
        return "A path without . and .. in it"
    return None


def is_registered(uri: str, registered: Iterable[str], *, public: bool) -> bool:
    """Character by character; of a public program's loopback address (by number, not by name) the port may differ."""
    known = tuple(registered)
    if uri in known:
        return True
    asked = _on_loopback(uri)
    return public and asked is not None and asked in {_on_loopback(each) for each in known}


def proves_its_program(uri: str) -> bool:
    """Whether only its owner can receive what is sent there: any program can listen on the machine, or claim a scheme."""
    return uri.startswith("https://")


def form_target(uri: str) -> str:
    """The source that the policy of the page with the question must allow: browsers apply it to where a form leads on to."""
    if found := _PRIVATE.fullmatch(uri):
        return f"{found['scheme']}:"
    parts = urlsplit(uri)
    # A policy has no way to name one IPv6 address.
    return f"{parts.scheme}:" if parts.netloc.startswith("[") else f"{parts.scheme}://{parts.netloc}"


def shown(uri: str) -> str:
    """What tells its user where an answer goes."""
    if found := _PRIVATE.fullmatch(uri):
        return f"an app on this device ({found['scheme']})"
    host = urlsplit(uri).netloc
    return f"a program on this device ({host})" if _LOOPBACK.fullmatch(uri) else host


def _on_loopback(uri: str) -> tuple[str, str] | None:
    found = _LOOPBACK.fullmatch(uri)
    if found is None or found["host"] == "localhost" or int(found["port"] or 1) > _LAST_PORT:
        return None
    return found["host"], found["rest"] or ""
