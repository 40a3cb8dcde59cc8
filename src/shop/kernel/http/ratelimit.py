"""How often one visitor may ask: the classes of routes, their numbers, and what modules count by themselves.

A route's class follows from its rule and method, or is declared where the route is: `opt={"limit": "search"}`. Unsafe and
signed-in routes are counted exactly over all processes (`exact_counts`), reading as a stranger in process and settled in
batches (`browsing_counts`). `docs/gateway.md` has the table for people; a test keeps the two in step.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

import structlog
from litestar import Request

from shop.kernel.config import CLASS_LIMIT, SettingsError, settings, split
from shop.kernel.errors import TooMany
from shop.kernel.http.browsing_counts import BrowsingCounts, Settling
from shop.kernel.http.exact_counts import Count, ExactCounts, Verdict
from shop.kernel.http.failures import begin_attempt, clear_failures, note_failure, wait_left
from shop.kernel.http.networks import concealed, network_of
from shop.kernel.http.standing import LIMITED_KEY, Standing
from shop.kernel.redis_client import PREFIX

__all__ = [
    "address_of",
    "begin_attempt",
    "clear_failures",
    "limit",
    "note_failure",
    "wait_left",
]

log = structlog.get_logger(__name__)

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STRICTER_WITHOUT_VALKEY: Final = 3


class RateClass(NamedTuple):
    """At most `at_most` requests per `seconds` of one address or account; `exact` over all processes, or settled in
    batches; `guarded` classes are stricter while Valkey is away."""

    at_most: int
    seconds: int
    by: Literal["address", "account"]
    exact: bool
    guarded: bool = False


CLASSES: Final[Mapping[str, RateClass]] = {
    "browse": RateClass(1200, 60, "address", exact=False),
    "search": RateClass(600, 60, "address", exact=False),
    "files": RateClass(12_000, 60, "address", exact=False),
    "watch": RateClass(600, 60, "address", exact=False),
    "refused": RateClass(300, 60, "address", exact=False),
    "write": RateClass(600, 60, "address", exact=True),
    "checkout": RateClass(120, 60, "address", exact=True),
    "auth": RateClass(60, 60, "address", exact=True, guarded=True),
    "webhook": RateClass(3000, 60, "address", exact=True),
    "account": RateClass(600, 60, "account", exact=True),
    "account-write": RateClass(300, 60, "account", exact=True),
    "export": RateClass(10, 3600, "account", exact=True),
    "staff": RateClass(1200, 60, "account", exact=True),
    "staff-write": RateClass(600, 60, "account", exact=True),
}
UNLIMITED: Final = "none"
"""What tells whether the process lives must not be refused because of others."""
FILES: Final = {"limit": "files"}
SEARCH: Final = {"limit": "search"}
CHECKOUT: Final = {"limit": "checkout"}
AUTH: Final = {"limit": "auth"}
EXPORT: Final = {"limit": "export"}
"""Of routes, for their `opt`."""


class Limits:
    """The counters of one process."""

    def __init__(self, overrides: str = "") -> None:
        """Raises SettingsError for a class that isn't there."""
        self.classes = {**CLASSES, **_overridden(overrides)}
        self.exact = ExactCounts()
        self.browsing = {
            name: BrowsingCounts(name, each.at_most, each.seconds)
            for name, each in self.classes.items()
            if not each.exact
        }
        self.settling = Settling(self.browsing.values(), _name)

    def count_reader(self, name: str, address: str) -> Standing | None:
        """Counts one read of class `name`. Its Standing when it was one too many, else None: that is told to few."""
        counts = self.browsing[name]
        left = counts.count(network_of(address))
        return None if left >= 0 else Standing(name, counts.at_most, counts.per_seconds, 0, counts.seconds_left)

    def standing(self, name: str, address: str) -> Standing:
        counts = self.browsing[name]
        left = counts.left(network_of(address))
        return Standing(name, counts.at_most, counts.per_seconds, left, counts.seconds_left)

    async def count(self, names: Sequence[tuple[str, str]]) -> Standing:
        """Counts one for each (class, who), all or none. Raises TooMany; the scarcest is told."""
        question = [self._count(name, who) for name, who in names]
        verdict = await self.exact.ask(question)
        name = names[verdict.scarce][0]
        own = self.classes[name]
        standing = Standing(name, own.at_most, own.seconds, verdict.left, max(1, verdict.reset))
        if not verdict.passed:
            raise standing.refusal()
        return standing

    def _count(self, name: str, who: str) -> Count:
        each = self.classes[name]
        alone = max(1, each.at_most // STRICTER_WITHOUT_VALKEY) if each.guarded else each.at_most
        return Count(_name(name, network_of(who)), each.at_most, each.seconds, alone)


@lru_cache(maxsize=1)
def limits() -> Limits:
    return Limits(settings().rate_limits_by_class)


async def limit(what: str, who: str, at_most: int, per_seconds: int) -> None:
    """Count one `what` by `who`: an address (of IPv6 its /64) or a name. Exact over all processes, in any window of
    `per_seconds`; refused tries aren't counted. A third of it while Valkey is away, in each process. Raises TooMany with
    `retry_after` seconds."""
    if settings().rate_limits == "off":
        return
    alone = max(1, at_most // STRICTER_WITHOUT_VALKEY)
    verdict: Verdict = await limits().exact.ask([Count(_name(what, network_of(who)), at_most, per_seconds, alone)])
    if not verdict.passed:
        log.info("rate_limited", what=what)
        raise Standing(what, at_most, per_seconds, 0, max(1, verdict.reset)).refusal("attempts")


def address_of(request: Request[Any, Any, Any]) -> str:
    """The visitor's, which the gateway has taken from trusted proxies."""
    return request.client.host if request.client else "?"


async def count_request(request: Request[Any, Any, Any], name: str, account: str | None) -> None:
    """Counts a request of class `name`, one that changes something by its address as well. Raises TooMany."""
    if name == UNLIMITED or settings().rate_limits == "off":
        return
    own = limits()
    kind = own.classes[name]
    scope: dict[str, Any] = request.scope  # type: ignore[assignment]  # carries keys of ours
    address = address_of(request)
    try:
        if not kind.exact:
            if (standing := own.count_reader(name, address)) is not None:
                raise standing.refusal()
            scope[LIMITED_KEY] = own.standing(name, address)
            return
        names = [(name, account if account and kind.by == "account" else address)]
        if kind.by == "account" and request.method not in SAFE:
            names.append(("write", address))
        scope[LIMITED_KEY] = await own.count(names)
    except TooMany as refusal:
        scope[LIMITED_KEY] = refusal.extra["standing"]
        raise


def class_of(kind: str, method: str, declared: str | None) -> str:
    """Of a route with a rule of `kind`: what it declares, or what follows from its rule."""
    if declared is not None:
        return declared
    safe = method in SAFE
    if kind == "signature":
        return "webhook"
    if kind == "public":
        return "browse" if safe else "write"
    name = "staff" if kind == "staff" else "account"
    return name if safe else f"{name}-write"


def _name(what: str, who: str) -> str:
    return f"{PREFIX}limit:{what}:{concealed(who)}"


def _overridden(setting: str) -> dict[str, RateClass]:
    changed = {}
    for part in split(setting):
        found = CLASS_LIMIT.fullmatch(part)
        if found is None or found[1] not in CLASSES:
            raise SettingsError(f"SHOP_RATE_LIMITS_BY_CLASS: {part!r}: the classes are {', '.join(CLASSES)}")
        changed[found[1]] = CLASSES[found[1]]._replace(at_most=int(found[2]), seconds=int(found[3]))
    return changed
