"""The data folder's lock and its note of running services: one shop per folder, and its commands find it.

The lock is a `flock`, which the kernel drops with the process that holds it: it can't go stale.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import IO, Any, NamedTuple

LOCK_FILE, SERVICES_FILE = "shop.lock", "services.json"


class ServicesUrls(NamedTuple):
    """Where the services are; empty for one that was not started here because the settings name another.

    Nobody can use `database_url` before `kernel.migrate.upgrade` has run as the owner: it makes the role.
    """

    database_url: str
    redis_url: str
    database_owner_url: str = ""


class DataDirBusy(Exception):
    """Another process runs a shop on this data folder; the message says which."""


class DataDirLock:
    """The exclusive right to run services on a data folder."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def release(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def take_lock(data_dir: Path) -> DataDirLock:
    """Locks `data_dir`, which is made when missing. Raises DataDirBusy."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = (data_dir / LOCK_FILE).open("a+")
    for attempt in range(5):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if attempt == 4:
                file.seek(0)
                holder = file.read().strip() or "another process"
                file.close()
                raise DataDirBusy(
                    f"{data_dir} is in use by {holder}. Stop that one, or set SHOP_DATA_DIR (and SHOP_PORT) for a "
                    "second shop."
                ) from None
            time.sleep(0.05)  # is_locked() of some command may hold it for a moment
    file.truncate(0)
    file.write(f"pid {os.getpid()} ({Path(sys.argv[0]).name} {' '.join(sys.argv[1:])})".replace(" )", ")"))
    file.flush()
    return DataDirLock(file)


def is_locked(data_dir: Path) -> bool:
    """Whether a live process holds `data_dir`."""
    try:
        with (data_dir / LOCK_FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def write_note(data_dir: Path, urls: ServicesUrls, socket_dir: Path) -> None:
    """Tells other commands where the services are; whole or not at all."""
    note = data_dir / SERVICES_FILE
    fresh = note.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": os.getpid(), "socket_dir": str(socket_dir), **urls._asdict()}) + "\n")
    fresh.replace(note)


def read_note(data_dir: Path) -> dict[str, Any] | None:
    """The note of the services last started on `data_dir`, which may be long dead."""
    try:
        note = json.loads((data_dir / SERVICES_FILE).read_text())
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) and {"socket_dir", "database_url", "redis_url"} <= note.keys() else None


def remove_note(data_dir: Path) -> None:
    (data_dir / SERVICES_FILE).unlink(missing_ok=True)
