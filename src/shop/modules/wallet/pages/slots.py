"""The wallet's share of other modules' pages."""

from datetime import timedelta
from typing import Any, Final

from shop.contracts.identity import Account
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.http.templating import render_text
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service.check_books import find_check_state
from shop.modules.wallet.service.overview import count_withdrawals, sum_lately_lost
from shop.modules.wallet.service.wallet_of import find_wallet

LATE: Final = timedelta(days=2)
"""The books are checked each day: something keeps the shop from it."""


async def render_balance(uow: UnitOfWork, context: dict[str, Any]) -> str:
    """Fills `account.main`: what the account shown can spend."""
    account: Account = context["account"]
    return render_text("wallet/_balance.html", {"wallet": await find_wallet(uow, account.id, settings().currency)})


async def render_customers_balance(uow: UnitOfWork, context: dict[str, Any]) -> str:
    """Fills `admin.customer`."""
    account: Account = context["account"]
    wallet = await find_wallet(uow, account.id, settings().currency)
    return render_text("wallet/_customers_balance.html", {"wallet": wallet, "account": account})


async def render_attention(uow: UnitOfWork, _context: dict[str, Any]) -> str:
    """Fills `admin.attention`: books that don't balance or are not looked at any more, withdrawals to decide, and what the shop
    has lately lost to disputes of top-ups; nothing where there is none of it."""
    checked, withdrawals, lost = await find_check_state(uow), await count_withdrawals(uow), await sum_lately_lost(uow)
    late = checked is None or clock.now() - checked.checked_at > LATE
    wrong = checked is not None and checked.differences > 0
    if not (wrong or late or withdrawals or lost):
        return ""
    context = {"checked": checked, "late": late, "withdrawals": withdrawals, "lost": lost}
    return render_text("wallet/_admin_attention.html", context)
