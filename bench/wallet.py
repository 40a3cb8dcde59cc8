"""Wallet postings: through the contract, by one process beside the shop, against the bare limit's `POST /wallet`."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Self

from bench.client import Connection, LoadError, Script, json_request, run
from bench.servers import ROOT, Shop, StartError
from shop.kernel import embedded
from shop.kernel.config import parse_settings
from shop.serve import child_environment

AT_ONCE = 16
WALLETS = 1000
PATIENCE = 60.0  # seconds


class Postings:
    """`bench.postings` on the shop's own services, its worker handling what is told, from `__enter__` to `__exit__`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def __enter__(self) -> Self:
        """Raises StartError."""
        urls = embedded.discover(self._shop.data_dir)
        if urls is None:
            raise StartError("the shop's services can't be found")
        chosen = parse_settings({**os.environ, **self._shop.environment})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.postings", str(WALLETS), str(AT_ONCE)],
            env=child_environment(chosen, urls),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._ask() != "ready":
            raise StartError("the process that posts to wallets did not start")
        return self

    def a_second(self, wallets: int, seconds: float) -> float:
        """Postings to so many wallets in turn by chance. Raises LoadError."""
        answer = self._ask(f"{wallets} {seconds}")
        if not answer:
            raise LoadError("the process that posts to wallets has died")
        return float(answer)

    def books(self) -> str:
        """ "balanced", or what is wrong."""
        return self._ask("check")

    def _ask(self, question: str = "") -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise LoadError("a process without input and output")
        if question:
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def bare_postings_a_second(connections: Sequence[Connection], wallets: int, seconds: float) -> float:
    """Raises LoadError."""
    end = time.perf_counter() + seconds
    numbers = itertools.cycle(range(1, wallets + 1))
    done = 0

    def again_and_again() -> Script:
        nonlocal done
        while time.perf_counter() < end:
            answer = yield json_request("POST", "/wallet", {"wallet": next(numbers), "amount": 1})
            if answer.status != 201:
                raise LoadError(f"POST /wallet: {answer.status} {answer.body[:300]!r}")
            done += 1

    waiting = [again_and_again() for _ in connections]
    took = run(connections, lambda: waiting.pop() if waiting else None)
    return done / took
