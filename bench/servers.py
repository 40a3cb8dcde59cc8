"""Starts and stops what is measured: a whole shop on a data folder of its own, and the bare limit beside it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from shop.kernel import embedded

ROOT = Path(__file__).parents[1]
ADMIN_EMAIL, ADMIN_PASSWORD = "bench@example.com", "a-password-for-one-run"
START_WITHIN = 90.0  # seconds; the first start makes the database cluster
STOP_WITHIN = 40.0


class StartError(Exception):
    """Something that is to be measured doesn't start; the message says what, and the end of its log."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A process and those it starts, from `start` to `stop`; also a context manager for a started one."""

    name = "server"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log_file = folder / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> psutil.Process:
        if self._process is None:
            raise StartError(f"{self.name} is not running")
        return psutil.Process(self._process.pid)

    def tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def _launch(self, command: list[str], environment: Mapping[str, str], ready: str) -> None:
        """Returns when `ready` is answered with 200. Raises StartError."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                command, env={**os.environ, **environment}, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_WITHIN
        url = f"http://127.0.0.1:{self.port}{ready}"
        while not _answers(url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                last_words = "\n  ".join(self.log_file.read_text(errors="replace").splitlines()[-12:])
                self.stop()
                raise StartError(f"{self.name} did not answer {url}. The end of its log:\n  {last_words}")
            time.sleep(0.1)

    def stop(self) -> None:
        """SIGTERM, patience, then SIGKILL for whatever is left of the tree."""
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            tree = psutil.Process(process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            tree = []
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for left in psutil.wait_procs(tree, timeout=2)[1]:
            left.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Shop(Server):
    """`shop serve` with the settings that a merchant gets, but for the limits on how often one client may ask."""

    name = "shop"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.data_dir = folder / "data"
        self.environment = {
            "SHOP_DATA_DIR": str(self.data_dir),
            "SHOP_PORT": str(self.port),
            "SHOP_ADMIN_EMAIL": ADMIN_EMAIL,
            "SHOP_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "SHOP_DEMO": "1",
            "SHOP_RATE_LIMITS": "off",
            "SHOP_DATABASE_URL": "",
            "SHOP_REDIS_URL": "",
        }

    def start(self, **settings: str) -> Self:
        """Raises StartError."""
        self._launch([sys.executable, "-P", "-m", "shop.cli", "serve"], {**self.environment, **settings}, "/readyz")
        return self

    def command(self, *arguments: str) -> None:
        """Runs `shop ARGUMENTS` beside it. Raises StartError."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "shop.cli", *arguments],
            env={**os.environ, **self.environment},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise StartError(f"`shop {' '.join(arguments)}` failed:\n{done.stdout.decode(errors='replace')[-2000:]}")

    def workers(self) -> list[int]:
        """The processes that answer requests: the children of the one that listens first."""
        for child in self.process.children():
            if child.cmdline()[-1:] == ["web"]:
                return sorted(each.pid for each in child.children())
        raise StartError("the shop has no web process")

    def database_url(self, name: str) -> str:
        """An empty database of this name on the shop's own PostgreSQL server, made when it isn't there."""
        urls = embedded.discover(self.data_dir)
        if urls is None:
            raise StartError("the shop's services can't be found")
        with psycopg.connect(urls.database_owner_url, autocommit=True) as connection:
            found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(f"create database {name}")
        return urlunsplit(urlsplit(urls.database_owner_url)._replace(path=f"/{name}"))

    def memory(self) -> dict[str, int]:
        """Bytes of proportional set size by part, database and Valkey included."""
        parts: dict[str, int] = {}
        for process in self.tree():
            with suppress(psutil.NoSuchProcess):  # autovacuum comes and goes
                part = _part(process)
                parts[part] = parts.get(part, 0) + _pss(process)
        return parts


class Bare(Server):
    """The bare limit, unmodified, under the same server with as many processes, on the shop's PostgreSQL."""

    name = "bare"

    def __init__(self, folder: Path, program: Path) -> None:
        super().__init__(folder)
        self._program = program

    def start(self, database_url: str, workers: int) -> Self:
        """Raises StartError."""
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", str(workers)]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--no-ws", "--loop", "uvloop"]
        command += ["--log-level", "warning", f"{self._program.stem}:app"]
        environment = {"LIMIT_DATABASE_URL": database_url, "PYTHONPATH": str(self._program.parent)}
        self._launch(command, environment | {"PYTHONDONTWRITEBYTECODE": "1"}, "/mem")
        return self

    def workers(self) -> list[int]:
        return sorted(
            each.pid for each in self.process.children() if "resource_tracker" not in " ".join(each.cmdline())
        )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _part(process: psutil.Process) -> str:
    name = process.name()
    if name.startswith("postgres"):
        return "PostgreSQL"
    if name.startswith("valkey"):
        return "Valkey"
    return {"serve": "supervisor"}.get(process.cmdline()[-1], process.cmdline()[-1])


def _pss(process: psutil.Process) -> int:
    memory = process.memory_full_info()
    return int(getattr(memory, "pss", memory.uss))
