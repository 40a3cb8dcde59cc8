"""Refusals that only identity's own callers meet."""

from shop.contracts.identity import WrongCredentials
from shop.kernel.errors import Forbidden, NotSignedIn


class SignInRefused(WrongCredentials, NotSignedIn):
    """WrongCredentials as HTTP knows it: 401."""


class RefreshRefused(NotSignedIn):
    code = "refresh_refused"
    title = "This refresh token has been used, has ended or is unknown; sign in again"


class ConfirmationNeeded(Forbidden):
    code = "confirmation_required"
    title = "Please confirm that it is you: sign in again"
