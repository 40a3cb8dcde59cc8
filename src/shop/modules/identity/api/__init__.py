"""Accounts as JSON, a file for each subject."""

from typing import Final

from shop.modules.identity.api import (
    addresses,
    api_keys,
    auth,
    customers,
    keys,
    oauth,
    oauth_clients,
    person,
    sessions,
    staff,
)

ROUTES: Final = (
    *addresses.ROUTES,
    *api_keys.ROUTES,
    *auth.ROUTES,
    *customers.ROUTES,
    *keys.ROUTES,
    *oauth.ROUTES,
    *oauth_clients.ROUTES,
    *person.ROUTES,
    *sessions.ROUTES,
    *staff.ROUTES,
)
