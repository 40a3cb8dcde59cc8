"""Staff pages of identity, a file for each subject."""

from typing import Final

from shop.modules.identity.admin import clients, customers, roles, staff

LINKS: Final = (*staff.LINKS, *clients.LINKS, *customers.LINKS)
ROUTES: Final = (*clients.ROUTES, *customers.ROUTES, *staff.ROUTES, *roles.ROUTES)
