"""The wallet's share of other modules' pages."""

from typing import Any

from shop.contracts.identity import Account
from shop.kernel.config import settings
from shop.kernel.http.templating import render_text
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service.overview import count_withdrawals, sum_lately_lost
from shop.modules.wallet.service.wallet_of import find_wallet


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
    """Fills `admin.attention`: withdrawals to decide, and what the shop has lately lost to disputes of top-ups; nothing where
    there is neither."""
    withdrawals, lost = await count_withdrawals(uow), await sum_lately_lost(uow)
    if not withdrawals and not lost:
        return ""
    return render_text("wallet/_admin_attention.html", {"withdrawals": withdrawals, "lost": lost})
