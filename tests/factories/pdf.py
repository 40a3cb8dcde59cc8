"""A reader of PDF files that forgives nothing: every offset, length, count and link has to be right, and no byte left over."""

import re
import zlib
from typing import NamedTuple

from shop.modules.wallet.statement_files.helvetica import BOLD, REGULAR

WIDTHS = {"R": REGULAR, "B": BOLD}
SHOWN = re.compile(rb"1 0 0 1 (-?[\d.]+) (-?[\d.]+) Tm \(((?:[^\\()]|\\.)*)\) Tj")


class Text(NamedTuple):
    """A piece of text where it stands, in points."""

    x: float
    y: float
    text: str
    font: str
    size: float

    @property
    def ends(self):
        return self.x + sum(WIDTHS[self.font][byte] for byte in self.text.encode("cp1252")) * self.size / 1000


class ReadPdf:
    """`pages` are lists of texts, `catalog`, `info` and `root` the bodies of those objects."""

    def __init__(self, data: bytes) -> None:
        assert data.startswith(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        end = re.search(
            rb"trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R/ID\[<([0-9a-f]{32})><\4>\]>>\nstartxref\n(\d+)\n%%EOF\n$",
            data,
        )
        assert end, data[-300:]
        size, root, info, begins = int(end[1]), int(end[2]), int(end[3]), int(end[5])
        table = data[begins : end.start()]
        head = b"xref\n0 %d\n" % size
        assert table.startswith(head + b"0000000000 65535 f \n")
        entries = table[len(head) :]
        assert len(entries) == 20 * size
        offsets = [int(entries[at : at + 10]) for at in range(20, 20 * size, 20)]
        assert all(entries[at + 10 : at + 20] == b" 00000 n \n" for at in range(20, 20 * size, 20))
        in_order = sorted(offsets)
        assert in_order[0] == 15
        ends = dict(zip(in_order, [*in_order[1:], begins], strict=True))
        self._objects = {
            number: self._body(data[offset : ends[offset]], number) for number, offset in enumerate(offsets, start=1)
        }
        self.catalog, self.info = self._objects[root], self._objects[info]
        found = re.search(rb"/Pages (\d+) 0 R", self.catalog)
        assert found
        self.root = self._objects[int(found[1])]
        self.depth = 0
        self.contents: list[bytes] = []
        assert self._walk(int(found[1]), None, 1) == len(self.contents)

    @staticmethod
    def _body(data: bytes, number: int) -> bytes:
        head, tail = b"%d 0 obj\n" % number, b"\nendobj\n"
        assert data.startswith(head), (number, data[:40])
        assert data.endswith(tail), (number, data[-40:])
        return data[len(head) : -len(tail)]

    def _walk(self, number: int, parent: int | None, depth: int) -> int:
        """Pages below this node or page."""
        self.depth = max(self.depth, depth)
        body = self._objects[number]
        above = re.search(rb"/Parent (\d+) 0 R", body)
        assert (int(above[1]) if above else None) == parent
        if body.startswith(b"<</Type/Page/"):
            content = re.search(rb"/Contents (\d+) 0 R", body)
            assert content
            self.contents.append(self._stream(self._objects[int(content[1])]))
            return 1
        tree = re.fullmatch(rb"<</Type/Pages.*/Count (\d+)/Kids\[([\d R]+)\]>>", body)
        assert tree, body
        kids = [int(kid) for kid in re.findall(rb"(\d+) 0 R", tree[2])]
        assert 1 <= len(kids) <= 100
        below = sum(self._walk(kid, number, depth + 1) for kid in kids)
        assert below == int(tree[1])
        return below

    @staticmethod
    def _stream(body: bytes) -> bytes:
        head = re.match(rb"<</Length (\d+)/Filter/FlateDecode>>stream\n", body)
        assert head
        assert body[head.end() + int(head[1]) :] == b"\nendstream"
        return zlib.decompress(body[head.end() : -len(b"\nendstream")])

    @property
    def pages(self) -> list[list[Text]]:
        return [list(_texts(content)) for content in self.contents]

    def words(self, page: int) -> list[str]:
        return [each.text for each in self.pages[page]]


def _texts(content: bytes):
    before, _, rest = content.partition(b"BT\n")
    assert not re.search(rb"T[fmj]\b", before)
    body, end, after = rest.rpartition(b"\nET")
    assert (end, after) == (b"\nET", b"")
    font, size = "", 0.0
    for line in body.split(b"\n"):
        if chosen := re.fullmatch(rb"/([RB]) ([\d.]+) Tf [\d.]+ g", line):
            font, size = chosen[1].decode(), float(chosen[2])
            continue
        shown = SHOWN.fullmatch(line)
        assert shown, line
        text = re.sub(rb"\\(.)", rb"\1", shown[3]).decode("cp1252")
        yield Text(float(shown[1]), float(shown[2]), text, font, size)
