"""identity: who is who."""

from collections.abc import Sequence
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


class AccountLinks(Protocol):
    """Links that carry a secret are minted when the mail is rendered, so that no event, row or log keeps them."""

    async def mint_verify_link(self, uow: UnitOfWork, account_id: AccountId) -> str: ...

    async def mint_reset_link(self, uow: UnitOfWork, account_id: AccountId) -> str: ...


class SignInStep(Protocol):
    """Many: each is run in the transaction of a sign-in. The cart merges the guest's cart here."""

    async def when_signed_in(self, uow: UnitOfWork, account_id: AccountId, session: dict[str, Any]) -> None:
        """`session` is the guest's session data; changes to it are kept in the signed-in session."""


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


class EmailVerified(Event, tag="identity.email_verified.v1", frozen=True):
    account_id: UUID


class PasswordResetRequested(Event, tag="identity.password_reset_requested.v1", frozen=True):
    account_id: UUID


class PasswordChanged(Event, tag="identity.password_changed.v1", frozen=True):
    account_id: UUID
