"""Request counts and times for `/metrics`: gathered in plain dicts on the hot path, handed to prometheus_client each second."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Final

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def multiprocess_folder() -> Path:
    """Where the web processes of one container share their figures; `shop web` makes it before it starts them."""
    folder = Path(
        os.environ.get("PROMETHEUS_MULTIPROC_DIR") or Path(tempfile.gettempdir()) / f"shop-metrics-{os.getpid()}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return folder


class RequestMetrics:
    """One per process."""

    def __init__(self) -> None:
        multiprocess_folder()
        # Imported late: prometheus_client decides on import, by the variable set above, whether figures are shared.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        registry = CollectorRegistry()
        self._requests = Counter("shop_requests", "Requests answered", ["route", "method", "status"], registry=registry)
        self._seconds = Histogram(
            "shop_request_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=registry
        )
        self._pending: dict[tuple[str, str, int], list[float]] = {}

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        times = self._pending.get((route, method, status))
        if times is None:
            times = self._pending[route, method, status] = []
        times.append(seconds)

    def flush(self) -> None:
        pending, self._pending = self._pending, {}
        for (route, method, status), times in pending.items():
            self._requests.labels(route, method, str(status)).inc(len(times))
            histogram = self._seconds.labels(route)
            for seconds in times[:: max(1, len(times) // 1000)]:
                histogram.observe(seconds)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.flush()
