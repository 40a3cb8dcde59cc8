"""The web server: granian's main process, which forks and watches the workers that answer requests.

Gotchas: on Linux granian binds with SO_REUSEPORT, so a second server on a port would silently take half the requests.
Its workers don't end with their parent by themselves.
"""

import gc
import multiprocessing
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from shop.kernel.config import Settings
from shop.kernel.embedded.processes import end_with_parent
from shop.kernel.http.static import precompress
from shop.kernel.migrate import expected_heads

BACKLOG = 2048  # connections the kernel queues
GRACE = 10  # seconds a worker has to finish its requests


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what is in hand. Raises WiringError."""
    server = Server(
        "shop.app:create_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        backlog=BACKLOG,
        log_level=LogLevels.warning,
        log_access=False,  # the application logs each request itself, with its id
        factory=True,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
    )
    application = None
    if sys.platform == "linux":  # elsewhere forking a process with frameworks loaded is not safe
        multiprocessing.set_start_method("fork", force=True)
        # Made once here, the application is shared by all workers, a killed one is back in an instant, and modules that
        # don't fit together are told once.
        application = import_module("shop.app").create_app()
        expected_heads()
        precompress()
        gc.collect()
        gc.freeze()
    loader = partial(load_application, application)
    server.serve(target_loader=loader, wrap_loader=False)


def load_application(application: Callable[..., Any] | None) -> Callable[..., Any]:
    """Called in each new worker: the application, in a process that will not outlive its parent."""
    end_with_parent(signal.SIGTERM)
    if application is None:
        application = import_module("shop.app").create_app()
    return application
