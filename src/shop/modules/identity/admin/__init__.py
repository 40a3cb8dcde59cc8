"""Staff pages of identity, a file for each subject."""

from typing import Final

from shop.modules.identity.admin import roles, staff

LINKS: Final = staff.LINKS
ROUTES: Final = (*staff.ROUTES, *roles.ROUTES)
