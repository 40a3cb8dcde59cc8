"""The wallet among the pages of a customer's account."""

from typing import Final

from shop.kernel.manifest import AccountLink
from shop.modules.wallet.pages.wallet import PAGE, ROUTES

__all__ = ["LINKS", "ROUTES"]

LINKS: Final = (AccountLink("Wallet", PAGE, order=25),)
