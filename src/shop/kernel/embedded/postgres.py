"""The embedded PostgreSQL: makes the cluster once, starts the server with settings for a small container.

Gotchas: a Unix socket's path has at most 107 bytes, so the socket stands in a short folder of its own. Under root on
Linux the server is given its data as `/proc/self/cwd`: it needs no right to walk the (possibly private) path to it.
A cluster is made under another name and renamed when whole, so that a kill in the middle leaves no half of one.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from shop.kernel.embedded.binaries import ServicesError, postgres_programs
from shop.kernel.embedded.processes import Account, Step, end_strays, spawn

VERSION = "18"
OWNER = DATABASE = "shop"
SHOP = "shop_app"
"""The role that web, worker, relay and commands connect with; the migrations make it."""
PORT = 5432
FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT

INITDB_OPTIONS = (
    f"--username={OWNER}",
    "--auth-local=trust",  # the socket stands in a folder of mode 0700
    "--auth-host=reject",
    "--encoding=UTF8",
    # The builtin provider sorts alike on every system and needs no locale installed.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
TUNING = {
    "max_connections": "100",
    "shared_buffers": "48MB",
    "effective_cache_size": "256MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # a shop's questions are short: a parallel worker costs more than it brings
    "io_method": "sync",  # the data fits in memory; saves the three I/O worker processes
    "wal_compression": "on",
    "min_wal_size": "64MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "30s",  # the outbox's rows come and go quickly
    "track_io_timing": "off",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "error",
    "log_line_prefix": "%m [%p] ",
    "log_lock_waits": "on",
    # An order that was acknowledged must survive a power cut.
    "fsync": "on",
    "synchronous_commit": "on",
}
TEST_TUNING = TUNING | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


class Postgres:
    """A PostgreSQL server on one cluster; `spawn` may be called again each time the server has died."""

    name = "PostgreSQL"
    stop_steps = (Step(FAST_SHUTDOWN, 10), Step(IMMEDIATE_SHUTDOWN, 5))

    def __init__(self, cluster: Path, socket_dir: Path, account: Account | None, *, test_mode: bool) -> None:
        self.cluster, self.socket_dir = cluster, socket_dir
        self._account, self._test_mode = account, test_mode
        self._programs = postgres_programs(account)
        by_working_directory = account is not None and sys.platform == "linux"
        self._data = Path("/proc/self/cwd") if by_working_directory else cluster

    def url(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={self.socket_dir}&port={PORT}"

    @property
    def socket(self) -> Path:
        return self.socket_dir / f".s.PGSQL.{PORT}"

    def prepare(self, log: IO[bytes]) -> None:
        """Makes the cluster when there is none, and ends what a killed shop left. Raises ServicesError."""
        version_file = self.cluster / "PG_VERSION"
        if not version_file.exists():
            self._make_cluster(log)
        elif (version := version_file.read_text().strip()) != VERSION:
            raise ServicesError(
                f"{self.cluster} was written by PostgreSQL {version}, this is {VERSION}. Dump it with {version}'s "
                "pg_dump and load that into a new SHOP_DATA_DIR, or point SHOP_DATABASE_URL at a server that runs it."
            )
        self._clear_stale_lock(self.stop_steps)

    def spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Starts the server and returns at once. Raises OSError."""
        self._clear_stale_lock((Step(IMMEDIATE_SHUTDOWN, 2),))  # only backends of a dead server can be left
        tuning = TEST_TUNING if self._test_mode else TUNING
        settings = {"listen_addresses": "", "port": str(PORT), "unix_socket_directories": str(self.socket_dir)} | tuning
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [self._programs / "postgres", "-D", self._data, *options],
            env=_plain_environment(),
            cwd=self.cluster,
            log=log,
            account=self._account,
            death_signal=FAST_SHUTDOWN,
        )

    def is_ready(self, pid: int) -> bool:
        """Whether the server `pid` takes connections: the eighth line of its lock file says so, as pg_ctl knows."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _clear_stale_lock(self, steps: Sequence[Step]) -> None:
        """The caller holds the data folder's lock, so a server still on it is a killed shop's and a lock file is stale.

        PostgreSQL itself would refuse to start when the stale file's pid meanwhile belongs to some other process.
        """
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return
        end_strays("postgres", self.cluster.resolve(), steps)
        lock.unlink(missing_ok=True)
        for leftover in self.socket_dir.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _make_cluster(self, log: IO[bytes]) -> None:
        if self._account is None and not _has_name(os.geteuid()):
            raise ServicesError(
                f"the user id {os.geteuid()} has no name in /etc/passwd, which PostgreSQL's initdb insists on. Use one "
                "that has (the first start only), or set SHOP_DATABASE_URL."
            )
        fresh = self.cluster.with_name(self.cluster.name + ".new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(parents=True, mode=0o700)
        if self._account:
            os.chown(fresh, self._account.uid, self._account.gid)
        data = fresh if self._data == self.cluster else self._data
        self._run_once(
            ["initdb", "-D", data, *INITDB_OPTIONS, *(["--no-sync"] if self._test_mode else [])],
            fresh,
            log,
        )
        self._run_once(
            ["postgres", "--single", "-D", data, "postgres"], fresh, log, stdin=f"CREATE DATABASE {DATABASE};\n"
        )
        fresh.rename(self.cluster)

    def _run_once(self, args: list[str | Path], cwd: Path, log: IO[bytes], *, stdin: str = "") -> None:
        account = self._account
        try:
            done = subprocess.run(  # noqa: S603  # the wheel's own programs
                [self._programs / args[0], *args[1:]],
                input=stdin.encode(),
                cwd=cwd,
                env=_plain_environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                check=False,
                start_new_session=True,
            )
        except OSError as error:
            raise ServicesError(f"can't run {self._programs / args[0]}: {error}") from error
        log.write(done.stdout)
        if done.returncode != 0:
            last_words = done.stdout.decode(errors="replace").strip().splitlines()[-3:]
            raise ServicesError(f"{args[0]} failed with code {done.returncode} in {cwd}:\n  " + "\n  ".join(last_words))


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _plain_environment() -> dict[str, str]:
    """Without PG* variables, which are meant for somebody's other server."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
