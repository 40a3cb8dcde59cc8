"""What somebody agreed to, and took back: nothing is agreed to until it was said, and every yes and no is kept with its time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from shop.kernel import clock
from shop.kernel.errors import NotFound
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import addresses, consents
from shop.modules.identity.repository.consents import Decision


class Purpose(msgspec.Struct, frozen=True):
    code: str
    title: str
    text: str


PURPOSES: Final = (
    Purpose("newsletter", "Newsletter", "Mails about new things and offers, a few times a month."),
    Purpose(
        "recommendations",
        "Personal recommendations",
        "Things that may suit you, found out from what you looked at and bought here.",
    ),
)


class Consent(msgspec.Struct, frozen=True):
    """Where a person stands; `at` is None while nothing was ever said."""

    purpose: str
    title: str
    text: str
    given: bool
    at: datetime | None


async def show_consents(uow: UnitOfWork, account_id: UUID) -> tuple[list[Consent], list[Decision]]:
    """For each purpose where the account stands, and all that led there, newest first."""
    history = await consents.list_decisions(uow, account_id)
    return [_standing(purpose, history) for purpose in PURPOSES], history


async def decide(uow: UnitOfWork, account_id: UUID, wanted: Mapping[str, bool]) -> list[Consent]:
    """Notes what differs from before. Raises NotFound for an account that is gone."""
    if not await addresses.hold_account(uow, account_id):
        raise NotFound
    present, _ = await show_consents(uow, account_id)
    changed = {
        each.purpose: wanted[each.purpose] for each in present if wanted.get(each.purpose, each.given) != each.given
    }
    await consents.add_decisions(uow, account_id, changed, clock.now())
    return (await show_consents(uow, account_id))[0]


def _standing(purpose: Purpose, history: list[Decision]) -> Consent:
    newest = next((each for each in history if each.purpose == purpose.code), None)
    given, at = (newest.given, newest.at) if newest else (False, None)
    return Consent(purpose.code, purpose.title, purpose.text, given, at)
