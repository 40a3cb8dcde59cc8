"""The manifest of backoffice."""

from shop.kernel.manifest import AdminLink, Manifest
from shop.modules.backoffice import admin, api, commands

MANIFEST = Manifest(
    name="backoffice",
    routes=(*api.ROUTES, *admin.ROUTES),
    admin_links=(
        AdminLink("Dashboard", "/admin", "home", "backoffice.view", order=0),
        AdminLink("Outbox", "/admin/outbox", "outbox", "outbox.view", order=80),
    ),
    permissions={
        "backoffice.view": "Enter the back office",
        "outbox.view": "See the outbox and what died in it",
        "outbox.replay": "Have dead events tried again",
    },
    commands=(commands.outbox,),
)
