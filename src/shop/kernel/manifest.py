"""What a module declares about itself. `modules/<name>/module.py` holds one `MANIFEST`; only `wiring.py` reads it, and
`kernel/outside.py` those of packages from outside."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shop.kernel.events import Event, wire_name

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler
    from sqlalchemy import MetaData

Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Subscription:
    """Made by `durable`, `durable_effect` or `same_transaction`."""

    event: type[Event]
    handler: Handler
    kind: str

    @property
    def name(self) -> str:
        """Stable name of the subscriber, kept in outbox and inbox rows: `orders.when_payment_captured_mark_paid`."""
        module = self.handler.__module__.removeprefix("shop.modules.").split(".", maxsplit=1)[0]
        return f"{module}.{self.handler.__name__}"


def durable(event: type[Event], handler: Handler) -> Subscription:
    """`handler(uow, event)` runs in a worker, at least once tried, exactly once committed."""
    return Subscription(event, handler, "durable")


def durable_effect(event: type[Event], handler: Handler) -> Subscription:
    """`handler(event)` runs in a worker outside any transaction, for work that talks to the network.

    It may run again after a crash: it must find out from its own rows what is done already.
    """
    return Subscription(event, handler, "durable_effect")


def same_transaction(event: type[Event], handler: Handler) -> Subscription:
    """`handler(uow, event)` runs inside the emitter's transaction, just before its commit. Each case has an ADR."""
    return Subscription(event, handler, "same_transaction")


@dataclass(frozen=True)
class Accepted:
    """Made by `accepted`: an event whose meaning its consumer owns and that any module may emit."""

    event: type[Event]
    permission: str | None = None
    """What a program needs that sends it from outside, at POST /api/v1/events; None: only modules may emit it."""


def accepted(event: type[Event], permission: str | None = None) -> Accepted:
    """`accepted(TransactionRequested, "wallet.adjust")`"""
    return Accepted(event, permission)


@dataclass(frozen=True)
class Job:
    """Scheduled work: `run()` opens its own units of work. One run at a time across all containers."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Slot:
    """A piece of another module's page. `render(uow, context)` gives Markup; `context` is what the page hands out."""

    name: str
    render: Callable[..., Awaitable[str]]


@dataclass(frozen=True)
class AdminLink:
    """An entry of the back office's side bar, shown to staff who hold `permission`."""

    title: str
    url: str
    icon: str
    permission: str
    order: int = 100


@dataclass(frozen=True)
class AccountLink:
    """An entry of the menu beside the pages of a customer's account."""

    title: str
    url: str
    order: int = 100


@dataclass(frozen=True)
class Manifest:
    name: str
    provides: Mapping[type, object] = field(default_factory=dict)
    provides_many: Mapping[type, Mapping[str, object]] = field(default_factory=dict)
    requires: Sequence[type] = ()
    requires_many: Sequence[type] = ()
    emits: Sequence[type[Event]] = ()
    accepts: Sequence[Accepted] = ()
    """Events whose meaning this module owns and that any module may emit; it hears each of them durably."""
    subscriptions: Sequence[Subscription] = ()
    routes: "Sequence[ControllerRouterHandler]" = ()
    jobs: Sequence[Job] = ()
    slots: Sequence[Slot] = ()
    page_context: Sequence[Callable[..., Awaitable[dict[str, Any]]]] = ()
    """`await fn(request, uow)` adds variables to every storefront page (category menu, cart count)."""
    admin_links: Sequence[AdminLink] = ()
    account_links: Sequence[AccountLink] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    """What staff may be allowed to do: `orders.view` -> "See orders"."""
    scopes: Mapping[str, str] = field(default_factory=dict)
    """What a customer may let a program do in the own name: `orders.read` -> "See your orders". Programs in the place of
    staff have permissions for scopes."""
    commands: "Sequence[click.Command]" = ()
    metadata: "MetaData | None" = None
    folder: Path | None = None
    """Of a module from outside: where its templates/, static/ and migrations/ are, if it has any."""

    @property
    def events(self) -> tuple[type[Event], ...]:
        """All that stand in this module's contract: those it emits and those it accepts."""
        return (*self.emits, *(each.event for each in self.accepts))

    def subscriptions_to(self, event: type[Event]) -> list[Subscription]:
        return [s for s in self.subscriptions if wire_name(s.event) == wire_name(event)]
