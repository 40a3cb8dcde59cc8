"""What runs the image: docker or podman where one works, else buildah over a debootstrap base (see bare.py).

The test asks little of an engine, so that the same story is told by each of them.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).parents[2]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
CHOSEN = "SHOP_IMAGE_ENGINE"
ENGINES_OWN = {"/data", "/dev", "/etc", "/etc/passwd", "/proc", "/run", "/sys"}
"""What an engine itself touches: folders to mount something in, and podman's line for a user id that has no name."""


class EngineError(Exception):
    """An engine's command failed, or there is no engine; the message says what to do."""


@dataclass(frozen=True)
class Launch:
    """How a container is started. `hardened`: read-only root, a small /tmp in memory, no capability."""

    name: str
    port: int
    """On this machine's loopback."""
    environment: Mapping[str, str] = field(default_factory=dict)
    hardened: bool = True
    host_network: bool = False
    user: str = ""
    """`uid:gid` in place of the image's own."""


class Container(Protocol):
    """One container and its volume; `start` after `kill` or `stop` keeps both."""

    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A command inside, as the container's user."""

    def kill(self) -> None:
        """SIGKILL to every process, as a power cut."""

    def stop(self, within: int) -> int:
        """The image's stop signal to process 1; the exit code. Raises EngineError when it takes longer."""

    def log(self) -> str: ...
    def changed_files(self) -> list[str]:
        """Paths outside the volume that were written since the start."""

    def remove(self) -> None:
        """With its volume."""


class Engine(Protocol):
    """Builds the image and makes containers of it."""

    @property
    def name(self) -> str: ...
    def build(self, build_arguments: Mapping[str, str]) -> None: ...
    def image_config(self) -> dict[str, Any]:
        """The image's configuration, with the names docker gives: User, Env, Volumes, Healthcheck, ..."""

    def image_bytes(self) -> int: ...
    def container(self, launch: Launch) -> Container: ...
    def close(self) -> None:
        """Removes whatever was made."""


def call(command: Sequence[str], *, within: float = 60, **environment: str) -> str:
    """What the command printed. Raises EngineError with its last words."""
    try:
        done = subprocess.run(
            command,
            env=os.environ | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{' '.join(command)} took longer than {within:.0f} s") from error
    if done.returncode:
        last_words = "\n  ".join(done.stdout.strip().splitlines()[-25:])
        raise EngineError(f"{' '.join(command)} failed with code {done.returncode}:\n  {last_words}")
    return done.stdout


def choose_engine(folder: Path) -> Engine:
    """The first that works, or the one that SHOP_IMAGE_ENGINE names. `folder` is scratch space. Raises EngineError."""
    from tests.image.bare import Buildah

    wanted = os.environ.get(CHOSEN, "")
    if wanted not in {"", "docker", "podman", "buildah"}:
        raise EngineError(f"{CHOSEN}={wanted!r}: write docker, podman or buildah")
    for program in ("docker", "podman"):
        if wanted in {"", program} and _works(program):
            return Docker(program)
    if wanted in {"", "buildah"}:
        return Buildah(folder)
    raise EngineError(f"{CHOSEN}={wanted}: `{wanted} info` fails")


def _works(program: str) -> bool:
    if not shutil.which(program):
        return False
    try:
        return subprocess.run([program, "info"], capture_output=True, timeout=30, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


class Docker:
    """docker, or podman by the same words."""

    def __init__(self, program: str) -> None:
        self.name = program
        self._image = f"shop-image-test:{os.getpid()}"

    def build(self, build_arguments: Mapping[str, str]) -> None:
        passed = dict(build_arguments) | {name: os.environ[name] for name in PROXIES if name in os.environ}
        options = [word for name, value in passed.items() for word in ("--build-arg", f"{name}={value}")]
        if self.name == "podman":
            options += ["--format", "docker"]  # the other format has no health check
        call([self.name, "build", *options, "--tag", self._image, str(ROOT)], within=1800)

    def image_config(self) -> dict[str, Any]:
        image = json.loads(call([self.name, "image", "inspect", self._image]))[0]
        # podman tells the health check beside the rest
        return {"Healthcheck": image.get("Healthcheck") or image.get("HealthCheck")} | dict(image["Config"])

    def image_bytes(self) -> int:
        return int(call([self.name, "image", "inspect", "--format", "{{.Size}}", self._image]))

    def container(self, launch: Launch) -> "DockerContainer":
        return DockerContainer(self.name, self._image, launch)

    def close(self) -> None:
        call([self.name, "image", "rm", "--force", self._image], within=300)


class DockerContainer:
    def __init__(self, program: str, image: str, launch: Launch) -> None:
        self._program, self._launch = program, launch
        self._name = self._volume = f"shop-image-test-{os.getpid()}-{launch.name}"
        options = ["--name", self._name, "--volume", f"{self._volume}:/data"]
        environment = dict(launch.environment)
        if launch.host_network:
            options += ["--network", "host"]
            environment["SHOP_PORT"] = str(launch.port)
        else:
            options += ["--publish", f"127.0.0.1:{launch.port}:8000"]
            environment["SHOP_BASE_URL"] = f"http://localhost:{launch.port}"
        if launch.hardened:
            options += ["--read-only", "--tmpfs", "/tmp:size=64m", "--cap-drop", "ALL"]
            options += ["--security-opt", "no-new-privileges"]
        if launch.user:
            options += ["--user", launch.user]
        for name, value in environment.items():
            options += ["--env", f"{name}={value}"]
        call([program, "create", *options, image])

    def start(self) -> None:
        call([self._program, "start", self._name])

    def is_running(self) -> bool:
        return call([self._program, "inspect", "--format", "{{.State.Running}}", self._name]).strip() == "true"

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self._program, "exec", self._name, *command], capture_output=True, text=True, timeout=60, check=False
        )

    def kill(self) -> None:
        call([self._program, "kill", "--signal", "KILL", self._name])
        call([self._program, "wait", self._name])

    def stop(self, within: int) -> int:
        call([self._program, "stop", "--time", str(within), self._name], within=within + 30)
        code = int(call([self._program, "inspect", "--format", "{{.State.ExitCode}}", self._name]))
        if code == 137:
            raise EngineError(f"the container did not stop within {within} s and was killed")
        return code

    def log(self) -> str:
        return call([self._program, "logs", self._name])

    def changed_files(self) -> list[str]:
        changed = [line.split(maxsplit=1)[1] for line in call([self._program, "diff", self._name]).splitlines()]
        return [path for path in changed if path not in ENGINES_OWN and not path.startswith("/data/")]

    def remove(self) -> None:
        call([self._program, "rm", "--force", self._name])
        call([self._program, "volume", "rm", "--force", self._volume])
