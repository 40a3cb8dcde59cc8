"""`make bench`: the table of figures, in a few minutes and without a trace.

A missed figure is told, not failed: a busy machine is no mistake of the shop's.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.client import LoadError
from bench.figures import Bench, Figure
from bench.report import DOCUMENT, README, in_a_line, print_table, write_documents
from bench.servers import ROOT, StartError

LIMIT = ROOT.parent / "shared" / "limits" / "bare.py"


def find_limit() -> Path | None:
    """The bare limit's program. Exits when SHOP_LIMITS names one that isn't there, or when it can't run here."""
    named = os.environ.get("SHOP_LIMITS")
    path = Path(named) if named else LIMIT
    if path.is_dir():
        path /= "bare.py"
    if not path.is_file():
        if named:
            sys.exit(f"bench: SHOP_LIMITS={named}: there is no such file")
        return None
    try:
        import psycopg_pool  # noqa: F401
    except ImportError:
        sys.exit(f"bench: {path.name} needs psycopg_pool, which is not installed here: run `bin/bootstrap dev`")
    return path.resolve()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each side (default 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round of reading (default 2)")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name} and {README.name}")
    arguments = parser.parse_args()
    limit = find_limit()
    started = time.monotonic()

    def tell(words: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {words}", file=sys.stderr, flush=True)

    if limit is None:
        tell("bare.py is not there (SHOP_LIMITS=path/to/bare.py says where): the shop's figures alone, no ratios")
    if os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1):
        tell(f"the machine is busy (load {os.getloadavg()[0]:.1f}); ratios bear that better than figures do")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: stopped"))  # by an exception, so that servers are stopped
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="shop-bench-", ignore_cleanup_errors=True) as folder:
        try:
            for figure in Bench(Path(folder), limit, arguments.rounds, arguments.seconds, tell).measure():
                figures.append(figure)
                tell(in_a_line(figure))
        except (StartError, LoadError, OSError) as error:
            print(f"bench: {error}; the figures so far stand above", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("bench: stopped", file=sys.stderr)
            return 130
    print_table(figures)
    if arguments.write:
        write_documents(figures, arguments.rounds)
    return 0


sys.exit(main())
