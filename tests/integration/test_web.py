"""`shop web`: its workers come back when killed, finish what is in hand when told to stop, and never outlive it.

A small application stands in for the shop's, so that only the server around it is under test.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import psutil
import pytest

from shop.kernel.embedded.processes import wait_until
from shop.serve import StartError, check_port_free

STAGE = """
import asyncio, os, sys, types
from shop import wiring
from shop.kernel.config import parse_settings

def create_app():
    async def application(scope, receive, send):
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["path"] == "/slow":
            await asyncio.sleep(1)
        body = str(os.getpid())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body.encode()})
    return application

sys.modules["shop.app"] = types.SimpleNamespace(create_app=create_app)
wiring.boot = lambda: ()
from shop.web import run
run(parse_settings(os.environ))
"""


class Web:
    def __init__(self, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environment = {"PATH": os.environ["PATH"], "SHOP_PORT": str(self.port), "SHOP_WEB_WORKERS": "2"} | settings
        self.process = subprocess.Popen([sys.executable, "-c", STAGE], env=environment, start_new_session=True)
        assert wait_until(lambda: self.get("/") is not None, seconds=60)

    def get(self, path: str, **headers: str) -> str | None:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10).text
        return None

    def workers(self) -> set[int]:
        """Those that answer requests; macOS starts a helper process beside them."""
        return {int(pid) for pid in (self.get("/") for _ in range(20)) if pid}


@contextlib.contextmanager
def running(**settings: str) -> Iterator[Web]:
    web = Web(**settings)
    try:
        yield web
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(web.process.pid, signal.SIGKILL)
        web.process.wait()


@pytest.fixture
def web() -> Iterator[Web]:
    with running() as web:
        yield web


def test_a_killed_worker_is_back(web: Web) -> None:
    assert wait_until(lambda: len(web.workers()) == 2, seconds=30)
    victim = min(web.workers())
    os.kill(victim, signal.SIGKILL)
    assert wait_until(lambda: len(web.workers() - {victim}) == 2, seconds=30)
    assert web.process.poll() is None


def test_told_to_stop_it_finishes_what_is_in_hand(web: Web) -> None:
    answers: list[str | None] = []
    asking = threading.Thread(target=lambda: answers.append(web.get("/slow")))
    asking.start()
    assert not wait_until(lambda: bool(answers), seconds=0.3)
    web.process.terminate()
    assert web.process.wait(15) == 0
    asking.join()
    assert answers[0] is not None
    assert web.get("/") is None


def test_no_worker_outlives_a_killed_server(web: Web) -> None:
    workers = web.workers()
    web.process.kill()
    web.process.wait()

    def gone(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    assert wait_until(lambda: all(gone(pid) for pid in workers), seconds=30)


def test_its_port_counts_as_taken_though_it_could_be_shared(web: Web) -> None:
    with pytest.raises(StartError, match=f"port {web.port} on 127.0.0.1 is taken"):
        check_port_free("127.0.0.1", web.port)


def test_health_is_told_by_the_exit_code(web: Web) -> None:
    command = [sys.executable, "-P", "-m", "shop.cli", "health"]
    asked = {"PATH": os.environ["PATH"], "SHOP_HOST": "0.0.0.0", "SHOP_PORT": str(web.port)}
    well = subprocess.run(command, env=asked, cwd="/", capture_output=True, text=True, check=False)
    assert (well.returncode, well.stdout) == (0, "healthy\n")
    web.process.terminate()
    web.process.wait()
    ill = subprocess.run(command, env=asked, cwd="/", capture_output=True, text=True, check=False)
    assert (ill.returncode, f"on port {web.port}" in ill.stdout) == (1, True)
