"""Wallets in the back office: who has what, moving money by hand, paying out, gift cards, and whether the books balance."""

from typing import Final

from shop.kernel.manifest import AdminLink
from shop.modules.wallet.admin import adjustments, gift_cards, ledger, wallets, withdrawals

ROUTES: Final = (
    *wallets.ROUTES,
    *adjustments.ROUTES,
    *withdrawals.ROUTES,
    *gift_cards.ROUTES,
    *ledger.ROUTES,
)
LINKS: Final = (
    AdminLink("Wallets", wallets.PAGE, "wallet", "wallet.view", order=30),
    AdminLink("Gift cards", gift_cards.PAGE, "gift", "wallet.view", order=32),
    AdminLink("Books", ledger.PAGE, "chart", "wallet.view", order=34),
)
