"""The in-process event bus. The only file that knows Blinker.

Gotchas: Blinker holds receivers weakly by default (a lambda is gone before it is called), calls them in no defined
order, and stops at the first exception. Hence strong references, no reliance on order, and an exception in a
same-transaction subscriber fails the whole transaction, as it should.
"""

from collections.abc import Iterable

from blinker import Namespace

from shop.kernel.events import Event, wire_name
from shop.kernel.manifest import Subscription
from shop.kernel.uow import UnitOfWork

_signals = Namespace()
_events: dict[str, type[Event]] = {}
_durable: dict[str, list[Subscription]] = {}
_by_name: dict[str, Subscription] = {}


def subscribe(subscription: Subscription) -> None:
    """Raises ValueError when two subscribers share a name: one would swallow the other's events."""
    name = wire_name(subscription.event)
    _events[name] = subscription.event
    if subscription.name in _by_name and _by_name[subscription.name] != subscription:
        raise ValueError(f"two subscribers are called {subscription.name}")
    _by_name[subscription.name] = subscription
    if subscription.kind == "same_transaction":
        handler = subscription.handler

        async def receive(sender: UnitOfWork, *, event: Event) -> None:
            await handler(sender, event)

        _signals.signal(name).connect(receive, weak=False)
    else:
        _durable.setdefault(name, []).append(subscription)


def unsubscribe_all() -> None:
    _signals.clear()
    _events.clear()
    _durable.clear()
    _by_name.clear()


async def publish_in_transaction(uow: UnitOfWork, event: Event) -> None:
    """Run the same-transaction subscribers of `event` within `uow`."""
    await _signals.signal(wire_name(event)).send_async(uow, event=event)


def durable_subscribers(event: Event) -> list[Subscription]:
    return _durable.get(wire_name(event), [])


def find_subscription(name: str) -> Subscription | None:
    return _by_name.get(name)


def subscriber_names() -> Iterable[str]:
    return _by_name.keys()
