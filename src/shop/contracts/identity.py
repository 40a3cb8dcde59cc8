"""identity: who is who."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NewType, Protocol
from uuid import UUID

import msgspec

from shop.kernel.errors import ShopError
from shop.kernel.events import Event
from shop.kernel.uow import UnitOfWork

AccountId = NewType("AccountId", UUID)


class Account(msgspec.Struct, frozen=True):
    id: AccountId
    email: str
    name: str
    is_staff: bool
    verified: bool


class Accounts(Protocol):
    async def find_accounts(self, uow: UnitOfWork, ids: Sequence[AccountId]) -> dict[AccountId, Account]:
        """The accounts among `ids` that exist."""

    async def search_customers(self, uow: UnitOfWork, wanted: str, limit: int) -> list[Account]:
        """Those whose e-mail address begins so, whose name holds it, or whose id it is; newest first, and no staff."""


class PendingLink(msgspec.Struct, frozen=True):
    url: str
    to: str
    """The address that its mail goes to, which isn't the account's."""


class AccountLinks(Protocol):
    """Links that carry a secret are minted when the mail is rendered, so that no event, row or log keeps them."""

    async def mint_verify_link(self, uow: UnitOfWork, account_id: AccountId) -> str: ...

    async def mint_reset_link(self, uow: UnitOfWork, account_id: AccountId) -> str: ...

    async def mint_invite_link(self, uow: UnitOfWork, account_id: AccountId) -> str:
        """To the page where an invited member of staff chooses a password; to the back office once they have."""

    async def mint_pending_link(self, uow: UnitOfWork, link_id: UUID) -> PendingLink | None:
        """Of a change of address, to make or undo it; an earlier one of this id is void then. None when it is too late."""


class SignInStep(Protocol):
    """Many: each is run in the transaction of a sign-in. The cart merges the guest's cart here."""

    async def when_signed_in(self, uow: UnitOfWork, account_id: AccountId, session: dict[str, Any]) -> None:
        """`session` is the guest's session data; changes to it are kept in the signed-in session."""


class PostalAddress(msgspec.Struct, frozen=True, kw_only=True):
    """As its country writes it, see `kernel.postal`."""

    name: str
    company: str | None = None
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str
    country: str
    """ISO 3166-1 alpha-2."""
    phone: str | None = None


class SavedAddress(PostalAddress, frozen=True, kw_only=True):
    id: UUID
    default_shipping: bool
    default_billing: bool


class AddressBook(Protocol):
    async def list_addresses(self, uow: UnitOfWork, account_id: AccountId) -> list[SavedAddress]:
        """Where things are sent by default first, then the newest."""

    async def keep_address(self, uow: UnitOfWork, account_id: AccountId, address: PostalAddress) -> None:
        """Add it, unless it is there already or the book is full."""


class EventSigner(msgspec.Struct, frozen=True):
    """A program that may send events from outside."""

    client_id: str
    secrets: tuple[bytes, ...]
    """Any of them signs."""
    scopes: frozenset[str]
    """Permissions that it holds for itself."""

    def __repr__(self) -> str:
        return f"EventSigner({self.client_id!r})"


class EventSigners(Protocol):
    async def find_signer(self, uow: UnitOfWork, client_id: str) -> EventSigner | None:
        """None of a program that isn't there, is disabled, or has no secret that signs."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data is asked for: an account, somebody who bought as a guest, or both."""

    account_id: AccountId | None
    email: str | None
    """Confirmed to be this person's, so that what was done as a guest under it is theirs too."""
    until: datetime | None = None
    """What was done as a guest later is somebody else's: the address was free again."""
    things: Mapping[str, tuple[UUID, ...]] = {}
    """What `PersonalThings` told: ids by kind."""


class Kept(msgspec.Struct, frozen=True):
    """What erasure leaves, and why."""

    what: str
    why: str


class PersonalThings(Protocol):
    """Many: a module tells which of its things are a person's, where others hold only the ids of those: orders."""

    async def find_things(self, uow: UnitOfWork, person: Person) -> Mapping[str, tuple[UUID, ...]]: ...


class PersonalData(Protocol):
    """Many: each module answers for what it holds on a person. Its personal columns are marked in its `models.py`."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        """All of it, as plain data that its subject can read."""

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        """For good. Sums of money stay as they are."""


class ErasureHindrance(Protocol):
    """Many: a module that has not done with a person yet."""

    async def check_erasable(self, uow: UnitOfWork, person: Person) -> None:
        """Raises Conflict that says what must come to its end first."""


class WrongCredentials(ShopError):
    """The same answer for an unknown address, a wrong password and an address not yet verified."""

    code = "wrong_credentials"
    title = "The e-mail address or the password is wrong, or the address is not confirmed yet: see the link in our mail"


class LinkExpired(ShopError):
    code = "link_expired"
    title = "This link has been used or is too old; please ask for a new one"


class AccountSignedUp(Event, tag="identity.account_signed_up.v1", frozen=True):
    """Also when an unconfirmed address signs up again: either way the mail with a fresh link is due."""

    account_id: UUID


class SignUpRepeated(Event, tag="identity.sign_up_repeated.v1", frozen=True):
    """Somebody signed up with the address of a confirmed account; only its owner is told."""

    account_id: UUID


class StaffInvited(Event, tag="identity.staff_invited.v1", frozen=True):
    """Somebody was made staff; until they have accepted, their mail carries a link to do so."""

    account_id: UUID


class EmailVerified(Event, tag="identity.email_verified.v1", frozen=True):
    account_id: UUID


class EmailChangeRequested(Event, tag="identity.email_change_requested.v1", frozen=True):
    """The new address is to be confirmed by the link in a mail to it."""

    account_id: UUID
    link_id: UUID


class EmailChangeHindered(Event, tag="identity.email_change_hindered.v1", frozen=True):
    """Somebody wanted to move to the address of this account; only its owner is told."""

    account_id: UUID


class EmailChanged(Event, tag="identity.email_changed.v1", frozen=True):
    """A mail to the old address tells of it, with the link that undoes it."""

    account_id: UUID
    link_id: UUID


class PasswordResetRequested(Event, tag="identity.password_reset_requested.v1", frozen=True):
    account_id: UUID


class PasswordChanged(Event, tag="identity.password_changed.v1", frozen=True):
    account_id: UUID


class FactorsChanged(Event, tag="identity.factors_changed.v1", frozen=True):
    """A passkey, the authenticator app, the recovery codes or an identity provider: its owner is told, in case it was somebody
    else."""

    account_id: UUID
    change: str
    """app_added, app_removed, passkey_added, passkey_removed, recovery_codes_renewed, reset, provider_added or
    provider_removed."""


class AccountClosed(Event, tag="identity.account_closed.v1", frozen=True):
    """By its owner or by staff. What is held on the person is erased within the hour."""

    account_id: UUID
