"""The manifest of webhooks."""

from shop.contracts.identity import EventSigners
from shop.kernel.manifest import Manifest
from shop.modules.webhooks import api, jobs
from shop.modules.webhooks.models import METADATA

MANIFEST = Manifest(
    name="webhooks",
    requires=(EventSigners,),
    routes=api.ROUTES,
    jobs=jobs.JOBS,
    metadata=METADATA,
)
