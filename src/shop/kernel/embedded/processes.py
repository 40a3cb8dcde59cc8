"""Starts and ends processes so that none outlives the one that started it and none has more rights than it needs.

Gotchas: Linux sends the parent-death signal when the *thread* that started the process ends, so start from a thread
that lives as long as the program. The flag is lost on a change of user, hence it is set last, just before exec.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Account(NamedTuple):
    """The operating-system account a process runs under."""

    uid: int
    gid: int


class Step(NamedTuple):
    """One step of a stop: a signal, and how many seconds the process has to follow it."""

    signal: signal.Signals
    seconds: float


def spawn(
    args: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    log: IO[bytes] | None = None,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    capture: bool = False,
) -> subprocess.Popen[bytes]:
    """Starts `args` in a session of its own, out of reach of the terminal's Ctrl-C. Raises OSError.

    `log` takes both outputs; `capture` makes stdout a pipe. On Linux the process gets `death_signal` when this one
    ends in whatever way.
    """
    return subprocess.Popen(  # noqa: S603  # the argument lists are ours
        [os.fspath(arg) for arg in args],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else log,
        stderr=log,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_dying_with_parent(death_signal),  # noqa: PLW1509  # only calls prctl: safe beside threads
    )


def end_with_parent(death_signal: signal.Signals) -> None:
    """Sends this process `death_signal` when the one that started it ends. Elsewhere than on Linux a thread watches."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), death_signal)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _dying_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def arm() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent ended before the flag was set, so no signal will come
            os.kill(os.getpid(), death_signal)

    return arm


def stop(process: subprocess.Popen[bytes], steps: Sequence[Step]) -> None:
    """Ends `process` step by step, at last with SIGKILL to its whole group. One that has ended before is left alone."""
    if process.poll() is not None:
        return
    for step in steps:
        if process.poll() is not None:
            break
        process.send_signal(step.signal)
        try:
            process.wait(step.seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills `process` and whatever is left of its group; spawn() made it the group's leader.

    Call it only for a process that runs or has this moment been found dead: later its number may be someone else's.
    """
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_strays(name: str, folder: Path, steps: Sequence[Step]) -> None:
    """Ends processes called `name` whose working directory is `folder`: a dead shop's services on this data.

    The working directory proves that a process is ours; a pid from a stale file would not, pids are used again.
    """
    import psutil  # only needed after a crash, and the supervisor stays small without it

    def is_stray(process: psutil.Process) -> bool:
        try:
            return process.name() == name and Path(process.cwd()) == folder
        except (psutil.Error, OSError):
            return False

    strays = [process for process in psutil.process_iter() if is_stray(process)]
    for step in (*steps, Step(signal.SIGKILL, 5)):
        for process in strays:
            try:
                process.send_signal(step.signal)
            except psutil.Error:
                continue
        _, strays = psutil.wait_procs(strays, timeout=step.seconds)
        if not strays:
            return


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> bool:
    """True as soon as `condition` holds, False when it doesn't within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
