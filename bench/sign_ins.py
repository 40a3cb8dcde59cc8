"""Whether pages stay quick while many people sign in: the cached listing is asked for at a steady rate, whether or not the
answers come (open loop), before and while fifty passwords are checked at once."""

import time
from collections.abc import Callable, Sequence

from bench.client import Connection, LoadError, json_request, request
from bench.steady import SteadyRate, p95

RATE = 1000.0
"""Requests a second."""
SECONDS = 4.0
SIGN_INS = 50


def p95_alone(connections: Sequence[Connection], path: str) -> float:
    """Milliseconds."""
    load, until = SteadyRate(connections, lambda: request("GET", path), RATE), time.perf_counter() + SECONDS
    load.run(lambda: time.perf_counter() < until, {})
    return p95(load.milliseconds)


def p95_beside_sign_ins(
    connections: Sequence[Connection], path: str, people: Sequence[Connection], email: str, password: str
) -> tuple[float, float]:
    """(milliseconds of the listing, seconds that all the sign-ins took); each of `people` signs in once."""
    left = {each.socket.fileno(): each for each in people}
    load, started = SteadyRate(connections, lambda: request("GET", path), RATE), time.perf_counter()
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
    return p95(load.milliseconds), time.perf_counter() - started
