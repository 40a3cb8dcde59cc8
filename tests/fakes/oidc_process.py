"""The identity provider of `oidc_provider` as tests meet it: started once, well behaved at the start of each."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET

ROOT = Path(__file__).parents[2]


class OidcProcess:
    """`settings` are the shop's to know it as `name`."""

    def __init__(self, http: httpx.Client) -> None:
        self.issuer = str(http.base_url).rstrip("/")
        self._http = http

    def settings(self, name: str = "club", label: str = "the Club") -> dict[str, str]:
        prefix = f"SHOP_OIDC_{name.upper()}_"
        return {
            "SHOP_OIDC_PROVIDERS": name,
            f"{prefix}ISSUER": self.issuer,
            f"{prefix}CLIENT_ID": CLIENT_ID,
            f"{prefix}CLIENT_SECRET": CLIENT_SECRET,
            f"{prefix}LABEL": label,
        }

    def behave(self, **orders: Any) -> None:
        assert self._http.post("/control", json=orders).is_success

    @property
    def counts(self) -> dict[str, int]:
        answer: dict[str, int] = self._http.get("/control").json()
        return answer

    def sign_in(self, url: str) -> str:
        """What a browser does that was sent here; where it is sent back to."""
        answer = httpx.get(url, timeout=10)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])


@contextlib.contextmanager
def run_oidc_provider() -> Iterator[OidcProcess]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "tests.fakes.oidc_provider", str(port)], cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/control")
                break
            assert process.poll() is None
            assert time.monotonic() < deadline, "the identity provider did not get ready"
            time.sleep(0.05)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
            yield OidcProcess(http)
    finally:
        process.terminate()
        process.wait(10)
