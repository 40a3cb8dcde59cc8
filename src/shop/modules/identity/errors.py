"""Refusals that only identity's own callers meet."""

from shop.kernel.errors import NotSignedIn


class RefreshRefused(NotSignedIn):
    code = "refresh_refused"
    title = "This refresh token has been used, has ended or is unknown; sign in again"
