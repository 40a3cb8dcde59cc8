"""The books, held against themselves and against what payments know: all of it of one moment, so run it in a snapshot.

It reads every entry: about a second for a million. So a check is kept until the next one, for pages to show.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from shop.contracts.payments import Payments
from shop.kernel import audit, clock
from shop.kernel.db import read, snapshot, write
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import checks, last_check, overview
from shop.modules.wallet.rules import CLEARING, HELD, UNRECONCILED, clearing
from shop.modules.wallet.schemas import Books, CheckedBooks, CheckState, Difference

log = structlog.get_logger(__name__)

TOLD: Final = 100
"""Of each kind of difference."""
EVERY: Final = timedelta(days=1)
PATIENCE: Final = 10.0
"""Seconds. What payments have told and the wallet has not heard yet is a difference for a moment."""


async def check_books(uow: UnitOfWork) -> Books:
    """Every currency and every transaction sums to zero; stored balances are the sums of their entries; what is held is what
    is pending; a provider's clearing is what it captured for wallets and hasn't given back, and no deposit waits for staff as
    its provider's record says something else of it."""
    checked_at = clock.now()
    await checks.allow_minutes(uow)
    sums = await checks.sum_up(uow, TOLD)
    differences = [
        *(Difference("sum", code, each.sum, 0) for code, each in sums.currencies.items() if each.sum),
        *await checks.unbalanced_transactions(uow, TOLD),
        *sums.wrong_balances,
        *sums.entries_of_other_currencies,
        *await checks.wrong_reversals(uow, TOLD),
        *await _held(uow, sums.system),
        *await _cleared(uow, sums.system),
    ]
    return Books(
        balanced=not differences,
        currencies=sums.currencies,
        system={
            currency: {code: amount for (code, of), amount in sums.system.items() if of == currency}
            for currency in sums.currencies
        },
        differences=differences,
        checked_at=checked_at,
    )


async def _held(uow: UnitOfWork, system: dict[tuple[str, str], int]) -> list[Difference]:
    wanted = await checks.held_for_what_is_pending(uow)
    stored = {currency: amount for (code, currency), amount in system.items() if code == HELD}
    return [
        Difference(HELD, currency, stored.get(currency, 0), wanted.get(currency, 0))
        for currency in sorted({*wanted, *stored})
        if stored.get(currency, 0) != wanted.get(currency, 0)
    ]


async def _cleared(uow: UnitOfWork, system: dict[tuple[str, str], int]) -> list[Difference]:
    """What a provider holds for wallets stands below zero: it is the other side of what wallets got."""
    known = await port(Payments).clearing(uow)
    wanted = {
        (clearing(each.provider), each.captured.currency): each.refunded.amount - each.captured.amount for each in known
    }
    stored = {key: amount for key, amount in system.items() if key[0].startswith(CLEARING)}
    return [
        Difference(code, currency, stored.get((code, currency), 0), wanted.get((code, currency), 0))
        for code, currency in sorted({*wanted, *stored})
        if stored.get((code, currency), 0) != wanted.get((code, currency), 0)
    ] + [
        Difference(f"{UNRECONCILED}{each.provider}", each.captured.currency, each.unreconciled.amount, 0)
        for each in known
        if each.unreconciled.amount
    ]


async def check_and_keep() -> CheckedBooks:
    """Called by the edge."""
    checked = await snapshot(_check_all)
    await write(_keep, checked)
    return checked


async def check_daily() -> None:
    """Unless somebody has checked within a day. What is found wrong is looked at twice, and then told to staff by the
    dashboard and in the log."""
    last = await read(last_check.find_state)
    if last is not None and clock.now() - last.checked_at < EVERY:
        return
    checked = await snapshot(_check_all)
    if not checked.books.balanced:
        await asyncio.sleep(PATIENCE)
        checked = await snapshot(_check_all)
    await write(_keep, checked)
    if checked.books.balanced:
        log.info("books_balance", entries=sum(each.entries for each in checked.books.currencies.values()))
    else:
        log.error("books_do_not_balance", accounts=[each.account for each in checked.books.differences[:TOLD]])


async def _check_all(uow: UnitOfWork) -> CheckedBooks:
    return CheckedBooks(await check_books(uow), await overview.sum_up(uow))


async def _keep(uow: UnitOfWork, checked: CheckedBooks) -> None:
    await last_check.keep(uow, checked)
    audit.note(action="ledger.checked", subject=("ledger", "all"), differences=len(checked.books.differences))


async def find_last_check(uow: UnitOfWork) -> CheckedBooks | None:
    """None before the first one."""
    return await last_check.find(uow)


async def find_check_state(uow: UnitOfWork) -> CheckState | None:
    return await last_check.find_state(uow)


async def rebuild_balances(uow: UnitOfWork) -> int:
    """How many stored balances were not the sums of their entries, and now are. Wallets wait meanwhile. Raises IntegrityError
    where the entries themselves come to less than zero: that is for a person to look into."""
    changed = await checks.rebuild(uow)
    await audit.record(uow, action="wallet.rebuilt", subject=("ledger", "all"), changed=changed)
    return changed
