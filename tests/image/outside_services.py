"""A PostgreSQL and a Valkey outside the container, on this machine's loopback and with passwords, as a merchant has them."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import STDOUT, run

import psycopg

from shop.kernel.embedded.binaries import postgres_programs, service_account, valkey_program
from shop.kernel.embedded.processes import Step, spawn, stop, wait_until

READY_WITHIN = 30.0  # seconds
INITDB = ("--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")
VALKEY = ("--bind", "127.0.0.1", "--save", "", "--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru")
PLAIN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def outside_services() -> Iterator[dict[str, str]]:
    """The settings that name them, for the duration of a block."""
    with contextlib.ExitStack() as cleanup:
        folder = Path(tempfile.mkdtemp(prefix="shop-image-services-"))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = folder / "postgres"
        account = service_account(cluster)
        if account:
            os.chown(folder, account.uid, account.gid)
        password, log = secrets.token_hex(16), cleanup.enter_context((folder / "services.log").open("wb"))
        as_account = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}

        programs, password_file = postgres_programs(account), folder / "password"
        password_file.write_text(password)
        password_file.chmod(0o644)  # in a folder of mode 0700
        run(
            [programs / "initdb", "-D", cluster, "--username=shop", f"--pwfile={password_file}", *INITDB],
            env=PLAIN,
            cwd=folder,
            stdout=log,
            stderr=STDOUT,
            check=True,
            **as_account,
        )
        postgres_port, valkey_port = free_port(), free_port()
        tcp = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={postgres_port}", "-c", "unix_socket_directories="]
        postgres = spawn(
            [programs / "postgres", "-D", cluster, *tcp],
            env=PLAIN,
            cwd=folder,
            log=log,
            account=account,
            death_signal=signal.SIGINT,
        )
        cleanup.callback(stop, postgres, (Step(signal.SIGINT, 10),))
        valkey = spawn(
            [valkey_program(account), "--port", str(valkey_port), "--requirepass", password, *VALKEY],
            env=PLAIN,
            cwd=folder,
            log=log,
            account=account,
        )
        cleanup.callback(stop, valkey, (Step(signal.SIGTERM, 5),))

        server = f"postgresql://shop:{password}@127.0.0.1:{postgres_port}"
        assert wait_until(lambda: _answers(f"{server}/postgres"), seconds=READY_WITHIN), "PostgreSQL did not come up"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute("create database shop")
        yield {
            "SHOP_DATABASE_URL": f"{server}/shop".replace("//shop:", "//shop_app:"),
            "SHOP_DATABASE_OWNER_URL": f"{server}/shop",
            "SHOP_REDIS_URL": f"redis://:{password}@127.0.0.1:{valkey_port}/0",
        }


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
