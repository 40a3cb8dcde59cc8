"""The wallet among the pages of a customer's account."""

from typing import Final

from shop.kernel.manifest import AccountLink
from shop.modules.wallet.pages import wallet

ROUTES: Final = wallet.ROUTES
LINKS: Final = (AccountLink("Wallet", "/account/wallet", order=25),)
