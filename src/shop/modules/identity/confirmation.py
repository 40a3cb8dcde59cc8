"""Some things are only done by who has just shown to be the owner: a session left open at a library must not change how the
account signs in."""

from datetime import timedelta
from typing import Any, Final

from litestar import Request

from shop.kernel import clock
from shop.kernel.errors import NotSignedIn
from shop.kernel.http.sessions import Principal, principal_of
from shop.modules.identity.errors import ConfirmationNeeded

RECENT: Final = timedelta(minutes=15)


async def require_recent(request: Request[Any, Any, Any]) -> Principal:
    """Who is signed in, and has been for less than RECENT, or has confirmed it since. Raises NotSignedIn,
    ConfirmationNeeded; programs of others can never confirm."""
    principal = await principal_of(request)
    if principal is None:
        raise NotSignedIn
    if principal.signed_in_at is None or principal.scopes is not None or principal.signed_in_at < clock.now() - RECENT:
        raise ConfirmationNeeded
    return principal
