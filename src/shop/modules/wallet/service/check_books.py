"""The books, held against themselves and against what payments know. Run it in one snapshot."""

from typing import Final

from shop.contracts.payments import Payments
from shop.kernel import audit, clock
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import checks
from shop.modules.wallet.rules import CLEARING, HELD, clearing
from shop.modules.wallet.schemas import Books, Difference

TOLD: Final = 100
"""Of each kind of difference."""


async def check_books(uow: UnitOfWork) -> Books:
    """Every currency and every transaction sums to zero; stored balances are the sums of their entries; what is held is what
    is pending; a provider's clearing is what it captured for wallets and hasn't given back."""
    currencies = await checks.sum_up(uow)
    system = await checks.system_balances(uow)
    differences = [
        *(Difference("sum", code, each.sum, 0) for code, each in currencies.items() if each.sum),
        *await checks.unbalanced_transactions(uow, TOLD),
        *await checks.wrong_balances(uow, TOLD),
        *await checks.entries_of_other_currencies(uow, TOLD),
        *await checks.wrong_reversals(uow, TOLD),
        *await _held(uow, system),
        *await _cleared(uow, system),
    ]
    return Books(
        balanced=not differences,
        currencies=currencies,
        system={
            currency: {code: amount for (code, of), amount in system.items() if of == currency}
            for currency in currencies
        },
        differences=differences,
        checked_at=clock.now(),
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
    wanted = {
        (clearing(each.provider), each.captured.currency): each.refunded.amount - each.captured.amount
        for each in await port(Payments).clearing(uow)
    }
    stored = {key: amount for key, amount in system.items() if key[0].startswith(CLEARING)}
    return [
        Difference(code, currency, stored.get((code, currency), 0), wanted.get((code, currency), 0))
        for code, currency in sorted({*wanted, *stored})
        if stored.get((code, currency), 0) != wanted.get((code, currency), 0)
    ]


async def rebuild_balances(uow: UnitOfWork) -> int:
    """How many stored balances were not the sums of their entries, and now are. Wallets wait meanwhile. Raises IntegrityError
    where the entries themselves come to less than zero: that is for a person to look into."""
    changed = await checks.rebuild(uow)
    await audit.record(uow, action="wallet.rebuilt", subject=("ledger", "all"), changed=changed)
    return changed
