"""Which events programs may send from outside, as the modules that accept them declare it in their manifests.

find_accepted_event("wallet.transaction_requested.v1").permission == "wallet.adjust"
"""

from shop.kernel.events import wire_name
from shop.kernel.manifest import Accepted, Manifest

_accepted: dict[str, Accepted] = {}


def register_accepted_events(manifest: Manifest) -> None:
    _accepted.update({wire_name(each.event): each for each in manifest.accepts})


def forget_accepted_events() -> None:
    _accepted.clear()


def find_accepted_event(name: str) -> Accepted | None:
    """By its wire name, also those that only modules may emit."""
    return _accepted.get(name)
