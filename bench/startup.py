"""`python -m bench.startup`: how long `make run` takes to the first page, from nothing and again.

It works on a copy of the committed files in a temporary folder. Packages are fetched once before the clock starts, into
the caches of pip and uv, as they would be on a machine that has run the shop before.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.servers import ROOT, STOP_WITHIN, free_port

FIRST_PAGE_WITHIN = 300.0  # seconds
ASKED = {"from nothing, packages downloaded": 30.0, "again, with data": 5.0}


def copy_of_the_tree(target: Path) -> None:
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", target], input=archive.stdout, check=True)


def seconds_to_first_page(folder: Path) -> float:
    """Starts `make run`, waits for the home page, stops it. Raises RuntimeError with the end of its log."""
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "MAKE", "MFLAGS"))
    }
    log = folder / "run.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env=environment | {"SHOP_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        while not _shows_a_page(port):
            if process.poll() is not None or time.monotonic() - started > FIRST_PAGE_WITHIN:
                raise RuntimeError("`make run` shows no page:\n" + log.read_text(errors="replace")[-2000:])
            time.sleep(0.05)
        return time.monotonic() - started
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _shows_a_page(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return b"</html>" in answer.read()
    except (OSError, urllib.error.URLError):
        return False


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="shop-startup-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy_of_the_tree(folder)
        print("fetching packages", file=sys.stderr)
        subprocess.run(["bin/bootstrap", "run"], cwd=folder, check=True)
        for made in (".venv", ".uv"):
            shutil.rmtree(folder / made)
        try:
            taken = {what: seconds_to_first_page(folder) for what in ASKED}
        except RuntimeError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    for what, seconds in taken.items():
        held = "yes" if seconds < ASKED[what] else "NO"
        print(f"make run to the first page, {what}: {seconds:.1f} s (asked: under {ASKED[what]:.0f} s; held: {held})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
