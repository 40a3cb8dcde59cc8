"""`shop`: every way in from a terminal. Commands are imported only when used, so that each starts quickly.

The kernel's commands stand here; modules bring theirs (such as `admin create`) in their manifests, and groups of one
name are joined. A command that needs the database finds the services of the shop that runs on SHOP_DATA_DIR, or runs
them for its own duration.
"""

import functools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from shop.kernel.config import Settings, SettingsError, load_env_file, settings
from shop.kernel.embedded.processes import end_with_parent
from shop.kernel.priority import work_in_background

ENV_FILE = Path(".env")
START_PATIENCE = 60.0  # seconds a command waits for the services of a shop that is just starting


class ShopGroup(click.Group):
    """The kernel's commands, and on demand those of the modules, each connected to the services."""

    @functools.cached_property
    def module_commands(self) -> dict[str, click.Command]:
        from shop.wiring import WiringError, all_modules

        commands: dict[str, click.Command] = {}
        try:
            manifests = all_modules()
        except WiringError as error:
            raise click.ClickException(str(error)) from error
        for manifest in manifests:
            for command in manifest.commands:
                _join(commands, command, manifest.name)
        return {name: _connected(command) for name, command in commands.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.module_commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self.module_commands.get(cmd_name)


def _join(commands: dict[str, click.Command], command: click.Command, module: str) -> None:
    name = command.name or ""
    present = commands.get(name)
    if present is None:
        # A group is copied, so that joining doesn't change the module's own object.
        commands[name] = (
            click.Group(name, dict(command.commands), help=command.help) if type(command) is click.Group else command
        )
        return
    if not isinstance(present, click.Group) or not isinstance(command, click.Group):
        raise click.ClickException(f"two modules bring a command named {name!r}; the second is {module}")
    for inner in command.commands.values():
        _join(present.commands, inner, module)  # type: ignore[arg-type]  # click types it as a MutableMapping


def _connected(command: click.Command) -> click.Command:
    """`command`, whose callback and those below it run with the services' URLs in the settings and all modules wired."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _connected(inner)
    elif command.callback is not None and not hasattr(command.callback, "__wrapped__"):
        command.callback = connected(_booted(command.callback))
    return command


def _booted(callback: Callable[..., Any]) -> Callable[..., Any]:
    """A module's command may publish events and ask other modules' ports."""

    @functools.wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        from shop.wiring import boot

        boot()
        return callback(*args, **kwargs)

    return run


def connected(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a command's body that needs the database: it runs beside a running shop, or on its own."""

    @functools.wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        with services_connected():
            return callback(*args, **kwargs)

    return run


@contextmanager
def services_connected() -> Iterator[None]:
    """Puts the services' URLs and the secret key into the environment, from which the settings are read again."""
    from shop.kernel import embedded
    from shop.kernel.migrate import REFUSALS, upgrade
    from shop.serve import StartError, child_environment

    chosen = read_settings()
    started = None
    urls = embedded.ServicesUrls("", "")
    try:
        if not (chosen.database_url and chosen.redis_url):
            found = _find_or_start(chosen)
            started, urls = (None, found) if isinstance(found, embedded.ServicesUrls) else (found, found.urls)
        os.environ.update(child_environment(chosen, urls))
        settings.cache_clear()
        if started and not chosen.database_url:
            upgrade()  # as a start of the shop does: a command may be the first that ever runs on the folder
        yield
    except (StartError, embedded.ServicesError, embedded.DataDirBusy, *REFUSALS) as error:
        raise click.ClickException(str(error)) from error
    finally:
        if started:
            started.close()


def _find_or_start(chosen: Settings) -> Any:
    from shop.kernel import embedded

    deadline = time.monotonic() + START_PATIENCE
    while True:
        if found := embedded.discover(chosen.data_dir):
            return found
        try:
            services = embedded.launch(chosen.data_dir, postgres=not chosen.database_url, valkey=not chosen.redis_url)
        except embedded.DataDirBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)  # a shop holds the folder and its services are still starting
            continue
        click.echo(f"No shop runs on {chosen.data_dir}: its services are started for this command.", err=True)
        return services


def read_settings() -> Settings:
    """The settings, or an exit with the words of what is wrong with them."""
    try:
        return settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@click.group(cls=ShopGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shop")
def main() -> None:
    """A self-hosted online shop. Settings are SHOP_ variables, read from the environment and from .env."""
    if "SHOP_SUPERVISED" in os.environ:  # all settings come from `shop serve`
        end_with_parent(signal.SIGTERM)
        return
    try:
        load_env_file(ENV_FILE, os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--demo/--no-demo", default=None, help="Fill an empty catalogue with demo goods (default: SHOP_DEMO).")
def serve(demo: bool | None) -> None:
    """Run the whole shop: services, web, worker and relay."""
    from shop.serve import serve as run

    if demo is not None:
        os.environ["SHOP_DEMO"] = "1" if demo else "0"
        settings.cache_clear()
    sys.exit(run(read_settings()))


@main.command()
@connected
def web() -> None:
    """Run the web server alone."""
    from shop.serve import check_port_free
    from shop.web import run
    from shop.wiring import WiringError

    chosen = read_settings()
    check_port_free(chosen.host, chosen.port)
    try:
        run(chosen)
    except WiringError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@connected
def worker() -> None:
    """Run the worker alone: event handlers and jobs."""
    work_in_background()
    from shop.worker import main as run

    run()


@main.command()
@connected
def relay() -> None:
    """Run the relay alone: outbox, sweeper and scheduler."""
    work_in_background()
    from shop.relay import main as run

    run()


@main.command()
def health() -> None:
    """Say whether the web server here answers; the exit code is 1 when not."""
    from shop.serve import answers_healthy

    chosen = read_settings()
    healthy = answers_healthy(chosen.host, chosen.port)
    click.echo("healthy" if healthy else f"nothing answers GET /healthz with 200 on port {chosen.port}")
    sys.exit(not healthy)


@main.command()
@click.option("--test-mode", is_flag=True, help="Trade durability for speed.")
def services(test_mode: bool) -> None:
    """Run only PostgreSQL and Valkey, and print their URLs."""
    from shop.serve import serve_services

    sys.exit(serve_services(read_settings().data_dir, test_mode=test_mode))


@main.command()
@connected
def migrate() -> None:
    """Bring the database to this version's schema."""
    from shop.kernel.migrate import REFUSALS, upgrade, warning

    try:
        upgrade()
    except REFUSALS as error:
        raise click.ClickException(str(error)) from error
    if line := warning():
        click.echo(f"Warning: {line}", err=True)


@main.command()
def openapi() -> None:
    """Print the OpenAPI document of the HTTP API."""
    from shop.app import build_litestar
    from shop.kernel.http.api_docs import openapi_document

    click.echo(json.dumps(openapi_document(build_litestar()), indent=2, ensure_ascii=False))


@main.group()
def modules() -> None:
    """The modules this shop is made of."""


@modules.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when one of them is stale.")
def docs(check: bool) -> None:
    """Write docs/modules.md, docs/roles.md and docs/pictures/architecture.svg from manifests, roles and routes."""
    from shop.architecture_picture import architecture_picture
    from shop.modules_document import modules_document
    from shop.roles_document import roles_document
    from shop.wiring import MODULES

    made = {
        "docs/modules.md": modules_document,
        "docs/roles.md": roles_document,
        "docs/pictures/architecture.svg": architecture_picture,
    }
    for name, make in made.items():
        path, fresh = Path(name), make(MODULES)
        if path.exists() and path.read_text(encoding="utf-8") == fresh:
            click.echo(f"{path} is up to date")
        elif check:
            raise click.ClickException(f"{path} is stale: run `make docs` and commit it")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(fresh, encoding="utf-8")
            click.echo(f"{path} written")


if __name__ == "__main__":
    main()
