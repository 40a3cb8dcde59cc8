"""Questions at a steady rate, whether or not the answers come (open loop): a server that stalls can't slow them down."""

import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import quantiles

from bench.client import Connection, LoadError

PATIENCE = 30.0


class SteadyRate:
    """Asks `question()` every 1/`rate` seconds over `connections`. A request that finds none free waits for one, and its time
    counts from the moment it was due."""

    def __init__(self, connections: Sequence[Connection], question: Callable[[], bytes], rate: float) -> None:
        self._free = deque(connections)
        self._question, self._rate = question, rate
        self.milliseconds: list[float] = []

    def run(self, goes_on: Callable[[], bool], watched: dict[int, Callable[[], None]]) -> None:
        """Until `goes_on` says no; calls `watched` by the number of the socket that has something. Raises LoadError."""
        poller = select.poll()
        asked: dict[int, tuple[Connection, float]] = {}
        waiting: deque[float] = deque()
        for number in (*watched, *(each.socket.fileno() for each in self._free)):
            poller.register(number, select.POLLIN)
        due = heard = time.perf_counter()
        while goes_on() or asked:
            now = time.perf_counter()
            while due <= now and goes_on():
                waiting.append(due)
                due += 1 / self._rate
            while waiting and self._free:
                connection, since = self._free.popleft(), waiting.popleft()
                connection.send(self._question())
                asked[connection.socket.fileno()] = connection, since
            for number, _ in poller.poll(max(0.0, (due - time.perf_counter()) * 1000)):
                heard = time.perf_counter()
                if number in watched:
                    watched[number]()
                elif number not in asked:
                    raise LoadError("a connection was closed while nothing was asked by it")
                elif (answer := asked[number][0].receive()) is not None:
                    if answer.status != 200:
                        raise LoadError(f"an answer of {answer.status}: {answer.body[:200]!r}")
                    connection, since = asked.pop(number)
                    self.milliseconds.append((time.perf_counter() - since) * 1000)
                    self._free.append(connection)
            if time.perf_counter() - heard > PATIENCE:
                raise LoadError(f"no answer for {PATIENCE:.0f} s")


def p95(milliseconds: Sequence[float]) -> float:
    return quantiles(milliseconds, n=20)[-1]
