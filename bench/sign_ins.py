"""Whether pages stay quick while many people sign in: the cached listing is asked for at a steady rate, whether or not the
answers come (open loop), before and while fifty passwords are checked at once."""

import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import quantiles

from bench.client import Connection, LoadError, json_request, request

RATE = 1000.0
"""Requests a second."""
SECONDS = 4.0
SIGN_INS = 50
PATIENCE = 30.0


class SteadyRate:
    """Asks for `path` every 1/RATE seconds over `connections`. A request that finds none free waits for one, and its time
    counts from the moment it was due: a server that stalls can't slow the questions down."""

    def __init__(self, connections: Sequence[Connection], path: str) -> None:
        self._free = deque(connections)
        self._question = request("GET", path)
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
                due += 1 / RATE
            while waiting and self._free:
                connection, since = self._free.popleft(), waiting.popleft()
                connection.send(self._question)
                asked[connection.socket.fileno()] = connection, since
            for number, _ in poller.poll(max(0.0, (due - time.perf_counter()) * 1000)):
                heard = time.perf_counter()
                if number in watched:
                    watched[number]()
                elif (answer := asked[number][0].receive()) is not None:
                    if answer.status != 200:
                        raise LoadError(f"the listing answered {answer.status}")
                    connection, since = asked.pop(number)
                    self.milliseconds.append((time.perf_counter() - since) * 1000)
                    self._free.append(connection)
            if time.perf_counter() - heard > PATIENCE:
                raise LoadError(f"no answer for {PATIENCE:.0f} s")


def p95_alone(connections: Sequence[Connection], path: str) -> float:
    """Milliseconds."""
    load, until = SteadyRate(connections, path), time.perf_counter() + SECONDS
    load.run(lambda: time.perf_counter() < until, {})
    return _p95(load.milliseconds)


def p95_beside_sign_ins(
    connections: Sequence[Connection], path: str, people: Sequence[Connection], email: str, password: str
) -> tuple[float, float]:
    """(milliseconds of the listing, seconds that all the sign-ins took); each of `people` signs in once."""
    left = {each.socket.fileno(): each for each in people}
    load, started = SteadyRate(connections, path), time.perf_counter()
    question = json_request("POST", "/api/v1/auth/signin", {"email": email, "password": password})

    def arrived(number: int) -> Callable[[], None]:
        def look() -> None:
            answer = left[number].receive()
            if answer is not None:
                if answer.status != 200:
                    raise LoadError(f"a sign-in answered {answer.status}: {answer.body[:200]!r}")
                del left[number]

        return look

    for each in people:
        each.send(question)
    load.run(lambda: bool(left), {number: arrived(number) for number in left})
    return _p95(load.milliseconds), time.perf_counter() - started


def _p95(milliseconds: Sequence[float]) -> float:
    return quantiles(milliseconds, n=20)[-1]
