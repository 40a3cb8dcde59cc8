"""A process of its own that makes the statement that waits, as a worker does, and says how much memory that took."""

import asyncio
import json
import re
import sys
from pathlib import Path

from shop import wiring
from shop.kernel.db import dispose_engines
from shop.modules.wallet.statement_files import begin, make


def megabytes() -> float:
    """What was resident at most; `getrusage` would tell of the parent's memory, too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


async def main(batch: int) -> None:
    wiring.boot()
    make.BATCH = batch
    before = megabytes()
    begun = await begin.begin_waiting_statement()
    await begin.STATEMENTS.ended()
    await dispose_engines()
    print(json.dumps({"begun": begun, "before": before, "peak": megabytes()}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
