"""Answers to people first: what works behind them gets less of a busy machine, and all of an idle one."""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

NICENESS: Final = 5
"""About a third of the share of a process of normal priority: late, never starved."""
NICENESS_OF_THREADS: Final = 10
"""A tenth of the share."""


def work_in_background() -> None:
    """Lowers this process's priority; what can't be lowered stays as it is.

    Gotcha: Linux first shares the machine between sessions ("autogroups") and only then, within each, by niceness. As
    the supervisor gives each process a session of its own, that session's niceness is what counts there; it is left
    alone where the session is somebody else's, such as a terminal's.
    """
    with suppress(OSError):
        os.nice(NICENESS)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICENESS))


def give_way() -> None:
    """Lowers the priority of the calling thread alone, where the system can: it runs while the others of its machine wait
    for something, and is never starved."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS_OF_THREADS)
