"""`shop ...` as somebody types it, in a process of its own: forked from one that has read the code already, which takes a
second or two each time. tests/e2e/test_commands.py starts the real program."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_SECONDS = 60
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["shop.cli", "shop.wiring"])


def shop(*words: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """What became of the command, in this process's environment with these variables. Raises TimeoutExpired."""
    command = [str(word) for word in words]
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = _processes.Process(target=_run, args=(command, dict(os.environ) | settings, str(out), str(err)))
        process.start()
        process.join(_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, _SECONDS, out.read_text(), err.read_text())
        assert process.exitcode is not None
        return subprocess.CompletedProcess(command, process.exitcode, out.read_text(), err.read_text())


def _run(command: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for path, descriptor in ((os.devnull, 0), (out, 1), (err, 2)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    from shop.cli import main

    main(command, prog_name="shop")
    sys.exit(0)
