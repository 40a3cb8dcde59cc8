"""Cross-site request forgery, for pages only (the API takes no cookies).

Every unsafe request must come from our own origin by `Sec-Fetch-Site` or `Origin`. Once the visitor has a session the
form must also carry its token: an HMAC of the session id, so that it is bound to the session and needs no storage.
"""

import base64
import hashlib
import hmac
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request
from markupsafe import Markup, escape

from shop.kernel.config import settings
from shop.kernel.errors import Forbidden
from shop.kernel.http.sessions import Connection, Session, session_of

FIELD: Final = "csrf_token"
HEADER: Final = "x-csrf-token"
SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS"}
LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


class CrossSite(Forbidden):
    code = "cross_site"
    title = "This form was sent from another site, or is too old; please go back, reload the page and send it again"


def csrf_token(session: Session) -> str | None:
    """The token that forms of this session carry; None while there is no session."""
    if session.token is None:
        return None
    digest = hmac.digest(settings().secret_key.encode(), b"csrf:" + session.token.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def csrf_field(session: Session | None) -> Markup:
    token = csrf_token(session) if session else None
    return Markup(f'<input type="hidden" name="{FIELD}" value="{escape(token)}">') if token else Markup("")  # noqa: S704  # escaped


async def check_csrf(request: Request[Any, Any, Any]) -> None:
    """Raises CrossSite."""
    if request.method in SAFE_METHODS:
        return
    if not _same_origin(request):
        raise CrossSite
    expected = csrf_token(await session_of(request))
    if expected is None:
        return
    given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        await (await request.form()).close()  # Litestar closes uploads after a handler, not after a guard that refuses
        raise CrossSite


def _same_origin(connection: Connection) -> bool:
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = connection.headers.get("origin")
    if origin is None or origin == "null":
        # Browsers write "null" for a page with Referrer-Policy: no-referrer, and say truly all the same which site it is of.
        return site == "same-origin"
    try:
        shop, sender = urlsplit(settings().public_url), urlsplit(origin)
    except ValueError:
        return False
    if (sender.scheme.lower(), sender.netloc.lower()) == (shop.scheme, shop.netloc.lower()):
        return True
    # Under another of its names. Where the shop is at https, a page at http may be anybody's on the way to it.
    schemes = {"https"} if shop.scheme == "https" and sender.hostname not in LOOPBACK else {"http", "https"}
    return sender.scheme.lower() in schemes and sender.netloc.lower() == connection.headers.get("host", "").lower()
