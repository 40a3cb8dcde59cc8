"""Questions and commands across modules: who provides a Protocol is decided once, in `wiring.py`.

    prices = await port(Prices).prices(uow, ids, "EUR")

A module may only ask for what its manifest `requires`; `tests/architecture/` holds it to that.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

P = TypeVar("P")

_single: dict[type, object] = {}
_many: dict[type, dict[str, object]] = {}


class Unbound(LookupError):
    """Nobody provides this port: `wiring.bind()` has not run, or its boot checks were bypassed."""


def bind_port(protocol: type, provider: object) -> None:
    _single[protocol] = provider


def bind_many(protocol: type, name: str, provider: object) -> None:
    _many.setdefault(protocol, {})[name] = provider


def unbind_all() -> None:
    _single.clear()
    _many.clear()


def port(protocol: type[P]) -> P:
    """The one provider of `protocol`. Raises Unbound."""
    try:
        return cast(P, _single[protocol])
    except KeyError:
        raise Unbound(f"nobody provides {protocol.__name__}") from None


def ports(protocol: type[P]) -> Mapping[str, P]:
    """The providers of a `many` port by name; empty when there are none."""
    return cast("Mapping[str, P]", _many.get(protocol, {}))


@contextmanager
def overridden(protocol: type, provider: object) -> Iterator[None]:
    """Tests only: `provider` answers for `protocol` within the block."""
    before: Any = _single.get(protocol)
    _single[protocol] = provider
    try:
        yield
    finally:
        if before is None:
            del _single[protocol]
        else:
            _single[protocol] = before
