"""Accounts as JSON, a file for each subject."""

from typing import Final

from shop.modules.identity.api import auth, staff

ROUTES: Final = (*auth.ROUTES, *staff.ROUTES)
