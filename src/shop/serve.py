"""`shop serve`: everything one shop needs, from its database to its first page, as one supervised tree of processes.

Order of a start: port, services, migrations, administrator, demo catalogue, then the lasting processes and a banner.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from shop.kernel import embedded
from shop.kernel.config import Settings
from shop.kernel.embedded.processes import spawn
from shop.supervisor import Journal, Program, StopRequested, Supervisor

LASTING = ("worker", "relay", "web")  # stopped in the opposite order: no new work comes while the old is finished
DONE_FILE = "first-start.json"
SECRET_FILE = "secret_key"  # noqa: S105  # the name of a file
CANT_START = 2
SUPERVISED = "SHOP_SUPERVISED"
"""Set for the shop's own processes, which then end with their supervisor."""

Command = Callable[..., Sequence[str]]


class StartError(Exception):
    """The shop can't start; the message says why and what to do."""


def shop_command(*args: str) -> Sequence[str]:
    """The argument list of `shop ARGS` in this very environment; -P keeps the current folder out of the imports."""
    return [sys.executable, "-P", "-m", "shop.cli", *args]


def serve(settings: Settings, *, command: Command = shop_command) -> int:
    """Runs the shop until a stop signal; the exit code. `command` makes the argument lists of its processes."""
    journal = Journal(settings.log_format)
    services = None
    try:
        check_port_free(settings.host, settings.port)
        with Supervisor(journal) as supervisor:
            with supervisor.interruptible():
                services = embedded.launch(
                    settings.data_dir, postgres=not settings.database_url, valkey=not settings.redis_url
                )
            supervise_services(supervisor, services)
            _Start(settings, supervisor, services, command).run()
            supervisor.run()
    except StopRequested:
        pass
    except (StartError, embedded.DataDirBusy, embedded.ServicesError) as error:
        journal.note(str(error), level="error")
        return CANT_START
    finally:
        if services:
            services.close()
    journal.note("stopped")
    return 0


def serve_services(data_dir: Path, *, test_mode: bool) -> int:
    """Runs only the embedded services, for development and tests, and prints their URLs; the exit code."""
    journal = Journal()
    services = None
    try:
        with Supervisor(journal) as supervisor:
            with supervisor.interruptible():
                services = embedded.launch(data_dir, test_mode=test_mode)
            supervise_services(supervisor, services)
            click.echo(
                f"SHOP_DATABASE_URL={services.urls.database_url}\n"
                f"SHOP_DATABASE_OWNER_URL={services.urls.database_owner_url}\n"
                f"SHOP_REDIS_URL={services.urls.redis_url}"
            )
            supervisor.run()
    except StopRequested:
        pass
    except (embedded.DataDirBusy, embedded.ServicesError) as error:
        journal.note(str(error), level="error")
        return CANT_START
    finally:
        if services:
            services.close()
    return 0


def supervise_services(supervisor: Supervisor, services: embedded.Services) -> None:
    """Hands the running services over, so that they are started again when they die."""
    programs = [
        Program(part.name, partial(services.spawn, part), part.stop_steps, services.processes[part.name])
        for part in services.parts
    ]
    for program in programs:
        supervisor.add(program)

    def keep_house() -> None:
        for part, program in zip(services.parts, programs, strict=True):
            part.trim_log()
            if program.has_settled() and part.lost_its_socket():
                supervisor.journal.note(f"{part.name} lost its socket to a cleaner of /tmp", level="warning")
                supervisor.restart(program)

    supervisor.housekeeping = keep_house


def check_port_free(host: str, port: int) -> None:
    """Raises StartError when something listens there already: the web server itself would share the port silently."""
    try:
        addresses = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise StartError(f"SHOP_HOST={host!r} is no address of this machine: {error}") from error
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except PermissionError as error:
                raise StartError(
                    f"port {port} is for root only; choose one above 1023, such as SHOP_PORT=8000"
                ) from error
            except OSError as error:
                raise StartError(
                    f"port {port} on {host} is taken by another program. Stop that one or choose another port, "
                    f"such as SHOP_PORT={port + 1 if port < 65535 else 8000}. ({error.strerror})"
                ) from error


def ensure_secret_key(settings: Settings) -> str:
    """The configured secret key, or the one kept in the data folder, made at the first call. Raises StartError."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / SECRET_FILE
    try:
        if not path.exists():
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{SECRET_FILE}.{os.getpid()}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
            with suppress(FileExistsError):  # another command was quicker: its key is the one
                os.link(fresh, path)
            fresh.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise StartError(
            f"the secret key in {path} can't be kept: {error}. Mend that, or set SHOP_SECRET_KEY."
        ) from error


class _Start:
    """The steps between running services and an open shop."""

    def __init__(
        self, settings: Settings, supervisor: Supervisor, services: embedded.Services, command: Command
    ) -> None:
        self.settings, self.supervisor, self._command = settings, supervisor, command
        self._keeps_notes = bool(services.urls.database_url)  # an outside database may be replaced without our notice
        self._done_file = settings.data_dir / DONE_FILE
        self._environment = child_environment(settings, services.urls)

    def run(self) -> None:
        """Raises StartError, StopRequested."""
        if self._run_to_end("migrate") is None:
            raise StartError(
                "the database could not be brought up to date; the lines above say why. Nothing was started."
            )
        done = self._read_done()
        administrator = None if done.get("administrator") else self._create_administrator()
        if self.settings.demo and not done.get("demo"):
            self._load_demo()
        for name in LASTING:
            self.supervisor.add(Program(name, partial(self._spawn, name)))
        self.supervisor.run(until=lambda: answers_healthy(self.settings.host, self.settings.port), every=0.1)
        if not self.supervisor.stopping:
            click.echo(_banner(self.settings, administrator))

    def _create_administrator(self) -> dict[str, object]:
        answer = self._run_to_end("admin", "create", "--json", capture=True)
        if answer is None:
            raise StartError("the administrator's account could not be made; the lines above say why.")
        try:
            administrator = json.loads(answer.strip().splitlines()[-1])
        except (ValueError, IndexError) as error:
            raise StartError(f"`shop admin create --json` gave no JSON line but {answer!r}") from error
        self._write_done("administrator")
        return dict(administrator)

    def _load_demo(self) -> None:
        self.supervisor.journal.note("loading the demo catalogue, unless there is one")
        if self._run_to_end("demo", "load") is not None:
            self._write_done("demo")

    def _run_to_end(self, *args: str, capture: bool = False) -> str | None:
        """What a one-off command printed (with `capture`), or None when it failed."""
        process = self._spawn(*args, capture=capture)
        if self.supervisor.run_to_end(f"`shop {' '.join(args)}`", process) != 0:
            return None
        return process.stdout.read().decode() if process.stdout else ""

    def _spawn(self, *args: str, capture: bool = False) -> subprocess.Popen[bytes]:
        """Only the migrations are told how to connect as the owner of the tables."""
        environment = {**self._environment, SUPERVISED: "1"}
        if args != ("migrate",):
            environment["SHOP_DATABASE_OWNER_URL"] = ""
        return spawn(self._command(*args), env=environment, capture=capture)

    def _read_done(self) -> dict[str, bool]:
        if self._keeps_notes:
            with suppress(OSError, ValueError):
                return dict(json.loads(self._done_file.read_text()))
        return {}

    def _write_done(self, step: str) -> None:
        if self._keeps_notes:
            self._done_file.write_text(json.dumps(self._read_done() | {step: True}) + "\n")


def child_environment(settings: Settings, urls: embedded.ServicesUrls) -> Mapping[str, str]:
    """The environment of the shop's processes: this one's, with what was decided here."""
    return os.environ | {
        "SHOP_DATABASE_URL": urls.database_url or settings.database_url,
        "SHOP_DATABASE_OWNER_URL": urls.database_owner_url or settings.database_owner_url,
        "SHOP_REDIS_URL": urls.redis_url or settings.redis_url,
        "SHOP_SECRET_KEY": ensure_secret_key(settings),
        "SHOP_DATA_DIR": str(settings.data_dir.absolute()),
        "SHOP_DEMO": "1" if settings.demo else "0",
        "PYTHONUNBUFFERED": "1",
        # glibc would give each thread an arena of its own, which never shrinks again.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
    }


def answers_healthy(host: str, port: int) -> bool:
    """Whether the web server answers GET /healthz with 200."""
    reachable = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # a name to look up
    request = f"GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((reachable, port), timeout=2) as connection:
            connection.sendall(request.encode())
            return connection.recv(64).split(b"\r\n")[0].split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def _banner(settings: Settings, administrator: Mapping[str, object] | None) -> str:
    url = settings.public_url
    reset = f"`shop admin password {administrator['email'] if administrator else settings.admin_email}`"
    lines = [
        ("Storefront", f"{url}/"),
        ("Back office", f"{url}/admin"),
        ("API", f"{url}/docs"),
    ]
    if administrator:
        lines.append(("Administrator", str(administrator["email"])))
    if not administrator or not administrator.get("created"):
        lines.append(("Password", f"as before; {reset} sets a new one"))
    elif settings.admin_password:
        lines.append(("Password", f"the one in SHOP_ADMIN_PASSWORD; {reset} sets a new one"))
    else:
        lines.append(("Password", f"{administrator['password']}   (shown only now; {reset} sets a new one)"))
    body = "\n".join(f"    {label:<14} {value}" for label, value in lines)
    footer = f"The data is kept in {settings.data_dir.absolute()}; Ctrl-C stops the shop."
    return f"\n  {settings.name} is open\n\n{body}\n\n  {footer}\n"
