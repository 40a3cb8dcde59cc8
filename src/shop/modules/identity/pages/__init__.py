"""Pages of accounts, a file for each subject."""

from typing import Final

from shop.modules.identity.pages import (
    account,
    addresses,
    confirm,
    consent,
    credentials_change,
    devices,
    entry,
    federation,
    invitation,
    passkeys,
    privacy,
    programs,
    second_factor,
    security,
)

ROUTES: Final = (
    *account.ROUTES,
    *addresses.ROUTES,
    *confirm.ROUTES,
    *consent.ROUTES,
    *credentials_change.ROUTES,
    *devices.ROUTES,
    *entry.ROUTES,
    *federation.ROUTES,
    *invitation.ROUTES,
    *passkeys.ROUTES,
    *privacy.ROUTES,
    *programs.ROUTES,
    *second_factor.ROUTES,
    *security.ROUTES,
)
