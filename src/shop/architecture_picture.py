"""docs/pictures/architecture.svg from the manifests: the processes around PostgreSQL, and who asks and hears whom.

One file for light and dark pages: it brings its own ground and follows the reader's colour scheme. Everything that comes
from a manifest is laid out here, so that a new module needs no drawing. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from html import escape
from textwrap import wrap
from typing import Final

from shop.kernel.events import wire_name
from shop.kernel.manifest import Manifest

WIDTH: Final = 1200
MARGIN: Final = 40
BOX: Final = 190
"""Width of a module."""
SPACE: Final = 32
"""Between columns: five of them fill the picture, more make it wider."""
LANE: Final = 16
"""Height that an arrow takes which passes a column of modules."""
GAP: Final = 26
LINE: Final = 15
LETTERS: Final = 28
"""That fit into a line of a module's box."""
SWEEPS: Final = 12
DATABASE_TOP: Final = 308
ROW: Final = 42
STYLE: Final = """
  svg {
    --ground: #fcfaf5; --box: #fff; --tint: #eef3ec; --line: #d3c9b6;
    --ink: #1b211d; --soft: #565b52; --ask: #17493a; --tell: #a8431a;
  }
  @media (prefers-color-scheme: dark) {
    svg {
      --ground: #10151d; --box: #1c242f; --tint: #182029; --line: #3c4856;
      --ink: #f3eee2; --soft: #b4b6b6; --ask: #8fd6ae; --tell: #f6a876;
    }
  }
  text { font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--soft); }
  .title { font-size: 14px; font-weight: 650; fill: var(--ink); }
  .head { font-size: 18px; font-weight: 650; fill: var(--ink); }
  .tells { fill: var(--tell); }
  .asked { fill: var(--ask); }
  .mid { text-anchor: middle; }
  .end { text-anchor: end; }
  rect { fill: var(--box); stroke: var(--line); }
  .ground { fill: var(--ground); stroke: none; }
  .panel { fill: var(--tint); }
  .ask { fill: none; stroke: var(--ask); stroke-width: 1.5; }
  .tell { fill: none; stroke: var(--tell); stroke-width: 1.5; stroke-dasharray: 5 4; }
  .tip-ask { fill: var(--ask); }
  .tip-tell { fill: var(--tell); }
"""
TITLE: Final = "Web server, relay and worker around PostgreSQL and Valkey, and the modules that they all run"


@dataclass(frozen=True)
class Node:
    """A module in its column, or with `lines` empty the lane of an arrow that passes it."""

    name: str
    lines: tuple[tuple[str, str], ...]

    @property
    def height(self) -> float:
        return 40 + LINE * len(self.lines) if self.lines else LANE


Columns = list[list[Node]]
Links = set[tuple[str, str]]
Places = Mapping[str, tuple[float, float]]
"""Left and middle of each node."""


def architecture_picture(manifests: Sequence[Manifest]) -> str:
    columns, links = _columns(manifests)
    top = _database_bottom(manifests) + 50
    places, bottom = _placed(columns, top + 76)
    width = max(WIDTH, _offset(len(columns)) + MARGIN - SPACE + 20)
    height = int(bottom + 70)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
            f'<title id="title">{TITLE}</title>',
            f"<style>{STYLE}</style>",
            _tip("ask"),
            _tip("tell"),
            f'<rect class="ground" width="{width}" height="{height}" rx="18"/>',
            *_processes(manifests),
            *_graph(columns, links, places, (width, top, bottom)),
            "</svg>",
            "",
        ]
    )


def _tip(kind: str) -> str:
    return (
        f'<marker id="tip-{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="tip-{kind}" d="M0 0 8 4 0 8z"/></marker>'
    )


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{styled}>{escape(words, quote=False)}</text>'


def _box(at: tuple[float, float], size: tuple[float, float], title: str, *lines: str) -> Iterator[str]:
    (x, y), (width, height) = at, size
    yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="10"/>'
    yield _text(x + 14, y + 25, title, "title")
    for number, line in enumerate(lines):
        yield _text(x + 14, y + 47 + 18 * number, line)


def _arrow(kind: str, path: str) -> str:
    return f'<path class="{kind}" d="{path}" marker-end="url(#tip-{kind})"/>'


def _processes(manifests: Sequence[Manifest]) -> Iterator[str]:
    """The upper half: who runs, and how a fact gets from one transaction to the next."""
    yield _text(MARGIN, 44, "One image, three kinds of process", "head")
    for x, words in ((40, "Shoppers"), (150, "Staff"), (260, "Programs")):
        yield f'<rect x="{x}" y="66" width="106" height="40" rx="10"/>'
        yield _text(x + 53, 91, words, "title mid")
        yield _arrow("ask", f"M{x + 53} 106V134")
    names = {manifest.name for manifest in manifests}
    providers = sorted({each for m in manifests for named in m.provides_many.values() for each in named} - names)
    yield '<rect x="690" y="66" width="470" height="40" rx="10"/>'
    yield _text(704, 91, "Providers", "title")
    yield _text(790, 91, f"{', '.join(providers)}; a mail server")
    yield _arrow("ask", "M366 158H520V86H684")
    yield _arrow("ask", "M1055 140V112")
    web = ("pages, JSON API, back office", "gateway: hosts, limits, pages from memory", "commits before it answers")
    yield from _box((40, 140), (326, 104), "web", *web)
    yield from _box((446, 176), (180, 68), "relay", "outbox and scheduler")
    yield from _box((690, 176), (180, 68), "Valkey", "wake-ups, counters")
    jobs = ("hears events, does jobs:", "mail, sizes of pictures,", "payments left open")
    yield from _box((950, 140), (210, 104), "worker", *jobs)
    for left, right, words in ((366, 440, "poke"), (626, 684, "ids"), (870, 944, "ids")):
        yield _arrow("tell", f"M{left} 210H{right}")
        yield _text((left + right) / 2 - 3, 202, words, "mid tells")
    yield _arrow("ask", "M203 244V302")
    yield _text(215, 278, "one transaction: rows and outbox", "asked")
    yield _arrow("ask", "M536 244V302")
    yield _text(548, 278, "claims what is due", "asked")
    yield _arrow("ask", "M1055 244V302")
    yield _text(1043, 278, "one transaction: inbox and effect", "asked end")
    yield from _database(manifests)


def _database(manifests: Sequence[Manifest]) -> Iterator[str]:
    rows = _schemas(manifests)
    yield from _box(
        (MARGIN, DATABASE_TOP), (WIDTH - 2 * MARGIN, _database_bottom(manifests) - DATABASE_TOP), "PostgreSQL"
    )
    yield _text(
        154, 333, "is the truth: Valkey may be lost at any time. No key, join or query leaves a module's schema."
    )
    for number, row in enumerate(rows):
        x, y = MARGIN + 14, DATABASE_TOP + 42 + ROW * number
        for words in row:
            width = _chip(words)
            yield f'<rect class="panel" x="{x}" y="{y}" width="{width}" height="32" rx="16"/>'
            yield _text(x + width / 2, y + 20, words, "mid asked")
            x += width + 8


def _database_bottom(manifests: Sequence[Manifest]) -> int:
    return DATABASE_TOP + 46 + ROW * len(_schemas(manifests))


def _schemas(manifests: Sequence[Manifest]) -> list[list[str]]:
    """Rows that fit into the picture."""
    rows: list[list[str]] = [[]]
    for words in ("kernel: outbox, inbox", *(each.name for each in manifests if each.metadata is not None)):
        if sum(_chip(each) + 8 for each in (*rows[-1], words)) > WIDTH - 2 * MARGIN - 20:
            rows.append([])
        rows[-1].append(words)
    return rows


def _chip(words: str) -> int:
    return round(24 + 6.8 * len(words))


def _columns(manifests: Sequence[Manifest]) -> tuple[Columns, Links]:
    """Modules by how far they are from those that nobody asks, in an order that lets few arrows cross; an arrow that
    passes columns gets a lane in each."""
    provider = {protocol: manifest.name for manifest in manifests for protocol in manifest.provides}
    asks = {m.name: {provider[p] for p in m.requires if p in provider} - {m.name} for m in manifests}
    depth = dict.fromkeys(asks, 0)
    for name in reversed(list(TopologicalSorter({each: sorted(asked) for each, asked in asks.items()}).static_order())):
        for asked in asks[name]:
            depth[asked] = max(depth[asked], depth[name] + 1)
    columns: Columns = [[] for _ in range(max(depth.values()) + 1)]
    for manifest in manifests:
        columns[depth[manifest.name]].append(Node(manifest.name, tuple(_told(manifest))))
    links: Links = set()
    for name, all_asked in asks.items():
        for asked in sorted(all_asked):
            before = name
            for number in range(depth[name] + 1, depth[asked]):
                lane = Node(f"{name}>{asked}@{number}", ())
                columns[number].append(lane)
                links.add((before, lane.name))
                before = lane.name
            links.add((before, asked))
    return _untangled(columns, links), links


def _told(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """What stands in a module's box: what it can be asked, what it tells, whom it hears. Lines with their class."""
    ports = [each.__name__ for each in manifest.provides]
    events = [_short(wire_name(event)) for event in manifest.events]
    heard = sorted({wire_name(s.event).split(".")[0] for s in manifest.subscriptions} - {manifest.name})
    for kind, label, words in (("asked", "", ports), ("tells", "tells ", events), ("", "hears ", heard)):
        if words:
            yield from ((kind, line) for line in wrap(label + ", ".join(words), LETTERS))
    if not (ports or events or heard):
        yield "", "only asks others" if manifest.requires else "the staff's frame"


def _short(name: str) -> str:
    return name.split(".")[1].replace("_", " ")


def _untangled(columns: Columns, links: Links) -> Columns:
    """Each node to the mean place of those it is linked with, back and forth (Sugiyama's barycentres), then neighbours
    changed about as long as that helps."""
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for number in range(1, len(columns)) if forth else range(len(columns) - 2, -1, -1):
            places = _shares(columns)
            columns[number].sort(key=lambda node: (_mean(node, links, places, back=forth), node.name))
    least = _crossings(columns, links)
    better = True
    while better:
        better = False
        for column in columns:
            for place in range(len(column) - 1):
                column[place : place + 2] = column[place + 1], column[place]
                crossings = _crossings(columns, links)
                if crossings < least:
                    least, better = crossings, True
                else:
                    column[place : place + 2] = column[place + 1], column[place]
    return columns


def _shares(columns: Columns) -> dict[str, float]:
    """How far down its column each node stands, from 0 to 1."""
    return {node.name: place / max(1, len(column) - 1) for column in columns for place, node in enumerate(column)}


def _crossings(columns: Columns, links: Links) -> int:
    at = {node.name: (number, place) for number, column in enumerate(columns) for place, node in enumerate(column)}
    return sum(at[a][0] == at[c][0] and at[a][1] < at[c][1] and at[b][1] > at[d][1] for a, b in links for c, d in links)


def _mean(node: Node, links: Links, places: Mapping[str, float], *, back: bool) -> float:
    near = [places[a] for a, b in links if b == node.name] if back else [places[b] for a, b in links if a == node.name]
    return sum(near) / len(near) if near else places[node.name]


def _placed(columns: Columns, top: float) -> tuple[Places, float]:
    tall = max(_tall(column) for column in columns)
    places = {}
    for number, column in enumerate(columns):
        spare = (tall - _tall(column)) / (len(column) + 1)
        y = top + spare
        for node in column:
            places[node.name] = (_offset(number), y + node.height / 2)
            y += node.height + GAP + spare
    return places, top + tall


def _offset(column: int) -> int:
    return MARGIN + 20 + (BOX + SPACE) * column


def _tall(column: Iterable[Node]) -> float:
    return sum(node.height + GAP for node in column) - GAP


def _graph(columns: Columns, links: Links, places: Places, extent: tuple[float, float, float]) -> Iterator[str]:
    """The lower half: the modules, left those that nobody asks."""
    width, top, bottom = extent
    yield _text(MARGIN, top, "The modules that each of them runs", "head")
    frame = f'width="{width - 2 * MARGIN}" height="{bottom - top + 10:g}"'
    yield f'<rect class="panel" x="{MARGIN}" y="{top + 20:g}" {frame} rx="10"/>'
    yield _arrow("ask", f"M{MARGIN + 20} {top + 45:g}H{MARGIN + 60}")
    yield _text(MARGIN + 70, top + 49, "asks: a port, typed and batched; no module imports another")
    yield _text(
        MARGIN + 480, top + 49, "tells: an event, once committed, and once only for each that hears it", "tells"
    )
    nodes = {node.name: node for column in columns for node in column}
    leaving = {name: sorted((b for a, b in links if a == name), key=lambda b: places[b][1]) for name in nodes}
    coming = {name: sorted((a for a, b in links if b == name), key=lambda a: places[a][1]) for name in nodes}
    for a, b in sorted(links):
        start = places[a][0] + BOX, _side(nodes[a], places[a][1], leaving[a], b)
        end = places[b][0], _side(nodes[b], places[b][1], coming[b], a)
        bend = (end[0] - start[0]) / 2
        curve = f"M{start[0]:g} {start[1]:.1f}C{start[0] + bend:g} {start[1]:.1f} {end[0] - bend:g} {end[1]:.1f}"
        if nodes[b].lines:
            yield _arrow("ask", f"{curve} {end[0] - 1:g} {end[1]:.1f}")
        else:
            yield f'<path class="ask" d="{curve} {end[0]:g} {end[1]:.1f}h{BOX}"/>'
    for name, node in nodes.items():
        if node.lines:
            yield from _module(node, *places[name])


def _side(node: Node, middle: float, ends: Sequence[str], end: str) -> float:
    """Where on a module's side the arrow to or from `end` meets it; arrows share the side evenly."""
    if not node.lines:
        return middle
    return middle - node.height / 2 + node.height * (ends.index(end) + 1) / (len(ends) + 1)


def _module(node: Node, x: float, middle: float) -> Iterator[str]:
    top = middle - node.height / 2
    yield f'<rect x="{x:g}" y="{top:.1f}" width="{BOX}" height="{node.height:g}" rx="10"/>'
    yield _text(x + 12, top + 23, node.name, "title")
    for number, (kind, line) in enumerate(node.lines):
        yield _text(x + 12, top + 42 + LINE * number, line, kind)
