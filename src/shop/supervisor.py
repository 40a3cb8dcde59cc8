"""Keeps a set of processes alive, as an init system would: a dead one is started again, SIGTERM ends all in order.

It imports nothing heavy, since it lives as long as the shop does and its memory counts.

Gotchas: children live in sessions of their own, so that a terminal's Ctrl-C reaches only the supervisor. As process 1
of a container it also inherits, and must reap, whatever orphans there are.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Literal, Self

from shop.kernel.embedded.processes import Step, kill_group, stop

STABLE_AFTER = 5.0  # seconds of life after which an earlier death no longer counts
SETTLED_AFTER = 30.0  # seconds of life after which a program counts as started, ready or not
BACKOFF = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds before the n-th start in a row
DRAIN_WITHIN = 20.0  # seconds from SIGTERM until the remaining children are killed
SAME_WISH = 1.0  # seconds in which further stop signals are one wish: `make` hands on what the terminal sent as well
HOUSEKEEPING_EVERY = 10.0  # seconds
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACEFUL = (Step(signal.SIGTERM, DRAIN_WITHIN),)


class StopRequested(BaseException):
    """A stop signal came while the shop was still starting."""


class Journal:
    """The supervisor's own few log lines, in the format of the shop's other logs but without their library."""

    def __init__(self, log_format: Literal["json", "console"] = "console") -> None:
        self._json = log_format == "json"

    def note(self, event: str, *, level: str = "info") -> None:
        now = time.time()
        stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03d}Z"
        if self._json:
            import json

            line = json.dumps({"timestamp": stamp, "level": level, "logger": "supervisor", "event": event})
        else:
            line = f"{stamp} [{level:<7}] {event}"
        with suppress(OSError):  # nobody may be reading any more; the shop goes on
            sys.stderr.write(line + "\n")
            sys.stderr.flush()


@dataclass
class Program:
    """A process to keep alive. `process` is None before the first start and while it waits for the next."""

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    stop_steps: Sequence[Step] = GRACEFUL
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0
    due_at: float | None = None
    """When the next start is due, on the monotonic clock."""

    def has_settled(self) -> bool:
        """Whether it runs and had the time to become ready."""
        return self.process is not None and time.monotonic() - self.started_at > SETTLED_AFTER


class Supervisor:
    """Starts programs, restarts the dead and ends them all; use it as a context manager, from the main thread."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.programs: list[Program] = []
        self.housekeeping: Callable[[], None] = lambda: None
        self._stop_signals = 0
        self._told_at = 0.0
        self._interrupting = False
        self._one_off: subprocess.Popen[bytes] | None = None
        self._housekept_at = time.monotonic()
        self._handlers: dict[signal.Signals, Any] = {}
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        # Without a handler of its own SIGCHLD would not wake the loop.
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup shop serve` means it
                self._handlers[number] = signal.signal(number, self._when_told_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._drain()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    @property
    def stopping(self) -> bool:
        return self._stop_signals > 0

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A block that a stop signal ends at once, by StopRequested: for waits that don't pass through this loop."""
        if self.stopping:
            raise StopRequested
        self._interrupting = True
        try:
            yield
        finally:
            self._interrupting = False

    def add(self, program: Program) -> None:
        """Keeps `program` alive from now on and starts it unless it already runs."""
        self.programs.append(program)
        if program.process is None:
            self._start(program)

    def restart(self, program: Program) -> None:
        """Tells a running program to end; the loop then starts it again."""
        program.started_at = time.monotonic()
        if program.process is not None:
            program.process.send_signal(program.stop_steps[0].signal)

    def run_to_end(self, name: str, process: subprocess.Popen[bytes]) -> int:
        """Waits for a one-off process while the others are looked after; its exit code. Raises StopRequested."""
        self._one_off = process
        while process.poll() is None:
            if self.stopping:
                stop(process, GRACEFUL)
                raise StopRequested
            self._look_after(0.5)
        self._one_off = None
        if self.stopping:
            raise StopRequested
        if process.returncode != 0:
            self.journal.note(f"{name} {_manner_of_death(process.returncode)}", level="error")
        return process.returncode

    def run(self, until: Callable[[], bool] | None = None, *, every: float = HOUSEKEEPING_EVERY) -> None:
        """Looks after the programs until a stop signal comes or `until`, asked `every` so many seconds, is true."""
        while not self.stopping:
            if until is not None and until():
                return
            self._look_after(every)

    def _look_after(self, seconds: float) -> None:
        """One round: restarts what is due, then sleeps until a signal comes, a start is due or `seconds` are over."""
        now = time.monotonic()
        for program in self.programs:
            if program.process is not None and program.process.poll() is not None:
                self._when_dead(program, now)
            if program.due_at is not None and program.due_at <= now:
                self._start(program)
        if now - self._housekept_at >= HOUSEKEEPING_EVERY:
            self._housekept_at = now
            self.housekeeping()
        children = [*(program.process for program in self.programs), self._one_off]
        _reap_orphans({child.pid for child in children if child})
        due = [program.due_at - now for program in self.programs if program.due_at is not None]
        ready, _, _ = select.select([self._wake_reader], [], [], max(min([seconds, *due]), 0))
        if ready:
            with suppress(BlockingIOError):
                os.read(self._wake_reader, 4096)

    def _start(self, program: Program) -> None:
        program.due_at = None
        program.started_at = time.monotonic()
        try:
            program.process = program.spawn()
        except OSError as error:
            self.journal.note(f"{program.name} can't be started: {error}", level="error")
            self._schedule(program, program.started_at)

    def _when_dead(self, program: Program, now: float) -> None:
        process = program.process
        if process is None:
            return
        kill_group(process)  # a killed web server leaves workers that would hold the port
        program.process = None
        if now - program.started_at >= STABLE_AFTER:
            program.quick_deaths = 0
        delay = self._schedule(program, now)
        when = f"in {delay:g} s" if delay else "now"
        self.journal.note(
            f"{program.name} {_manner_of_death(process.returncode)}; it is started again {when}", level="warning"
        )

    def _schedule(self, program: Program, now: float) -> float:
        delay = BACKOFF[min(program.quick_deaths, len(BACKOFF) - 1)]
        program.quick_deaths += 1
        program.due_at = now + delay
        return delay

    def _drain(self) -> None:
        """Ends the programs, last added first, all within DRAIN_WITHIN; a second stop signal kills them."""
        deadline = time.monotonic() + DRAIN_WITHIN
        first_signals = self._stop_signals
        for program in reversed(self.programs):
            process, program.process, program.due_at = program.process, None, None
            if process is None:
                continue
            for step in program.stop_steps:
                if process.poll() is not None:
                    break
                process.send_signal(step.signal)
                patience = min(deadline, time.monotonic() + step.seconds)
                while (
                    process.poll() is None
                    and time.monotonic() < patience
                    and self._stop_signals <= max(first_signals, 1)
                ):
                    time.sleep(0.02)
            if process.poll() is None:
                self.journal.note(f"{program.name} did not stop in time and is killed", level="warning")
            kill_group(process)

    def _when_told_to_stop(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_signals and now - self._told_at < SAME_WISH:
            return
        self._stop_signals, self._told_at = self._stop_signals + 1, now
        if self._stop_signals == 1:
            self.journal.note(f"stopping ({signal.Signals(number).name})")
            if self._interrupting:
                self._interrupting = False
                raise StopRequested


def _manner_of_death(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"was killed by signal {-code}"


def _reap_orphans(own: set[int]) -> None:
    """As process 1, buries adopted children; the statuses of our own are left to their Popen objects."""
    if os.getpid() != 1:
        return
    with suppress(ChildProcessError):
        while (info := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and info.si_pid not in own:
            os.waitpid(info.si_pid, 0)
