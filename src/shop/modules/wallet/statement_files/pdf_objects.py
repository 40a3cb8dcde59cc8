"""A PDF file (ISO 32000-1) written front to back: each page goes to disk as it is made, and of it stay eight bytes that tell
where. Libraries for PDF keep every page until the end, which for a statement of 20,000 pages takes gigabytes.
"""

import zlib
from array import array
from collections.abc import Mapping
from typing import BinaryIO, Final

KIDS: Final = 100
"""Of a node of the tree of pages, in which a reader finds page 15,000 by a few steps."""
_ESCAPES: Final = {ord("\\"): rb"\\", ord("("): rb"\(", ord(")"): rb"\)"}
_NEEDS_ESCAPE: Final = frozenset(_ESCAPES)


def literal(text: bytes) -> bytes:
    """A string of a content stream, in the encoding of its font."""
    if not _NEEDS_ESCAPE.isdisjoint(text):
        text = b"".join(_ESCAPES.get(byte, bytes((byte,))) for byte in text)
    return b"(" + text + b")"


def text_string(text: str) -> bytes:
    """A string that people read outside pages, such as the title: any characters."""
    return b"<FEFF" + text.encode("utf-16-be").hex().encode() + b">"


class PdfFile:
    """Pages of one size and one set of fonts. `close` makes it whole."""

    def __init__(self, file: BinaryIO, size: tuple[float, float], fonts: Mapping[str, str]) -> None:
        """`size` in points; `fonts` are of the fourteen that every reader has, by the name that pages call them."""
        self._file = file
        self._at = 0
        self._offsets = array("Q")
        self._levels: list[_Node] = []
        self.pages = 0
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        numbers = {name: self._reserve() for name in fonts}
        for name, font in fonts.items():
            self._put(
                numbers[name],
                f"<</Type/Font/Subtype/Type1/BaseFont/{font}/Encoding/WinAnsiEncoding>>".encode(),
            )
        named = "".join(f"/{name} {number} 0 R" for name, number in numbers.items())
        self._inherited = f"/MediaBox[0 0 {size[0]:g} {size[1]:g}]/Resources<</Font<<{named}>>>>".encode()

    def add_page(self, content: bytes) -> None:
        packed = zlib.compress(content, 6)
        stream = self._reserve()
        self._put(stream, b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream")
        page = self._reserve()
        self._put(page, b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (self._parent_of(0, page, 1), stream))
        self.pages += 1

    def close(self, *, title: str, author: str, language: str, identity: bytes) -> None:
        """`identity` is 16 bytes of this file alone. The title is what a reader shows in place of the file's name."""
        catalog, info = self._reserve(), self._reserve()
        root = self._close_tree()
        self._put(
            catalog,
            b"<</Type/Catalog/Pages %d 0 R/Lang(%b)/ViewerPreferences<</DisplayDocTitle true>>>>"
            % (root, language.encode()),
        )
        self._put(info, b"<</Title %b/Author %b>>" % (text_string(title), text_string(author)))
        begins = self._at
        count = len(self._offsets) + 1
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for offset in self._offsets:
            self._write(b"%010d 00000 n \n" % offset)
        self._write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (count, catalog, info, identity.hex().encode(), identity.hex().encode(), begins)
        )

    def _parent_of(self, level: int, kid: int, pages: int) -> int:
        """The number of the node that takes `kid`, a page or a node with so many `pages`. A full one is written when the
        next comes, so that the last one that is left has none above it."""
        if level == len(self._levels):
            self._levels.append(_Node(self._reserve()))
        node = self._levels[level]
        if len(node.kids) == KIDS:
            self._put_node(node, self._parent_of(level + 1, node.number, node.pages))
            node = self._levels[level] = _Node(self._reserve())
        node.kids.append(kid)
        node.pages += pages
        return node.number

    def _close_tree(self) -> int:
        """Returns the number of the root."""
        level = 0
        while level < len(self._levels) - 1:
            node = self._levels[level]
            self._put_node(node, self._parent_of(level + 1, node.number, node.pages))
            level += 1
        root = self._levels[level]
        self._put_node(root, None)
        return root.number

    def _put_node(self, node: "_Node", parent: int | None) -> None:
        above = self._inherited if parent is None else b"/Parent %d 0 R" % parent
        kids = b" ".join(b"%d 0 R" % kid for kid in node.kids)
        self._put(node.number, b"<</Type/Pages%b/Count %d/Kids[%b]>>" % (above, node.pages, kids))

    def _reserve(self) -> int:
        self._offsets.append(0)
        return len(self._offsets)

    def _put(self, number: int, body: bytes) -> None:
        self._offsets[number - 1] = self._at
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


class _Node:
    """Of the tree of pages, as long as it grows."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.kids: list[int] = []
        self.pages = 0
