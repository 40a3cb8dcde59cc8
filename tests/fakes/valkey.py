"""A Valkey that drops its subscribers, as one that restarts does; and one that may be killed altogether."""

import shutil
import signal
import socket
import subprocess
import tempfile

from shop.kernel.embedded.binaries import valkey_program
from shop.kernel.embedded.processes import wait_until
from shop.kernel.redis_client import client


async def cut_subscriptions() -> None:
    """Those of this test worker's own database: the others' go on undisturbed."""
    mine = (await client().client_info())["db"]
    for each in await client().client_list(_type="pubsub"):
        if int(each["db"]) == int(mine):
            await client().client_kill_filter(_id=each["id"])


class OwnValkey:
    """A server of a test's own, which it may kill."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="shop-valkey-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(valkey_program(None)), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self.process = subprocess.Popen([*command, self._folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert wait_until(self._answers, seconds=30)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> None:
        """Takes connections and never answers, as a machine that has gone under does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
