"""The manifest of backoffice."""

from shop.contracts.identity import Accounts, PersonalData
from shop.kernel.audit import AuditTrail
from shop.kernel.manifest import AdminLink, Manifest
from shop.modules.backoffice import admin, api, audit_admin, audit_api, commands, models, ports

MANIFEST = Manifest(
    name="backoffice",
    provides={AuditTrail: ports.AuditLog()},
    provides_many={PersonalData: {"backoffice": ports.AuditShare()}},
    requires=(Accounts,),
    routes=(*api.ROUTES, *audit_api.ROUTES, *admin.ROUTES, *audit_admin.ROUTES),
    admin_links=(
        AdminLink("Dashboard", "/admin", "home", "backoffice.view", order=0),
        AdminLink("Audit log", "/admin/audit", "shield", "audit.view", order=85),
        AdminLink("Outbox", "/admin/outbox", "outbox", "outbox.view", order=80),
    ),
    permissions={
        "backoffice.view": "Enter the back office",
        "audit.view": "See who did what",
        "outbox.view": "See the outbox and what died in it",
        "outbox.replay": "Have dead events tried again",
    },
    commands=(commands.outbox,),
    metadata=models.METADATA,
)
