"""`make image-test`: the image is built, started, bought from, killed, and started again with its data.

Twice: with its own PostgreSQL and Valkey under the tightest settings, then with services outside, a user id that the
image doesn't know and a root file system that could be written to, to see that nothing does. Every line it prints is a
claim that was found true; the first that is not ends it with the container's log.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from tests.image.bare import remove_tree
from tests.image.engines import ROOT, Container, Engine, EngineError, Launch, choose_engine
from tests.image.outside_services import free_port, outside_services
from tests.image.visitor import Refused, Visitor

HEALTHY_WITHIN = 180.0  # seconds, of a first start with the demo goods on a busy machine
STOPPED_WITHIN = 40  # seconds; compose.yaml and docs/deploy.md promise as many
ADMINISTRATOR = "admin@example.com"
STRANGER = "1234567890:0"  # as platforms choose one, always in group 0
PASSWORD_LINE = re.compile(r"^ +Password +(\S+) +\(shown only now", re.MULTILINE)
ANSWERED = re.compile(r" 200 GET /(healthz|readyz|api/v1/products) ")
"""A line of the access log that only tells that this test waits."""
_began = time.monotonic()


class Untrue(Exception):
    """A claim about the image does not hold."""


def holds(claim: str, truth: object, seen: object = "") -> None:
    """Tells the claim, or raises Untrue."""
    if not truth:
        raise Untrue(f"{claim}: no. {seen}".rstrip())
    tell(claim)


def tell(claim: str) -> None:
    print(f"  {time.monotonic() - _began:6.1f} s  {claim}", flush=True)


def main() -> int:
    signal.signal(signal.SIGTERM, _leave)
    folder = Path(tempfile.mkdtemp(prefix="shop-image-"))
    folder.chmod(0o755)  # the container's user walks through it to its volume
    try:
        engine = choose_engine(folder)
        print(f"image-test: {engine.name}", flush=True)
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(engine.close)
            build(engine)
            serve_alone(engine)
            serve_with_outside_services(engine)
        print(f"image-test: passed in {time.monotonic() - _began:.0f} s", flush=True)
    except (EngineError, Untrue, Refused, AssertionError, OSError, subprocess.SubprocessError) as error:
        print(f"image-test: FAILED. {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        remove_tree(folder)
    return 0


def build(engine: Engine) -> None:
    began = time.monotonic()
    engine.build(_build_arguments())
    size = engine.image_bytes() / 1_000_000
    holds(f"the image is built, in {time.monotonic() - began:.0f} s; {size:.0f} MB with its base", size < 700, size)

    config = engine.image_config()
    holds("its user is not root, and a number that platforms can check", re.fullmatch(r"[1-9]\d*:\d+", config["User"]))
    holds("its only volume is /data", list(config["Volumes"]) == ["/data"], config["Volumes"])
    holds("it listens on port 8000", list(config["ExposedPorts"]) == ["8000/tcp"], config["ExposedPorts"])
    command = [*config["Entrypoint"], *config["Cmd"]]
    holds("it starts without a shell between", command == ["shop", "serve"], command)
    labels = config["Labels"]
    expected = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    holds("its labels tell version and licence", labels["org.opencontainers.image.version"] == expected, labels)


def serve_alone(engine: Engine) -> None:
    print("With services of its own, a read-only root, no capabilities:", flush=True)
    port = free_port()
    launch = Launch("alone", port, {"SHOP_DEMO": "1", "SHOP_WEB_WORKERS": "1"})
    with running(engine, launch) as container:
        visitor = Visitor(f"http://localhost:{port}")
        _wait_until_healthy(engine, container, visitor, "first start")
        passwords = PASSWORD_LINE.findall(container.log())
        holds("the log shows a fresh password, once", len(passwords) == 1, container.log()[-2000:])
        visitor.sign_in(ADMINISTRATOR, passwords[0])
        _check_confinement(container)

        first = visitor.buy()
        tell(f"bought: order {first.number} is paid, its mail captured, {first.left} pieces left")
        container.kill()
        holds("every process was killed", not container.is_running())

        container.start()
        _wait_until_healthy(engine, container, visitor, "start after the kill")
        holds("no second password was made", len(PASSWORD_LINE.findall(container.log())) == 1)
        visitor.sign_in(ADMINISTRATOR, passwords[0])
        holds("the order is still paid", visitor.is_paid(first))
        holds("its mail is still there, and still one", visitor.has_mail(first))
        holds("the stock is as it was left", visitor.is_counted(first), visitor.stock(first.variant_id))
        second = visitor.buy()
        holds(f"bought again: order {second.number}, {second.left} pieces left", second.left == first.left - 2)

        began = time.monotonic()
        code = container.stop(STOPPED_WITHIN)
        holds(f"SIGTERM ends it in {time.monotonic() - began:.1f} s, with code 0", code == 0, code)
        holds("its last word is that it stopped", container.log().rstrip().endswith("stopped"), container.log()[-500:])
        holds("nothing was written outside the volume", not container.changed_files(), container.changed_files())


def serve_with_outside_services(engine: Engine) -> None:
    print("With services outside, as a user it doesn't know, and a root that could be written to:", flush=True)
    port = free_port()
    with outside_services() as urls:
        environment = {"SHOP_DEMO": "1", "SHOP_WEB_WORKERS": "1", "SHOP_ADMIN_PASSWORD": "adminadmin123"} | urls
        launch = Launch("outside", port, environment, hardened=False, host_network=True, user=STRANGER)
        with running(engine, launch) as container:
            visitor = Visitor(f"http://localhost:{port}")
            _wait_until_healthy(engine, container, visitor, "first start")
            visitor.sign_in(ADMINISTRATOR, "adminadmin123")
            holds(
                "it runs under the user id it was given",
                _said(container, "id", "-u") == STRANGER.split(":", maxsplit=1)[0],
            )
            names = set(_said(container, "ls", "/data").split())
            holds("it started no database of its own", "postgres" not in names and "secret_key" in names, names)
            first = visitor.buy()
            tell(f"bought: order {first.number} is paid, its mail captured, {first.left} pieces left")

            container.kill()
            container.start()
            _wait_until_healthy(engine, container, visitor, "start after a kill")
            visitor.sign_in(ADMINISTRATOR, "adminadmin123")
            holds("the order is still paid", visitor.is_paid(first))
            holds("the stock is as it was left", visitor.is_counted(first), visitor.stock(first.variant_id))
            second = visitor.buy()
            holds(f"bought again: order {second.number}, {second.left} pieces left", second.left == first.left - 2)
            code = container.stop(STOPPED_WITHIN)
            holds("SIGTERM ends it with code 0", code == 0, code)
            elsewhere = [path for path in container.changed_files() if not re.match(r"/tmp(/|$)", path)]
            holds("nothing was written outside the volume and /tmp", not elsewhere, elsewhere)


@contextlib.contextmanager
def running(engine: Engine, launch: Launch) -> Iterator[Container]:
    """A started container, which is gone afterwards; its log is shown when the block fails."""
    container = engine.container(launch)
    try:
        container.start()
        yield container
    except BaseException:
        with contextlib.suppress(Exception):
            print(
                f"----- the end of the container's log\n{container.log()[-6000:]}\n-----", file=sys.stderr, flush=True
            )
        raise
    finally:
        container.remove()


def _check_confinement(container: Container) -> None:
    holds("it is not root", _said(container, "id", "-u") == "10001", _said(container, "id"))
    owners = set(_said(container, "sh", "-c", "stat -c %u /proc/[0-9]*").split())
    holds("nor is any of its processes", owners == {"10001"}, owners)
    status = dict(line.split(":\t", 1) for line in _said(container, "cat", "/proc/1/status").splitlines())
    holds("it has no capability and can gain none", int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1")
    refused = [
        place for place in ("/opt/shop", "/etc", "/", "/var") if container.run("touch", f"{place}/x").returncode == 0
    ]
    holds("its root file system can't be written to", not refused, refused)
    mode = _said(container, "stat", "-c", "%a", "/data/postgres", "/data/secret_key").split()
    holds("what is secret in the volume is its own alone", mode == ["700", "600"], mode)


def _said(container: Container, *command: str) -> str:
    done = container.run(*command)
    # Processes come and go while they are listed.
    if done.returncode != 0 and "No such file" not in done.stderr:
        raise Untrue(f"{' '.join(command)} in the container: {done.stderr or done.stdout}")
    return done.stdout.strip()


def _wait_until_healthy(engine: Engine, container: Container, visitor: Visitor, occasion: str) -> None:
    """Healthy by the image's own check, ready by `/readyz`, with goods to sell."""
    began = time.monotonic()
    check = engine.image_config()["Healthcheck"]["Test"]
    if check[0] != "CMD":
        raise Untrue(f"the health check goes through a shell: {check}")
    waits: tuple[Callable[[], bool], ...] = (
        lambda: container.run(*check[1:]).returncode == 0,
        visitor.is_ready,
        visitor.has_goods,
    )
    for is_over in waits:
        while not is_over():
            if not container.is_running():
                raise Untrue(f"{occasion}: the container ended")
            if time.monotonic() - began > HEALTHY_WITHIN:
                raise Untrue(f"{occasion}: not healthy and ready within {HEALTHY_WITHIN:.0f} s")
            time.sleep(0.5)
    tell(f"{occasion}: healthy and ready after {time.monotonic() - began:.1f} s")


def _build_arguments() -> dict[str, str]:
    """Version and revision for the labels, and the package index of this machine, from pip's settings if it has any."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    arguments = {"VERSION": version, "REVISION": _output("git", "-C", str(ROOT), "rev-parse", "HEAD")}
    pip = str(ROOT / ".uv" / "bin" / "pip")
    index = (
        os.environ.get("UV_DEFAULT_INDEX")
        or os.environ.get("UV_INDEX_URL")
        or os.environ.get("PIP_INDEX_URL")
        or _output(pip, "config", "get", "global.index-url")
    )
    if index:
        arguments["PIP_INDEX_URL"] = index
    if base := os.environ.get("SHOP_BASE_IMAGE"):
        arguments["BASE_IMAGE"] = base
    return arguments


def _output(*command: str) -> str:
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _leave(number: int, _frame: FrameType | None) -> None:
    """Told to stop, it still cleans up."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
