"""The embedded Valkey: wake-ups, cache and rate counters, all of which may be lost, so nothing is written to disk."""

import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

from shop.kernel.embedded.binaries import valkey_program
from shop.kernel.embedded.processes import Account, Step, spawn

MAX_MEMORY = "64mb"


class Valkey:
    """A Valkey server on one Unix socket; `spawn` may be called again each time the server has died."""

    name = "Valkey"
    stop_steps = (Step(signal.SIGTERM, 5),)

    def __init__(self, socket_dir: Path, account: Account | None) -> None:
        self.socket = socket_dir / "valkey.sock"
        self._account = account
        self._program = valkey_program(account)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Starts the server and returns at once. Raises OSError."""
        self.socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.socket.parent),
            "save": "",
            "appendonly": "no",
            "maxmemory": MAX_MEMORY,
            # Cache keys have a time to live and may be evicted, the broker's have none and must not be.
            "maxmemory-policy": "volatile-lru",
            "loglevel": "warning",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return spawn(
            [self._program, *options],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd=self.socket.parent,
            log=log,
            account=self._account,
        )

    def is_ready(self, _pid: int) -> bool:
        return answers_ping(self.socket)


def answers_ping(path: Path) -> bool:
    """Whether a Valkey server on the Unix socket `path` answers PING within a second."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
