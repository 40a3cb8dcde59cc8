"""Staff pages of identity, a file for each subject."""

from typing import Final

from shop.modules.identity.admin import clients, roles, staff

LINKS: Final = (*staff.LINKS, *clients.LINKS)
ROUTES: Final = (*clients.ROUTES, *staff.ROUTES, *roles.ROUTES)
