"""The composition root: which modules there are, who answers which port, and the checks a shop must pass to boot.

Only this file imports `modules/*/module.py`.
"""

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from shop.kernel import bus, housekeeping, ports, schedule
from shop.kernel.accepted_events import forget_accepted_events, register_accepted_events
from shop.kernel.audit import AuditTrail
from shop.kernel.config import settings
from shop.kernel.events import wire_name
from shop.kernel.http.principals import TokenVerifier
from shop.kernel.http.sessions import SessionStore
from shop.kernel.http.templating import forget_page_parts, register_page_parts
from shop.kernel.manifest import Manifest
from shop.kernel.outside import BrokenModule, outside_manifests
from shop.kernel.rights import forget_rights, register_rights
from shop.modules.backoffice.module import MANIFEST as BACKOFFICE
from shop.modules.cart.module import MANIFEST as CART
from shop.modules.catalog.module import MANIFEST as CATALOG
from shop.modules.identity.module import MANIFEST as IDENTITY
from shop.modules.inventory.module import MANIFEST as INVENTORY
from shop.modules.notifications.module import MANIFEST as NOTIFICATIONS
from shop.modules.orders.module import MANIFEST as ORDERS
from shop.modules.payments.module import MANIFEST as PAYMENTS
from shop.modules.pricing.module import MANIFEST as PRICING
from shop.modules.shipping.module import MANIFEST as SHIPPING
from shop.modules.storefront.module import MANIFEST as STOREFRONT
from shop.modules.wallet.module import MANIFEST as WALLET
from shop.modules.webhooks.module import MANIFEST as WEBHOOKS

MODULES: tuple[Manifest, ...] = (
    IDENTITY,
    CATALOG,
    INVENTORY,
    PRICING,
    SHIPPING,
    CART,
    ORDERS,
    PAYMENTS,
    NOTIFICATIONS,
    WALLET,
    WEBHOOKS,
    STOREFRONT,
    BACKOFFICE,
)
KERNEL_REQUIRES: tuple[type, ...] = (SessionStore, TokenVerifier, AuditTrail)
"""What the kernel itself asks of the modules."""


class WiringError(Exception):
    """The modules don't fit together; the message names every misfit."""


_booted: list[Manifest] = []


def all_modules() -> tuple[Manifest, ...]:
    """Ours, then those of installed packages with an entry point in the group `shop.modules`. Raises WiringError."""
    try:
        return (*MODULES, *outside_manifests())
    except BrokenModule as error:
        raise WiringError(str(error)) from error


def boot() -> Sequence[Manifest]:
    """Check and connect all modules, once per process. Raises WiringError, or SettingsError for unusable settings."""
    if not _booted:
        settings()
        manifests = all_modules()
        check(manifests)
        connect(manifests)
        _booted.extend(manifests)
    return tuple(_booted)


def unboot() -> None:
    """Tests only."""
    _booted.clear()
    ports.unbind_all()
    bus.unsubscribe_all()
    schedule.unregister_all()
    forget_page_parts()
    forget_rights()
    forget_accepted_events()


def check(manifests: Sequence[Manifest]) -> None:
    """Raises WiringError on a missing or doubled provider, a cycle of requirements, an event nobody may emit, or one that
    is accepted in vain."""
    misfits = [
        *_provider_misfits(manifests),
        *_event_misfits(manifests),
        *_accepted_misfits(manifests),
        *_cycles(manifests),
    ]
    names = [manifest.name for manifest in manifests]
    misfits += [f"two modules are called {name}" for name in sorted({n for n in names if names.count(n) > 1})]
    if misfits:
        raise WiringError("The modules don't fit together:\n  " + "\n  ".join(misfits))


def _provider_misfits(manifests: Sequence[Manifest]) -> Iterable[str]:
    provider: dict[type, str] = {}
    for manifest in manifests:
        for protocol in manifest.provides:
            if protocol in provider:
                yield f"{protocol.__name__} is provided by {provider[protocol]} and by {manifest.name}"
            provider[protocol] = manifest.name
    wanted = [(protocol, manifest.name) for manifest in manifests for protocol in manifest.requires]
    for protocol, wanting in [*wanted, *((each, "the kernel") for each in KERNEL_REQUIRES)]:
        if protocol not in provider:
            yield f"{wanting} requires {protocol.__name__}, which nobody provides"
    many: dict[tuple[type, str], str] = {}
    for manifest in manifests:
        for protocol, providers in manifest.provides_many.items():
            for name in providers:
                if (protocol, name) in many:
                    yield f"{protocol.__name__} {name!r} is provided by {many[protocol, name]} and by {manifest.name}"
                many[protocol, name] = manifest.name


def _event_misfits(manifests: Sequence[Manifest]) -> Iterable[str]:
    owner: dict[str, str] = {}
    for manifest in manifests:
        for event in manifest.events:
            name = wire_name(event)
            if not name.startswith(f"{manifest.name}."):
                yield f"{manifest.name} declares {name}, which is not its own"
            if name in owner:
                yield f"{name} is declared twice"
            owner[name] = manifest.name
    for manifest in manifests:
        for subscription in manifest.subscriptions:
            if wire_name(subscription.event) not in owner:
                yield f"{subscription.name} listens to {wire_name(subscription.event)}, which nobody emits or accepts"


def _accepted_misfits(manifests: Sequence[Manifest]) -> Iterable[str]:
    known = permissions(manifests)
    for manifest in manifests:
        for each in manifest.accepts:
            name = wire_name(each.event)
            if not any(s.kind != "same_transaction" for s in manifest.subscriptions_to(each.event)):
                yield f"{manifest.name} accepts {name} and doesn't hear it durably"
            if each.permission is not None and each.permission not in known:
                yield f"{manifest.name} accepts {name} with {each.permission}, which is no permission"


def _cycles(manifests: Sequence[Manifest]) -> Iterable[str]:
    """Contributions to a `many` port are no edges: a provider may require the module that asks it."""
    provider = {protocol: manifest.name for manifest in manifests for protocol in manifest.provides}
    graph = {
        manifest.name: {provider[p] for p in manifest.requires if p in provider} - {manifest.name}
        for manifest in manifests
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "modules require each other in a circle: " + " -> ".join(error.args[1])


def connect(manifests: Sequence[Manifest]) -> None:
    """Bind ports, subscribe handlers, register jobs, slots and links."""
    for manifest in manifests:
        for protocol, provider in manifest.provides.items():
            ports.bind_port(protocol, provider)
        for protocol, providers in manifest.provides_many.items():
            for name, provider in providers.items():
                ports.bind_many(protocol, name, provider)
        for subscription in manifest.subscriptions:
            bus.subscribe(subscription)
        for job in manifest.jobs:
            schedule.register_job(job)
        register_page_parts(manifest)
        register_rights(manifest)
        register_accepted_events(manifest)
    for job in housekeeping.JOBS:
        schedule.register_job(job)


def permissions(manifests: Sequence[Manifest]) -> dict[str, str]:
    return {code: words for manifest in manifests for code, words in manifest.permissions.items()}


def scopes(manifests: Sequence[Manifest]) -> dict[str, str]:
    return {code: words for manifest in manifests for code, words in manifest.scopes.items()}
