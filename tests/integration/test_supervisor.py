"""`shop serve` as a merchant meets it: it opens, heals after any death, and leaves nothing behind.

The shop's own processes are played by a small program, so that only the supervision is under test.
"""

import contextlib
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from shop.kernel import embedded
from shop.kernel.embedded.processes import wait_until
from shop.serve import LASTING, supervise_services
from shop.supervisor import Journal, Supervisor

ACTOR = """
import http.server, json, os, signal, sys, time
name, diary = sys.argv[1], os.environ["DIARY"]
def note(what):
    with open(diary, "a") as file:
        file.write(f"{what} {os.getpid()}\\n")
def leave(*_):
    if name == os.environ.get("STUBBORN"):
        return
    note("end-" + name)
    os._exit(0)
signal.signal(signal.SIGTERM, leave)
note(" ".join(sys.argv[1:]))
if name == os.environ.get("FAILS"):
    sys.exit(3)
if name == "admin":
    print("some log line")
    print(json.dumps({"email": "a@example.com", "password": "quite-secret", "created": True}))
if name in ("migrate", "admin", "demo"):
    sys.exit()
if name == "web":
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()
        def log_message(self, *_):
            pass
    http.server.HTTPServer(("127.0.0.1", int(os.environ["SHOP_PORT"])), Health).serve_forever()
while True:
    time.sleep(600)
"""
STAGE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
from shop.kernel.config import parse_settings
from shop.serve import serve
sys.exit(serve(parse_settings(os.environ), command=lambda *args: [sys.executable, os.environ["ACTOR"], *args]))
"""


class Shop:
    """A `shop serve` in a process of its own, with what it printed and what its actors noted."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.data_dir, self.diary, self.output = folder / "the data", folder / "diary", folder / "output"
        (folder / "actor.py").write_text(ACTOR)
        self.environment = {
            "PATH": os.environ["PATH"],
            "ACTOR": str(folder / "actor.py"),
            "DIARY": str(self.diary),
            "SHOP_DATA_DIR": str(self.data_dir),
            "SHOP_PORT": str(self.port),
        } | environment
        self.process: subprocess.Popen[bytes] | None = None
        self.tree: list[psutil.Process] = []

    def start(self) -> None:
        self.diary.unlink(missing_ok=True)
        self.output.write_bytes(b"")
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", STAGE], env=self.environment, stdout=output, stderr=output
            )

    def open(self) -> "Shop":
        """Returns when every actor is ready for signals; the shop is open as soon as its web server answers."""
        self.start()
        assert wait_until(lambda: "is open" in self.said() or self.code() is not None, seconds=30), self.said()
        assert self.code() is None, self.said()
        assert wait_until(lambda: set(LASTING) <= set(self.noted()), seconds=30), self.noted()
        self.tree = self.children()
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.tree = self.children()
        self.process.send_signal(number)
        return self.process.wait(30)

    @property
    def process_id(self) -> int:
        assert self.process is not None
        return self.process.pid

    def code(self) -> int | None:
        assert self.process is not None
        return self.process.poll()

    def said(self) -> str:
        return self.output.read_text()

    def noted(self) -> list[str]:
        return [line.rpartition(" ")[0] for line in self.diary.read_text().splitlines()] if self.diary.exists() else []

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process_id).children(recursive=True)

    def child(self, name: str) -> psutil.Process | None:
        """The running process that plays `name`, or the service of that program."""
        for process in self.children():
            with contextlib.suppress(psutil.Error):
                playing = process.cmdline()[-1:] == [name] or process.name() == name
                if playing and process.ppid() == self.process_id and process.status() != psutil.STATUS_ZOMBIE:
                    return process
        return None

    def left_behind(self) -> list[psutil.Process]:
        return [process for process in self.tree if _lives(process)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    shops: list[Shop] = []

    def make(**environment: str) -> Shop:
        shops.append(Shop(tmp_path / "a shop", **environment))
        return shops[-1]

    yield make
    for shop in shops:
        if shop.process is not None and shop.process.poll() is None:
            shop.stop()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def test_it_opens_in_order_and_shows_the_password_once(stage: Callable[..., Shop]) -> None:
    shop = stage(SHOP_DEMO="1").open()
    assert shop.noted()[:3] == ["migrate", "admin create --json", "demo load"]
    assert set(shop.noted()[3:]) == {"web", "worker", "relay"}
    url = f"http://localhost:{shop.port}"
    for told in (f"{url}/", f"{url}/admin", f"{url}/docs", "a@example.com", "quite-secret", "shop admin password"):
        assert told in shop.said()
    assert shop.stop() == 0
    again = shop.open()
    assert "quite-secret" not in again.said()
    assert again.noted()[0] == "migrate"
    assert not {"admin create --json", "demo load"} & set(again.noted())


def test_without_demo_no_catalogue_is_loaded(stage: Callable[..., Shop]) -> None:
    assert "demo load" not in stage().open().noted()


def test_the_secret_key_is_made_once_and_private(stage: Callable[..., Shop]) -> None:
    shop = stage().open()
    key = shop.data_dir / "secret_key"
    first = key.read_text()
    assert len(first.strip()) >= 32
    assert key.stat().st_mode & 0o777 == 0o600
    shop.stop()
    shop.open()
    assert key.read_text() == first
    worker = shop.child("worker")
    assert worker is not None
    assert worker.environ()["SHOP_SECRET_KEY"] == first.strip()
    assert worker.environ()["SHOP_DATABASE_URL"].startswith("postgresql://shop_app@")
    assert worker.environ()["SHOP_DATABASE_OWNER_URL"] == "", "only the migrations know how to sign in as the owner"
    assert worker.environ()["SHOP_REDIS_URL"].startswith("unix://")


@pytest.mark.parametrize("name", ["web", "worker", "relay", "postgres", "valkey-server"])
def test_a_killed_process_is_back_at_once(stage: Callable[..., Shop], name: str) -> None:
    shop = stage().open()
    for _ in range(2):
        victim = shop.child(name)
        assert victim is not None
        victim.kill()
        killed = victim.pid
        assert wait_until(lambda: (now := shop.child(name)) is not None and now.pid != killed, seconds=30), shop.said()  # noqa: B023  # called within this round
    assert "was killed by SIGKILL; it is started again" in shop.said()
    assert shop.stop() == 0
    assert shop.left_behind() == []


def test_a_process_that_always_dies_is_tried_again_ever_more_slowly(stage: Callable[..., Shop]) -> None:
    shop = stage(FAILS="relay").open()
    assert wait_until(lambda: "relay ended with code 3; it is started again in 1 s" in shop.said(), seconds=30)
    assert shop.code() is None
    assert shop.noted().count("relay") >= 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_order_and_leaves_no_process(stage: Callable[..., Shop], number: signal.Signals) -> None:
    shop = stage().open()
    assert shop.stop(number) == 0
    assert [line for line in shop.noted() if line.startswith("end-")] == ["end-web", "end-relay", "end-worker"]
    assert shop.left_behind() == []
    assert not (shop.data_dir / "services.json").exists()


def test_ctrl_c_in_a_terminal_reaches_only_the_supervisor(stage: Callable[..., Shop]) -> None:
    shop = stage()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", STAGE], shop.environment)
    said = b""
    while b"is open" not in said:
        said += os.read(terminal, 4096)
    tree = psutil.Process(pid).children(recursive=True)
    os.write(terminal, b"\x03")
    with contextlib.suppress(OSError):  # Linux answers EIO when the last process has left the terminal
        while chunk := os.read(terminal, 4096):
            said += chunk
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert [line for line in shop.noted() if line.startswith("end-")] == ["end-web", "end-relay", "end-worker"]
    assert not any(process.is_running() for process in tree)


def test_a_second_signal_ends_the_waiting_for_a_stubborn_process(stage: Callable[..., Shop]) -> None:
    shop = stage(STUBBORN="web").open()
    shop.tree = shop.children()
    assert shop.process is not None
    shop.process.terminate()
    assert wait_until(lambda: "stopping" in shop.said(), seconds=30)
    for _ in range(2):  # `make` and the terminal may both send what was meant once
        shop.process.terminate()
    time.sleep(1.2)
    assert shop.code() is None
    shop.process.terminate()
    assert shop.process.wait(10) == 0
    assert "web did not stop in time and is killed" in shop.said()
    assert shop.left_behind() == []


def test_nothing_outlives_a_killed_supervisor_and_the_next_one_starts(stage: Callable[..., Shop]) -> None:
    shop = stage().open()
    assert shop.process is not None
    shop.process.kill()
    shop.process.wait()
    if (
        sys.platform != "linux"
    ):  # there the next start ends the services, and the shop's real processes watch by themselves
        for actor in shop.left_behind():
            if actor.cmdline()[-1:] in (["web"], ["worker"], ["relay"]):
                actor.kill()
    else:
        assert wait_until(lambda: shop.left_behind() == [], seconds=30)
    assert shop.open().stop() == 0


def test_a_taken_port_is_named_before_anything_starts(stage: Callable[..., Shop]) -> None:
    shop = stage()
    with socket.create_server(("127.0.0.1", shop.port)):
        shop.start()
        assert shop.process is not None
        assert shop.process.wait(30) == 2
    assert f"port {shop.port} on 127.0.0.1 is taken" in shop.said()
    assert "SHOP_PORT=" in shop.said()
    assert not shop.data_dir.exists()
    assert shop.noted() == []


def test_a_second_shop_on_the_same_folder_is_refused(stage: Callable[..., Shop]) -> None:
    first = stage().open()
    assert first.process is not None
    second = stage()
    second.output = second.output.with_name("output of the second")
    second.start()
    assert second.process is not None
    assert second.process.wait(30) == 2
    assert f"is in use by pid {first.process.pid}" in second.said()
    assert first.code() is None


def test_a_failed_migration_starts_nothing(stage: Callable[..., Shop]) -> None:
    shop = stage(FAILS="migrate")
    shop.start()
    assert shop.process is not None
    assert shop.process.wait(20) == 2
    assert shop.noted() == ["migrate"]
    assert "could not be brought up to date" in shop.said()


def test_log_lines_are_json_when_asked(stage: Callable[..., Shop]) -> None:
    shop = stage(SHOP_LOG_FORMAT="json").open()
    shop.stop()
    lines = [json.loads(line) for line in shop.said().splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines][-2:] == ["stopping (SIGTERM)", "stopped"]


def test_services_whose_sockets_a_cleaner_took_are_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shop.supervisor.SETTLED_AFTER", -1.0)
    with embedded.start(tmp_path, test_mode=True) as services, Supervisor(Journal()) as supervisor:
        supervise_services(supervisor, services)
        shutil.rmtree(services.socket_dir.path)
        supervisor.housekeeping()
        deadline = time.monotonic() + 20
        supervisor.run(until=lambda: embedded.discover(tmp_path) is not None or time.monotonic() > deadline, every=0.05)
        assert embedded.discover(tmp_path) == services.urls
    assert "Valkey lost its socket to a cleaner" in capfd.readouterr().err


def test_the_supervisor_stays_small(stage: Callable[..., Shop]) -> None:
    shop = stage().open()
    assert shop.process is not None
    assert psutil.Process(shop.process.pid).memory_full_info().uss < 25_000_000
