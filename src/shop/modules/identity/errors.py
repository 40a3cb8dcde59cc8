"""Refusals that only identity's own callers meet."""

from shop.contracts.identity import WrongCredentials
from shop.kernel.errors import Conflict, Forbidden, Malformed, NotSignedIn, ShopError, Unavailable


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


class AuthorizationRefused(Malformed):
    """Told to the person alone: whoever sent them here is not known, so that nothing is sent back there."""

    code = "authorization_refused"
    title = "A program has sent you here in a way that the shop can't answer"


class TooManyKeys(Conflict):
    code = "too_many_keys"
    title = "There are very many API keys already: delete those that no program uses"


class CodeNeeded(NotSignedIn):
    """The password, or whatever else was shown first, is right, and not enough."""

    code = "code_required"
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


class CredentialsChanged(Conflict):
    code = "credentials_changed"
    title = "How you sign in has just been changed; please reload the page and try again"


class AddressTaken(Conflict):
    """Told only to somebody who has shown that they read the mail of that address."""

    code = "address_taken"
    title = "Another account has this address by now"


class ProviderAway(Unavailable):
    """An identity provider can't be reached, or answers what can't be used."""

    code = "provider_away"
    title = "Signing in by this provider does not work at the moment; please try again, or sign in another way"


class ProviderRefused(ShopError):
    """What came back is not the answer to what this browser asked, or says nothing that can be relied on."""

    code = "provider_refused"
    title = "Signing in did not work; please try again"


class AddressNotShown(ProviderRefused):
    code = "address_not_shown"
    title = (
        "This provider does not say for sure which e-mail address is yours. Sign up with an address and a password,"
        " then add the provider to your account"
    )


class LinkFirst(ProviderRefused):
    """Staff, whose account a mere address must not open."""

    code = "link_first"
    title = "Sign in the way you usually do, then add this provider to your account"


class LinkedElsewhere(Conflict):
    code = "linked_elsewhere"
    title = "You sign in to another account of ours with this one: remove it there first"


class LastWayIn(Conflict):
    code = "last_way_in"
    title = "You would lock yourself out: set a password or add a passkey first"


class AddressBookFull(Conflict):
    code = "address_book_full"
    title = "Your address book is full: delete an address that you no longer need first"


class StaffAccount(Conflict):
    code = "staff_account"
    title = "Whoever runs the shop can't close that account: let somebody take its roles away first"
