"""The files of an import while it lasts: in the data folder, which web and workers share, a folder for each run."""

import re
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from shop.kernel.config import settings
from shop.kernel.media.store import MAX_BYTES
from shop.modules.catalog.importing.reader import UnreadableFile

PICTURES: Final = frozenset({".webp", ".avif", ".png", ".jpg", ".jpeg", ".gif", ".svg"})
MAX_PICTURES: Final = 200_000
MAX_UNPACKED: Final = 8 * 2**30
_CHUNK: Final = 2**20
_IMAGES_ZIP: Final = "images.zip"
_IMAGES: Final = "images"
_GOODS: Final = "goods"


def folder_of(run_id: UUID) -> Path:
    return settings().data_dir / "imports" / str(run_id)


def kept_runs() -> set[UUID]:
    """Runs of which there are files."""
    folders = (settings().data_dir / "imports").glob("*-*-*-*-*")
    return {UUID(folder.name) for folder in folders}


def keep_upload(run_id: UUID, name: str, goods: IO[bytes], images: IO[bytes] | None) -> int:
    """Bytes of the goods' file. Raises OSError; nothing is left then."""
    folder = folder_of(run_id)
    path = folder / _GOODS / plain_name(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _copy(goods, path)
        if images:
            _copy(images, folder / _IMAGES_ZIP)
        return path.stat().st_size
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _copy(source: IO[bytes], target: Path) -> None:
    source.seek(0)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def plain_name(name: str) -> str:
    """A stranger's file name as one that any disk takes."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w.-]+", "_", last)[-80:].lstrip(".") or "file"


def goods_path(run_id: UUID) -> Path:
    """Raises UnreadableFile when it is no longer there."""
    found = next((folder_of(run_id) / _GOODS).glob("*"), None)
    if found is None:
        raise UnreadableFile("the uploaded file is no longer there: upload it again")
    return found


def forget(run_id: UUID) -> None:
    shutil.rmtree(folder_of(run_id), ignore_errors=True)


def images_folder(run_id: UUID) -> Path | None:
    """The uploaded images, unpacked when they are first asked for; None without any. Raises UnreadableFile."""
    packed, folder = folder_of(run_id) / _IMAGES_ZIP, folder_of(run_id) / _IMAGES
    if packed.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            _unpack(packed, folder)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise UnreadableFile(f"the zip file of images can't be unpacked: {error}") from None
        packed.unlink()
    return folder if folder.is_dir() else None


def _unpack(packed: Path, folder: Path) -> None:
    """Pictures alone, by their own names; what is larger than a picture may be is cut there, and refused as one later."""
    total = count = 0
    with zipfile.ZipFile(packed) as archive:
        for member in archive.infolist():
            name = member.filename.replace("\\", "/").rsplit("/", 1)[-1]
            if member.is_dir() or member.filename.startswith("__MACOSX/") or Path(name).suffix.lower() not in PICTURES:
                continue
            count += 1
            with archive.open(member) as source, (folder / name[-200:]).open("wb") as target:
                left = MAX_BYTES + 1
                while left and (chunk := source.read(min(_CHUNK, left))):
                    left -= len(chunk)
                    total += target.write(chunk)
            if total > MAX_UNPACKED or count > MAX_PICTURES:
                raise UnreadableFile(
                    f"the zip file of images holds more than {MAX_PICTURES:,} pictures or {MAX_UNPACKED // 2**30} GB"
                )
