"""Any file as UTF-8 bytes: unpacked from .gz, .xz or .zip while it is read, and recoded from what a mark or the mapping
says. What it unpacks to is bounded, so that a small file can't fill the disk."""

import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

from shop.modules.catalog.importing.reader import UnreadableFile

CHUNK: Final = 64 * 1024
MAX_UNPACKED: Final = 4 * 2**30
MAX_RATIO: Final = 100
"""Real product files shrink to a tenth; a hundred times is a bomb's way."""
FREE_UNPACKED: Final = 64 * 2**20
"""Bytes below which the ratio doesn't matter."""
_XZ_MEMORY: Final = 128 * 2**20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EXCEL: Final = "an Excel workbook: open it, save the sheet as CSV in UTF-8, and import that"
_NO_TABLES: Final = (
    (b"\xd0\xcf\x11\xe0", _EXCEL),
    (b"%PDF", "a PDF document, and not CSV or JSON"),
    (b"\x89PNG", "a picture, and not CSV or JSON"),
    (b"\xff\xd8\xff", "a picture, and not CSV or JSON"),
    (b"Rar!", "a RAR archive: unpack it, and import what is in it"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it, and import what is in it"),
)
"""What people take for the table that is in it."""
_WORKBOOKS: Final = {"[Content_Types].xml": _EXCEL, "content.xml": _EXCEL.replace("Excel", "OpenDocument")}


class _Stream(io.RawIOBase):
    """`read_some(n)` as a raw stream."""

    def __init__(self, read_some: Callable[[int], bytes]) -> None:
        super().__init__()
        self._read_some = read_some

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        chunk = self._read_some(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _buffered(read_some: Callable[[int], bytes]) -> io.BufferedReader:
    stream: Any = _Stream(read_some)
    return io.BufferedReader(stream, CHUNK)


class OpenFile:
    """The bytes of a file as UTF-8 without a mark. `packed_position` of `packed_size` bytes on disk have been read;
    `marked` says that a byte order mark told the encoding."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        """Raises UnreadableFile; so does reading `stream`."""
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise UnreadableFile(f"{path} can't be read: {error.strerror}") from None
        try:
            self.packed_size = path.stat().st_size
            unpacked = _buffered(self._unpacked(path))
            self.stream, self.marked = _recoded(unpacked, encoding)
        except BaseException:
            self._file.close()
            raise

    @property
    def packed_position(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def _unpacked(self, path: Path) -> Callable[[int], bytes]:
        start = self._file.read(6)
        self._file.seek(0)
        if what := next((what for mark, what in _NO_TABLES if start.startswith(mark)), None):
            raise UnreadableFile(f"{path.name} is {what}")
        if start.startswith(b"\x1f\x8b"):
            return self._bounded(gzip.GzipFile(fileobj=self._file, mode="rb").read)
        if start.startswith(b"\xfd7zXZ\x00"):
            return self._bounded(_xz(self._file))
        if start.startswith(b"PK\x03\x04"):
            return self._bounded(_only_member(self._file, path).read)
        return self._file.read

    def _bounded(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        most = min(max(FREE_UNPACKED, MAX_RATIO * self.packed_size), MAX_UNPACKED)
        total = 0

        def read_some(count: int) -> bytes:
            nonlocal total
            try:
                chunk = read(min(count, CHUNK))
            except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError) as error:
                raise UnreadableFile(f"the packed file is damaged: {error}") from None
            total += len(chunk)
            if total > most:
                raise UnreadableFile(f"unpacks to more than {most // 2**20} MB: unpack it yourself if that is right")
            return chunk

        return read_some


def _xz(file: BinaryIO) -> Callable[[int], bytes]:
    """`LZMAFile` knows no limit of memory."""
    decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(count: int) -> bytes:
        while not decompressor.eof:
            packed = file.read(CHUNK) if decompressor.needs_input else b""
            if decompressor.needs_input and not packed:
                raise EOFError("it ends too early")
            if chunk := decompressor.decompress(packed, count):
                return chunk
        return b""

    return read


def _only_member(file: BinaryIO, path: Path) -> BinaryIO:
    try:
        archive = zipfile.ZipFile(file)
        if what := next((what for name, what in _WORKBOOKS.items() if name in archive.namelist()), None):
            raise UnreadableFile(f"{path.name} is {what}")
        members = [
            each
            for each in archive.infolist()
            if not each.is_dir()
            and not each.filename.startswith("__MACOSX/")
            and not each.filename.endswith(".DS_Store")
        ]
        if len(members) != 1:
            names = ", ".join(each.filename for each in members[:5])
            raise UnreadableFile(f"{path.name} holds {len(members)} files where one is needed: {names}")
        return archive.open(members[0])  # type: ignore[return-value]  # reads like any binary file
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise UnreadableFile(f"{path.name} can't be unpacked: {error}") from None


def _recoded(stream: io.BufferedReader, encoding: str | None) -> tuple[io.BufferedReader, bool]:
    start = stream.peek(4)[:4]
    mark, told = next(((mark, name) for mark, name in _MARKS if start.startswith(mark)), (b"", ""))
    stream.read(len(mark))
    encoding = told or encoding
    if encoding is None or codecs.lookup(encoding).name == "utf-8":
        return stream, bool(told)
    decoder = codecs.getincrementaldecoder(encoding)()
    pending = b""

    def read_some(count: int) -> bytes:
        nonlocal pending
        while not pending:
            chunk = stream.read1(CHUNK)
            try:
                pending = decoder.decode(chunk, final=not chunk).encode()
            except UnicodeError:
                raise UnreadableFile(
                    f"not {encoding} text: save it as CSV in UTF-8, or name its encoding in the mapping"
                ) from None
            if not chunk:
                break
        piece, pending = pending[:count], pending[count:]
        return piece

    return _buffered(read_some), bool(told)


def with_line_feeds(stream: io.BufferedReader) -> io.BufferedReader:
    """Lines that end as on an old Macintosh, in a carriage return alone, end in a line feed instead."""
    start = stream.peek()
    if b"\r" not in start[:-1] or b"\n" in start:
        return stream
    return _buffered(lambda count: stream.read1(count).replace(b"\r", b"\n"))
