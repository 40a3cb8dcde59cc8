"""The load generator: one thread, keep-alive connections on plain sockets, the same for everything that is measured.

What is asked is a generator that yields requests and is sent each answer, so that a buyer's five calls read as five
lines. A request costs this client about ten microseconds, which it takes from the machine that the servers run on: the
same for both sides, so ratios come out a little milder than a client on another machine would see.
"""

import gc
import json
import re
import select
import socket
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any, NamedTuple

import psutil

PATIENCE = 30.0  # seconds without any answer until a server counts as hung
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class LoadError(Exception):
    """A server answered other than the measurement relies on; the message quotes it."""


class Answer(NamedTuple):
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Script = Generator[bytes, Answer, None]


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request; `headers` by their names with _ for -."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def json_request(method: str, path: str, body: Any, **headers: str) -> bytes:
    return request(method, path, json.dumps(body).encode(), Content_Type="application/json", **headers)


class Connection:
    """One keep-alive connection, which carries one script at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(1 << 20)
        self._view = memoryview(self._buffer)
        self._have = 0
        self._body_at = self._want = 0

    def ask(self, question: bytes) -> Answer:
        """Waits for the answer. Raises LoadError, OSError."""
        self.send(question)
        while (answer := self.receive()) is None:
            pass
        return answer

    def send(self, question: bytes) -> None:
        self.socket.sendall(question)

    def receive(self) -> Answer | None:
        """What has come, as an answer once it is whole. Raises LoadError."""
        count = self.socket.recv_into(self._view[self._have :])
        if count == 0:
            raise LoadError(f"the server closed a connection after {bytes(self._buffer[: self._have])!r}")
        self._have += count
        if not self._want:
            end = self._buffer.find(b"\r\n\r\n", 0, self._have)
            if end < 0:
                return None
            length = LENGTH.search(self._buffer, 0, end)
            if length is None:
                raise LoadError(f"an answer without a length: {bytes(self._buffer[:end])!r}")
            self._body_at = end + 4
            self._want = self._body_at + int(length[1])
            if self._want > len(self._buffer):
                raise LoadError(f"an answer of {self._want} bytes")
        if self._have < self._want:
            return None
        answer = Answer(int(self._buffer[9:12]), bytes(self._view[self._body_at : self._want]))
        self._have = self._want = 0
        return answer

    def close(self) -> None:
        self.socket.close()


def connect(port: int, workers: Sequence[int], count: int) -> list[Connection]:
    """`count` connections, as many to each of the server's processes `workers`.

    The system hands connections to processes as chance has it, and a server whose connections all went to one of its
    processes shows half of what it can. Raises LoadError when the processes can't be told apart.
    """
    share = -(-count // max(1, len(workers)))
    taken = dict.fromkeys(workers, 0)
    kept: list[Connection] = []
    refused: list[Connection] = []  # closed only at the end: the next one would get the same place
    for _ in range(100 * count):
        if len(kept) == count:
            break
        connection = Connection(port)
        connection.ask(request("GET", "/no-such-page"))
        owner = _owner(connection.socket.getsockname()[1], port, workers)
        if owner is not None and taken[owner] < share:
            taken[owner] += 1
            kept.append(connection)
        else:
            refused.append(connection)
    for connection in refused:
        connection.close()
    if len(kept) < count:
        raise LoadError(f"the server on port {port} did not spread its connections over its processes: {taken}")
    return kept


@contextmanager
def connected(port: int, workers: Sequence[int], count: int) -> Iterator[list[Connection]]:
    """Connections as `connect` makes them, closed afterwards: a server closes those that have nothing to do for a while."""
    made = connect(port, workers, count)
    try:
        yield made
    finally:
        for each in made:
            each.close()


def _owner(client_port: int, port: int, workers: Sequence[int]) -> int | None:
    for pid in workers:
        for each in psutil.Process(pid).net_connections("tcp"):
            if each.laddr and each.raddr and (each.laddr.port, each.raddr.port) == (port, client_port):
                return pid
    return None


def run(connections: Sequence[Connection], next_script: Callable[[], Script | None]) -> float:
    """Runs scripts on all connections at once, a new one where one ends, until there is none. Seconds it took."""
    poller = select.poll()
    by_number = {each.socket.fileno(): each for each in connections}
    running: dict[int, Script] = {}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    try:
        for number, connection in by_number.items():
            if (script := next_script()) is not None:
                poller.register(number, select.POLLIN)
                running[number] = script
                connection.send(next(script))
        while running:
            ready = poller.poll(PATIENCE * 1000)
            if not ready:
                raise LoadError(f"no answer for {PATIENCE:.0f} s")
            for number, _ in ready:
                connection = by_number[number]
                answer = connection.receive()
                if answer is None:
                    continue
                try:
                    connection.send(running[number].send(answer))
                except StopIteration:
                    script = next_script()
                    if script is None:
                        poller.unregister(number)
                        del running[number]
                    else:
                        running[number] = script
                        connection.send(next(script))
    finally:
        if collecting:
            gc.enable()
    return time.perf_counter() - started


def requests_a_second(
    connections: Sequence[Connection], path: str, seconds: float, visitors: Sequence[str] = (), **headers: str
) -> float:
    """How often GET `path` is answered with 200 and the very bytes of its first answer's length. `visitors` are addresses
    that take turns in asking, as a proxy in front tells them; `headers` by their names with _ for -."""
    alone = [request("GET", path, **headers)]
    questions = cycle([request("GET", path, X_Forwarded_For=each, **headers) for each in visitors] or alone)
    length = len(_expect(connections[0].ask(next(questions)), 200, path).body)
    end = time.perf_counter() + seconds
    now = time.perf_counter
    done = 0

    def again_and_again() -> Script:
        nonlocal done
        while now() < end:
            answer = yield next(questions)
            if answer[0] != 200 or len(answer[1]) != length:
                raise LoadError(f"GET {path}: {answer[0]}, {len(answer[1])} bytes instead of {length}")
            done += 1

    waiting = [again_and_again() for _ in connections]
    took = run(connections, lambda: waiting.pop() if waiting else None)
    return done / took


def _expect(answer: Answer, status: int, what: str) -> Answer:
    if answer.status != status:
        raise LoadError(f"{what}: {answer.status} instead of {status}: {answer.body[:500]!r}")
    return answer


def seconds_each(connections: Sequence[Connection], questions: Sequence[bytes]) -> list[float]:
    """How long each answer took, every connection asking one after the other. Raises LoadError."""
    waiting = list(questions)
    took: list[float] = []

    def all_of_them() -> Script:
        while waiting:
            question = waiting.pop()
            began = time.perf_counter()
            answer = yield question
            took.append(time.perf_counter() - began)
            if answer.status != 200:
                raise LoadError(f"{question[:200]!r}: {answer.status}")

    scripts = [all_of_them() for _ in connections]
    run(connections, lambda: scripts.pop() if scripts else None)
    return took
