"""A whole shop in processes of its own, whose parts can be found, killed, and asked what they have kept.

The tree that this file stands in is the one that runs, also when it is a copy with a guard taken out.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import httpx
import psutil
import psycopg
import redis

from shop.kernel.embedded.datadir import read_note

ROOT = Path(__file__).parents[2]
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@example.com", "adminadmin123"
READY_WITHIN = 120.0  # seconds; a busy machine with one core to spare needs about 15
BACK_WITHIN = 30.0  # seconds from the death of a part to its answers
STOPPED_WITHIN = 40.0  # seconds; the shop gives itself 20 to drain, its services 15 more

Part = Literal["web", "web worker", "worker", "relay", "Valkey", "PostgreSQL", "PostgreSQL backend"]
PARTS: tuple[Part, ...] = ("web", "web worker", "worker", "relay", "Valkey", "PostgreSQL", "PostgreSQL backend")


class Shop:
    """`shop serve` on a data folder and a port of its own, with the demo catalogue and the sandbox provider."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._settings = settings or {}
        self.data_dir = folder / "data"
        self.log_file = folder / "shop.log"
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "shop.cli", "serve"],
                cwd=folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
        return inherited | {
            "PYTHONPATH": str(ROOT / "src"),
            "SHOP_DATA_DIR": str(self.data_dir),
            "SHOP_PORT": str(self._port),
            "SHOP_DEMO": "1",
            "SHOP_RATE_LIMITS": "off",
            "SHOP_ADMIN_EMAIL": ADMIN_EMAIL,
            "SHOP_ADMIN_PASSWORD": ADMIN_PASSWORD,
            **self._settings,
        }

    def wait_ready(self) -> None:
        """Returns once `/readyz` says yes: database, migrations, worker, outbox."""
        deadline = time.monotonic() + READY_WITHIN
        told = "nothing"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the shop ended with code {self._process.returncode}; {self.last_words()}")
            try:
                answer = httpx.get(f"{self.url}/readyz", timeout=5)
                if answer.status_code == 200:
                    return
                told = answer.text
            except httpx.TransportError as error:
                told = repr(error)
            time.sleep(0.2)
        raise AssertionError(f"not ready within {READY_WITHIN:.0f} s, it says {told}; {self.last_words()}")

    def stop(self) -> None:
        """As an init system does. Fails when a process of the shop is left, which is ended then."""
        family = self._supervisor.children(recursive=True) if self.runs() else []
        if self.runs():
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            family.append(self._supervisor)
        left = [each for each in psutil.wait_procs(family, timeout=2)[1] if _lives(each)]
        for each in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self._process.wait()
        assert not left, f"these processes outlived their shop: {left}; {self.last_words()}"

    def runs(self) -> bool:
        return self._process.poll() is None

    def last_words(self) -> str:
        return f"the end of its log:\n{self.log_file.read_text(errors='replace')[-4000:]}"

    @property
    def _supervisor(self) -> psutil.Process:
        return psutil.Process(self._process.pid)

    def processes(self, part: Part) -> list[psutil.Process]:
        """Those that are `part` at this moment; none while it is being started again."""
        found = []
        for child in self._supervisor.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if _part_of(child) == part:
                    found.append(child)
                elif part in {"web worker", "PostgreSQL backend"} and _part_of(child) == part.rsplit(" ", 1)[0]:
                    found += [each for each in child.children() if part == "web worker" or _serves_the_shop(each)]
        return found

    def kill(self, part: Part) -> bool:
        """kill -9 of one process of that kind, whichever it is; False when there is none at this moment."""
        for process in self.processes(part):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                return True
        return False

    def kill_all(self, part: Part) -> None:
        """kill -9 of every process of that kind; there must be some, and none is left afterwards."""
        victims = self.processes(part)
        assert victims, f"no {part} runs; {self.last_words()}"
        for process in victims:
            process.kill()
        _, left = psutil.wait_procs(victims, timeout=10)
        assert not any(_lives(each) for each in left)

    def freeze(self, part: Part) -> None:
        """As a machine that hangs: the process is there but does nothing."""
        (process,) = self.processes(part)
        process.suspend()

    def thaw(self, part: Part) -> None:
        for process in self.processes(part):
            process.resume()

    def flush_valkey(self) -> None:
        """FLUSHALL, as soon as it answers."""
        deadline = time.monotonic() + BACK_WITHIN
        while True:
            try:
                with redis.Redis.from_url(self._note()["redis_url"]) as valkey:
                    valkey.flushall()
            except redis.ConnectionError:
                assert time.monotonic() < deadline, f"Valkey did not come back; {self.last_words()}"
                time.sleep(0.05)
            else:
                return

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection for looking behind the shop's back, as soon as there is one; autocommit."""
        deadline = time.monotonic() + BACK_WITHIN
        while True:
            try:
                connection = psycopg.connect(self._note()["database_url"], autocommit=True, connect_timeout=10)
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, f"PostgreSQL did not come back; {self.last_words()}"
                time.sleep(0.05)
        with connection:
            yield connection

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement."""
        with self.database() as connection:
            return connection.execute(statement, values or None).fetchall()

    def change(self, statement: str) -> None:
        with self.database() as connection:
            connection.execute(statement)

    def let_leases_run_out(self) -> None:
        """As if a minute had passed: what a dead process had claimed is free again. What is locked has a living one."""
        self.change("update kernel.idempotency set leased_until = now() where status is null")
        for table in ("payments.payment", "payments.refund"):
            self.change(
                f"update {table} set next_check_at = now() where id in"
                f" (select id from {table} where next_check_at is not null for update skip locked)"
            )
        self.change("update kernel.outbox set due_at = now(), leased_until = null")
        self.change("update kernel.job set running_until = null, due_at = now()")

    def _note(self) -> dict[str, Any]:
        note = read_note(self.data_dir)
        assert note is not None, f"no services run; {self.last_words()}"
        return note


def _part_of(process: psutil.Process) -> str | None:
    name, words = process.name(), process.cmdline()
    if name == "postgres":
        return "PostgreSQL"
    if name == "valkey-server":
        return "Valkey"
    return words[-1] if "shop.cli" in words else None


def _serves_the_shop(process: psutil.Process) -> bool:
    """Whether it is a backend with a client, not one of the server's own."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline()).startswith("postgres: shop")
    return False


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def open_shop(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Shop]:
    """A shop that is ready; ended, with a look that nothing of it is left. `settings` beside those that all have."""
    shop = Shop(folder, settings)
    try:
        shop.wait_ready()
        yield shop
        assert shop.runs(), f"the supervisor died; {shop.last_words()}"
    finally:
        shop.stop()


def new_key() -> str:
    return secrets.token_urlsafe(16)
