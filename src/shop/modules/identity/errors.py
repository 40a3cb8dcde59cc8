"""Refusals that only identity's own callers meet."""

from shop.contracts.identity import WrongCredentials
from shop.kernel.errors import Conflict, Forbidden, NotSignedIn, ShopError


class SignInRefused(WrongCredentials, NotSignedIn):
    """WrongCredentials as HTTP knows it: 401."""


class RefreshRefused(NotSignedIn):
    code = "refresh_refused"
    title = "This refresh token has been used, has ended or is unknown; sign in again"


class ConfirmationNeeded(Forbidden):
    code = "confirmation_required"
    title = "Please confirm that it is you: sign in again"
    leads_to = "/account/confirm"


class RightsExceeded(Forbidden):
    code = "rights_exceeded"
    title = "Nobody can give, change or take rights that they don't hold themselves"


class OwnRights(Conflict):
    code = "own_rights"
    title = "Your own rights are changed by somebody else"


class LastOwner(Conflict):
    code = "last_owner"
    title = "A shop needs an owner: make somebody else one first"


class RoleExists(Conflict):
    code = "role_exists"
    title = "There is a role of this code already"


class RoleInUse(Conflict):
    code = "role_in_use"
    title = "Somebody still has this role: give them another first"


class CodeNeeded(NotSignedIn):
    """The password, or whatever else was shown first, is right, and not enough."""

    code = "second_factor_required"
    title = "This account asks for a second factor: send the code of the app, or a recovery code, as well"


class WrongCode(ShopError):
    code = "wrong_code"
    title = "This code is wrong, too old, or has been used"


class PasskeyRefused(NotSignedIn):
    """The same answer whether a passkey is unknown, or the answer it gave is wrong, late or known already."""

    code = "passkey_refused"
    title = "That passkey did not work here; please try again, or sign in another way"


class NoFactor(Conflict):
    code = "no_factor"
    title = "Set up a passkey or an app first; recovery codes stand in for them"


class FactorExists(Conflict):
    code = "factor_exists"
    title = "This is set up already"


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    title = "That are enough passkeys: remove one that you no longer use first"


class LastFactor(Conflict):
    code = "last_factor"
    title = "Staff need a second factor: set up another one before you remove this"
