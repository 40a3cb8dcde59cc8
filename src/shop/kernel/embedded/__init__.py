"""PostgreSQL and Valkey from wheels, started beside the shop when no URL is set: an empty machine is enough.

`start` runs them on a data folder, `discover` finds those that run already. See the submodules for the traps.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from shop.kernel.embedded.binaries import ServicesError, service_account
from shop.kernel.embedded.datadir import (
    DataDirBusy,
    DataDirLock,
    ServicesUrls,
    is_locked,
    read_note,
    remove_note,
    take_lock,
    write_note,
)
from shop.kernel.embedded.postgres import OWNER, SHOP, Postgres
from shop.kernel.embedded.processes import Account, Step, end_strays, stop, wait_until
from shop.kernel.embedded.valkey import Valkey, answers_ping

__all__ = ["DataDirBusy", "Services", "ServicesError", "ServicesUrls", "discover", "launch", "start"]

READY_WITHIN = 120.0  # seconds; recovery after a power cut reads up to max_wal_size of log
LOG_LIMIT = 10_000_000  # bytes
SOCKET_DIR_PREFIX = "shop-"


class Server(Protocol):
    """What Postgres and Valkey have in common."""

    @property
    def name(self) -> str: ...
    @property
    def stop_steps(self) -> tuple[Step, ...]: ...
    @property
    def socket(self) -> Path: ...
    def spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]: ...
    def is_ready(self, pid: int) -> bool: ...


class Service:
    """A running server with its log file."""

    def __init__(self, server: Server, log_file: Path) -> None:
        self.name, self.stop_steps = server.name, server.stop_steps
        self.log_file = log_file
        self._server = server

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server, also after it died, without waiting for it. Raises OSError."""
        with _open_log(self.log_file) as log:
            return self._server.spawn(log)

    def wait_ready(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Returns when the server answers. Raises ServicesError."""
        wait_until(lambda: process.poll() is not None or self._server.is_ready(process.pid), seconds=seconds)
        if process.poll() is not None:
            raise ServicesError(
                f"{self.name} stopped with code {process.returncode} while starting.{self._last_words()}"
            )
        if not self._server.is_ready(process.pid):
            raise ServicesError(f"{self.name} was not ready within {seconds:.0f} s.{self._last_words()}")

    def lost_its_socket(self) -> bool:
        """Whether somebody deleted the socket, as cleaners of /tmp do: the server lives on, but nobody can reach it."""
        return not self._server.socket.exists()

    def trim_log(self) -> None:
        """Moves a long log away under the server, which appends and so goes on at the start of the emptied file."""
        with suppress(OSError):
            if self.log_file.stat().st_size > LOG_LIMIT:
                shutil.copyfile(self.log_file, self.log_file.with_suffix(".log.1"))
                os.truncate(self.log_file, 0)

    def _last_words(self) -> str:
        with suppress(OSError):
            if lines := self.log_file.read_text(errors="replace").splitlines()[-8:]:
                return f" The end of {self.log_file}:\n  " + "\n  ".join(lines)
        return ""


class SocketDir:
    """The private folder of the sockets, in a place where anybody may make folders."""

    def __init__(self, account: Account | None) -> None:
        """A path short enough for a Unix socket; `$TMPDIR` may be long, /tmp never is."""
        try:
            self.path = Path(tempfile.mkdtemp(prefix=SOCKET_DIR_PREFIX, dir="/tmp"))  # made anew, with mode 0700
        except OSError:
            self.path = Path(tempfile.mkdtemp(prefix=SOCKET_DIR_PREFIX))
        self._account = account
        self._hand_over()

    def ensure(self) -> None:
        """Makes the folder again when a cleaner took it. Raises OSError, also when it is now somebody else's."""
        if not self.path.exists():
            self.path.mkdir(mode=0o700)
            self._hand_over()
        owner = self._account.uid if self._account else os.geteuid()
        status = self.path.lstat()
        if status.st_uid != owner or status.st_mode & 0o077:
            raise PermissionError(f"{self.path} is no longer a private folder of this shop")

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _hand_over(self) -> None:
        if self._account:
            os.chown(self.path, self._account.uid, self._account.gid)


class Services:
    """The services of one data folder, from `launch` to `close`."""

    def __init__(
        self, data_dir: Path, lock: DataDirLock, socket_dir: SocketDir, urls: ServicesUrls, parts: list[Service]
    ) -> None:
        self.urls = urls
        self.parts = parts
        self.socket_dir = socket_dir
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._data_dir, self._lock = data_dir, lock

    def spawn(self, part: Service) -> subprocess.Popen[bytes]:
        """Starts `part`, also again after it died, without waiting for it. Raises OSError."""
        self.socket_dir.ensure()
        process = self.processes[part.name] = part.spawn()
        return process

    def close(self) -> None:
        """Stops the servers, last started first, and gives the folder free."""
        for part in reversed(self.parts):
            if process := self.processes.get(part.name):
                stop(process, part.stop_steps)
        remove_note(self._data_dir)
        self.socket_dir.remove()
        self._lock.release()


def launch(data_dir: Path, *, test_mode: bool = False, postgres: bool = True, valkey: bool = True) -> Services:
    """Starts the services on `data_dir` and returns when they answer; the caller owes a `close`.

    `test_mode` trades durability for speed. Raises DataDirBusy, ServicesError.
    """
    data_dir = data_dir.absolute()
    try:
        lock = take_lock(data_dir)
    except OSError as error:
        raise ServicesError(
            f"the data folder {data_dir} can't be used: {error}. Set SHOP_DATA_DIR to another one."
        ) from error
    try:
        _clear_leftovers(data_dir)
        services = _build(data_dir, lock, test_mode=test_mode, postgres=postgres, valkey=valkey)
    except BaseException:
        lock.release()
        raise
    try:
        for part in services.parts:
            services.spawn(part)
        deadline = time.monotonic() + READY_WITHIN
        for part in services.parts:
            part.wait_ready(services.processes[part.name], max(deadline - time.monotonic(), 1))
        write_note(data_dir, services.urls, services.socket_dir.path)
    except OSError as error:
        services.close()
        raise ServicesError(f"the embedded services can't start: {error}") from error
    except BaseException:
        services.close()
        raise
    return services


@contextmanager
def start(data_dir: Path, *, test_mode: bool = False, postgres: bool = True, valkey: bool = True) -> Iterator[Services]:
    """The services on `data_dir` for the duration of a block. Raises DataDirBusy, ServicesError."""
    services = launch(data_dir, test_mode=test_mode, postgres=postgres, valkey=valkey)
    try:
        yield services
    finally:
        services.close()


def discover(data_dir: Path) -> ServicesUrls | None:
    """Where the services of the shop that runs on `data_dir` are, or None when none runs."""
    data_dir = data_dir.absolute()
    if not is_locked(data_dir) or (note := read_note(data_dir)) is None:
        return None
    urls = ServicesUrls(note["database_url"], note["redis_url"], note.get("database_owner_url", ""))
    if urls.redis_url and not answers_ping(Path(note["socket_dir"], "valkey.sock")):
        return None
    return urls


def _build(data_dir: Path, lock: DataDirLock, *, test_mode: bool, postgres: bool, valkey: bool) -> Services:
    cluster = data_dir / "postgres"
    account = service_account(cluster)
    socket_dir = SocketDir(account)
    try:
        parts, urls = [], ServicesUrls("", "")
        if postgres:
            database = Postgres(cluster, socket_dir.path, account, test_mode=test_mode)
            part = Service(database, data_dir / "log" / "postgres.log")
            with _open_log(part.log_file) as log:
                database.prepare(log)
            parts.append(part)
            urls = urls._replace(database_url=database.url(SHOP), database_owner_url=database.url(OWNER))
        if valkey:
            broker = Valkey(socket_dir.path, account)
            parts.append(Service(broker, data_dir / "log" / "valkey.log"))
            urls = urls._replace(redis_url=broker.url)
    except BaseException:
        socket_dir.remove()
        raise
    return Services(data_dir, lock, socket_dir, urls, parts)


def _clear_leftovers(data_dir: Path) -> None:
    """Removes what a killed shop left behind; the caller holds the lock."""
    if note := read_note(data_dir):
        socket_dir = Path(note["socket_dir"])
        if socket_dir.name.startswith(SOCKET_DIR_PREFIX) and socket_dir.exists():
            end_strays("valkey-server", socket_dir.resolve(), Valkey.stop_steps)
            shutil.rmtree(socket_dir, ignore_errors=True)
    remove_note(data_dir)


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")
