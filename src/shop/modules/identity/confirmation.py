"""Some things are only done by who has just shown to be the owner: a session left open at a library must not change how the
account signs in."""

from datetime import timedelta
from typing import Any, Final

from litestar import Request

from shop.kernel import clock
from shop.kernel.http.sessions import Principal, signed_in
from shop.modules.identity.errors import ConfirmationNeeded
from shop.modules.identity.repository.factors import Factors

RECENT: Final = timedelta(minutes=15)


async def require_recent(request: Request[Any, Any, Any]) -> Principal:
    """Who is signed in, and has been for less than RECENT, or has confirmed it since. Raises NotSignedIn,
    ConfirmationNeeded; programs of others can never confirm."""
    principal = await signed_in(request)
    if not is_recent(principal):
        raise ConfirmationNeeded
    return principal


def is_recent(principal: Principal) -> bool:
    return (
        principal.signed_in_at is not None
        and principal.scopes is None
        and principal.signed_in_at >= clock.now() - RECENT
    )


def password_is_enough(principal: Principal, present: Factors) -> bool:
    """To confirm: not in a session that never showed any of the factors there are now."""
    return principal.strong or not present.any
