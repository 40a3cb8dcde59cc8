"""A process of its own that makes the statement that waits, as a worker does, and says how much memory that took; or stops on the way."""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from shop import wiring
from shop.kernel.db import dispose_engines
from shop.modules.wallet.statement_files import begin
from shop.modules.wallet.statement_files.lines import CsvLines


def megabytes() -> float:
    """What was resident at most; `getrusage` would tell of the parent's memory, too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def stop_after(count: int) -> None:
    """It writes no more than about so many lines, and waits to be killed, telling meanwhile how far it is."""
    write, written = CsvLines.write, 0

    def write_or_stop(writer: CsvLines, rows: Iterable[Sequence[str]]) -> None:
        nonlocal written
        batch = list(rows)
        written += len(batch)
        if written > count:
            time.sleep(600)
        write(writer, batch)

    CsvLines.write = write_or_stop  # type: ignore[method-assign]


async def main(lines: int | None) -> None:
    wiring.boot()
    if lines is not None:
        stop_after(lines)
    before = megabytes()
    begun = await begin.begin_waiting_statement()
    await begin.STATEMENTS.ended()
    await dispose_engines()
    print(json.dumps({"begun": begun, "before": before, "peak": megabytes()}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
