"""Accounts as JSON, a file for each subject."""

from typing import Final

from shop.modules.identity.api import api_keys, auth, keys, oauth, oauth_clients, sessions, staff

ROUTES: Final = (
    *api_keys.ROUTES,
    *auth.ROUTES,
    *keys.ROUTES,
    *oauth.ROUTES,
    *oauth_clients.ROUTES,
    *sessions.ROUTES,
    *staff.ROUTES,
)
