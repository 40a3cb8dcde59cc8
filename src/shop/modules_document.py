"""`docs/modules.md`: who owns, provides, requires, emits and consumes what, written from the manifests.

The text is the same for the same manifests, so that a check can tell when the committed file is stale.
"""

import inspect
import sys
from collections.abc import Iterable, Sequence

from shop.kernel.events import wire_name
from shop.kernel.manifest import Manifest

INTRODUCTION = """\
# The modules

Written by `make docs` from the manifests in `src/shop/modules/*/module.py`; don't edit it by hand.

An arrow means "requires a port of". Facts travel on the bus and are no arrows: they are listed with each module.
"""
KINDS = {
    "durable": "durable",
    "durable_effect": "durable, outside a transaction",
    "same_transaction": "in the emitter's transaction",
}


def modules_document(manifests: Sequence[Manifest]) -> str:
    """The whole document, in the order of `manifests`."""
    return "\n".join([INTRODUCTION, _picture(manifests), *(_chapter(manifest, manifests) for manifest in manifests)])


def _picture(manifests: Sequence[Manifest]) -> str:
    provider = {protocol: manifest.name for manifest in manifests for protocol in manifest.provides}
    arrows = {
        (manifest.name, provider[protocol])
        for manifest in manifests
        for protocol in manifest.requires
        if protocol in provider and provider[protocol] != manifest.name
    }
    lines = ["flowchart LR", *(f"  {manifest.name}" for manifest in manifests)]
    lines += [f"  {asking} --> {answering}" for asking, answering in sorted(arrows)]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def _chapter(manifest: Manifest, manifests: Sequence[Manifest]) -> str:
    rows = [
        ("Provides", _protocols(manifest.provides)),
        ("Contributes", _contributions(manifest)),
        ("Requires", _protocols(manifest.requires)),
        ("Asks every provider of", _protocols(manifest.requires_many)),
        ("Emits", _events(manifest.emits, manifests)),
        ("Accepts from anyone", _events(manifest.accepts, manifests)),
        ("Listens to", _subscriptions(manifest)),
        ("Jobs", (f"`{job.name}` every {job.every_seconds:g} s" for job in manifest.jobs)),
        ("Slots", sorted({f"`{slot.name}`" for slot in manifest.slots})),
        ("Staff may", (f"`{code}`: {words}" for code, words in sorted(manifest.permissions.items()))),
        ("Commands", (f"`shop {line}`" for line in _command_lines(manifest))),
        ("Tables", _tables(manifest)),
    ]
    told = [f"- **{title}**: {'; '.join(items)}" for title, values in rows if (items := list(values))]
    return "\n".join([f"## {manifest.name}", "", _what_it_is(manifest), "", *told, ""])


def _what_it_is(manifest: Manifest) -> str:
    """The first paragraph of the module's own docstring."""
    package = sys.modules.get(f"shop.modules.{manifest.name}")
    text = inspect.getdoc(package) if package else None
    return " ".join((text or "").split("\n\n")[0].split())


def _protocols(protocols: Iterable[type]) -> list[str]:
    return sorted(f"`{protocol.__name__}`" for protocol in protocols)


def _contributions(manifest: Manifest) -> Iterable[str]:
    for protocol, providers in sorted(manifest.provides_many.items(), key=lambda item: item[0].__name__):
        yield f"`{protocol.__name__}` as " + ", ".join(f"`{name}`" for name in sorted(providers))


def _events(events: Iterable[type], manifests: Sequence[Manifest]) -> Iterable[str]:
    for name in sorted(wire_name(event) for event in events):
        listening = sorted(
            {other.name for other in manifests for each in other.subscriptions if wire_name(each.event) == name}
        )
        yield f"`{name}`" + (f" (heard by {', '.join(listening)})" if listening else "")


def _subscriptions(manifest: Manifest) -> list[str]:
    return sorted(
        f"`{wire_name(each.event)}` by `{each.handler.__name__}` ({KINDS[each.kind]})"
        for each in manifest.subscriptions
    )


def _command_lines(manifest: Manifest) -> Iterable[str]:
    for command in manifest.commands:
        inner = getattr(command, "commands", None)
        yield from (f"{command.name} {name}" for name in sorted(inner)) if inner else [str(command.name)]


def _tables(manifest: Manifest) -> list[str]:
    return [f"`{name}`" for name in sorted(manifest.metadata.tables)] if manifest.metadata is not None else []
