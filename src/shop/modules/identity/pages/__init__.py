"""Pages of accounts, a file for each subject."""

from typing import Final

from shop.modules.identity.pages import account, entry, invitation

ROUTES: Final = (*entry.ROUTES, *account.ROUTES, *invitation.ROUTES)
