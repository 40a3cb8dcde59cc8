"""Accounts as JSON, a file for each subject."""

from typing import Final

from shop.modules.identity.api import auth, keys, staff

ROUTES: Final = (*auth.ROUTES, *keys.ROUTES, *staff.ROUTES)
