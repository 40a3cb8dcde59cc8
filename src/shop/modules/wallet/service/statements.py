"""A statement of few days at once, and the asking for a longer one, which is made once however often it is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from shop.contracts.orders import OrderId, Orders
from shop.kernel import audit, clock
from shop.kernel.config import settings
from shop.kernel.errors import Invalid, NotFound, TooMany
from shop.kernel.http.paging import decode_cursor, encode_cursor
from shop.kernel.money import Money, is_currency
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import accounts, statement_runs, statements
from shop.modules.wallet.repository.statements import Range
from shop.modules.wallet.statement_rules import Period, read_period
from shop.modules.wallet.statement_schemas import Statement, StatementPage

MOST_WAITING: Final = 5
MOST: Final = 100
"""Of one owner; each is kept for 30 days."""
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_EntryId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class StatementNotFound(NotFound):
    code = "statement_not_found"
    title = "There is no such statement"


class TooManyStatements(TooMany):
    code = "too_many_statements"
    title = "So many statements are under way or kept for you already; ask again when one is ready, or another day"


class Wish(msgspec.Struct, frozen=True):
    """Which statement somebody wants."""

    owner_id: UUID
    currency: str
    period: Period

    @property
    def range(self) -> Range:
        begins_at, ends_at = self.period.moments(ZoneInfo(settings().time_zone))
        return Range(self.owner_id, self.currency, begins_at, ends_at)


def today() -> date:
    """In the shop's time zone."""
    return clock.now().astimezone(ZoneInfo(settings().time_zone)).date()


def read_wish(owner_id: UUID, first: str, last: str, currency: str | None) -> Wish:
    """Raises Invalid that names what is wrong."""
    period = read_period(first.strip(), last.strip(), today())
    if currency is not None and not is_currency(currency):
        raise Invalid.field("currency", "A currency's code such as EUR")
    return Wish(owner_id, currency or settings().currency, period)


async def show_page(uow: UnitOfWork, wish: Wish, cursor: str | None, limit: int) -> StatementPage:
    """Raises Invalid for a cursor that isn't ours."""
    after = decode_cursor(cursor, _Moment, _EntryId)
    page = await statements.find_page(uow, wish.range, (after[0], after[1]) if after else None, limit + 1)
    return StatementPage(
        first=wish.period.first,
        last=wish.period.last,
        opening_balance=Money(page.opening_balance, wish.currency),
        closing_balance=Money(page.closing_balance, wish.currency),
        items=page.items[:limit],
        next_cursor=encode_cursor(*page.places[limit - 1]) if len(page.items) > limit else None,
    )


async def find_numbers(uow: UnitOfWork, order_ids: Iterable[UUID | None]) -> Mapping[OrderId, str]:
    """Of orders, as people know them."""
    known = {OrderId(order_id) for order_id in order_ids if order_id is not None}
    return await port(Orders).find_numbers(uow, list(known)) if known else {}


async def request_statement(uow: UnitOfWork, wish: Wish, *, by_owner: bool) -> Statement:
    """The one that there is, as long as nothing has happened on its days since. Its owner is told by mail when it is ready,
    unless it was staff alone who asked. Raises TooManyStatements."""
    await statement_runs.mark_outdated(uow, wish.owner_id)
    days = (wish.period.first, wish.period.last)
    statement = await statement_runs.request(
        uow, wish.range, days, mailed=by_owner, most_waiting=MOST_WAITING, most=MOST
    )
    if statement is None:
        raise TooManyStatements
    audit.note(
        action="wallet.statement_requested",
        subject=("account", wish.owner_id),
        statement_id=statement.id,
        days=wish.period.days,
    )
    return statement


async def get_statement(uow: UnitOfWork, statement_id: UUID, owner_id: UUID) -> Statement:
    """Raises StatementNotFound, also for another's."""
    statement = await statement_runs.find_statement(uow, statement_id, owner_id)
    if statement is None:
        raise StatementNotFound
    return statement


async def list_currencies(uow: UnitOfWork, owner_id: UUID) -> Sequence[str]:
    """The shop's own first, then those in which there is or was anything in the wallet."""
    own = settings().currency
    return [own, *(code for code in await accounts.list_currencies(uow, owner_id) if code != own)]


async def latest_statements(uow: UnitOfWork, owner_id: UUID, limit: int) -> list[Statement]:
    return await statement_runs.latest_statements(uow, owner_id, limit)


async def mark_outdated_by(uow: UnitOfWork, transaction_id: UUID) -> None:
    """Of those whose wallets it has moved; each is found behind by what it tells, so that none is made anew in vain."""
    await statement_runs.mark_outdated_by(uow, transaction_id)


async def forget_file(uow: UnitOfWork, statement: Statement) -> None:
    """It was to be on this machine's disk, and isn't."""
    await statement_runs.let_go(uow, statement.id)
