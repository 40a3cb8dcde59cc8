"""An engine of Debian's parts for machines without one: debootstrap makes the base, buildah the image, util-linux runs it.

The image is built by `buildah bud --isolation chroot` and run from its mounted root in namespaces of its own, with the
user, environment, command, health check and stop signal that stand in its configuration. It needs root.
"""

import functools
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.image.engines import ROOT, EngineError, Launch, call

CACHE = ROOT / ".image-cache"
RELEASE, PACKAGES = "bookworm", "ca-certificates,python3"
TOOLS = {"buildah": "buildah", "debootstrap": "debootstrap"}  # program: Debian package
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
BASE, IMAGE = "localhost/shop-base", "localhost/shop-image-test"
SCRIPT = Path(__file__).with_name("container.sh")


class Buildah:
    """The image in a storage of its own below `folder`, which goes with it."""

    name = "buildah, isolation chroot"

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0:
            raise EngineError("neither docker nor podman works here; without them this test wants to be run by root")
        _install_tools()
        self._folder = folder
        self._storage = ["--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]

    def buildah(self, *words: str, within: float = 120) -> str:
        # Interrupted, it leaves its scratch files where they go with the rest.
        return call(["buildah", *self._storage, *words], within=within, TMPDIR=str(self._folder)).strip()

    def build(self, build_arguments: Mapping[str, str]) -> None:
        self._make_base()
        arguments = dict(build_arguments) | {"BASE_IMAGE": BASE}
        options = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        # docker's format, since the other one has no health check
        fixed = ["bud", "--isolation", "chroot", "--format", "docker", "--layers=false", "--pull=false", "--tag", IMAGE]
        self.buildah(*fixed, *options, str(ROOT), within=1800)

    def _make_base(self) -> None:
        base = self.buildah("from", "scratch")
        self.buildah("add", base, str(_debian()), "/")
        for bundle in (os.environ.get("PIP_CERT"), os.environ.get("SSL_CERT_FILE"), CERTIFICATES):
            if bundle and Path(bundle).exists():  # a company's certificates: the build trusts whom this machine trusts
                self.buildah("copy", base, bundle, CERTIFICATES)
                break
        self.buildah("commit", "--rm", base, BASE)

    def image_config(self) -> dict[str, Any]:
        return dict(json.loads(self.buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"])

    def image_bytes(self) -> int:
        sizes = (path.lstat().st_size for _, paths in _walk(self._root_of_image) for path in paths)
        return sum(sizes)

    @functools.cached_property
    def _root_of_image(self) -> Path:
        """A root file system made of the image. All containers start from this one: each tells whether it was changed."""
        return Path(self.buildah("mount", self.buildah("from", "--pull=false", IMAGE)))

    def container(self, launch: Launch) -> "BareContainer":
        return BareContainer(self._root_of_image, self.image_config(), launch, self._folder)

    def close(self) -> None:
        """Nothing: all that was made goes with the folder, and nothing of it is mounted outside a container."""


class BareContainer:
    """The program of an image in its own mount and process namespaces, on this machine's network."""

    def __init__(self, root: Path, config: Mapping[str, Any], launch: Launch, folder: Path) -> None:
        self._root, self._config, self._launch = root, config, launch
        self._stop_signal = signal.Signals[config.get("StopSignal") or "SIGTERM"]
        self._user = (launch.user or config["User"]).split(":")
        self._log_file = folder / f"{launch.name}.log"
        self._outer: subprocess.Popen[bytes] | None = None
        self._data = folder / f"{launch.name}-data"
        # As engines do, a new volume takes owner and mode from the folder of the image that it covers.
        inside = (root / "data").stat()
        self._data.mkdir()
        os.chown(self._data, inside.st_uid, inside.st_gid)
        self._data.chmod(inside.st_mode & 0o7777)
        self._before = dict(_fingerprints(root))

    def _environment(self) -> list[str]:
        own = dict(pair.split("=", 1) for pair in self._config["Env"])
        chosen = {"HOME": "/data", "SHOP_PORT": str(self._launch.port)} | dict(self._launch.environment)
        return [f"{name}={value}" for name, value in (own | chosen).items()]

    def start(self) -> None:
        mode = "ro" if self._launch.hardened else "rw"
        program = [*self._config["Entrypoint"], *self._config["Cmd"]]
        place = [str(self._root), str(self._data), mode, *self._user, self._config["WorkingDir"]]
        namespaces = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL"]
        with self._log_file.open("ab") as log:
            self._outer = subprocess.Popen(
                [*namespaces, "sh", str(SCRIPT), *place, *self._environment(), *program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _first(self) -> psutil.Process:
        """Process 1 of the container, as this machine sees it."""
        if self._outer is None or self._outer.poll() is not None:
            raise EngineError("the container does not run")
        deadline = time.monotonic() + 10
        while not (inside := psutil.Process(self._outer.pid).children()):
            if time.monotonic() > deadline:
                raise EngineError("the container's first process did not come")
            time.sleep(0.02)
        return inside[0]

    def is_running(self) -> bool:
        return self._outer is not None and self._outer.poll() is None

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        enter = ["nsenter", "--target", str(self._first().pid), "--mount", "--pid", "--root", "--wd"]
        user = ["--setuid", self._user[0], "--setgid", self._user[1]]
        return subprocess.run(
            [*enter, *user, "/usr/bin/env", "-i", *self._environment(), *command],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def kill(self) -> None:
        """The kernel ends a process namespace with its process 1, whatever its members are doing."""
        everyone = self._first().children(recursive=True)
        self._first().kill()
        self._end_of_outer(10)
        if left := psutil.wait_procs(everyone, timeout=10)[1]:
            raise EngineError(f"these outlived the container: {left}")

    def stop(self, within: int) -> int:
        everyone = self._first().children(recursive=True)
        self._first().send_signal(self._stop_signal)
        code = self._end_of_outer(within)
        if left := psutil.wait_procs(everyone, timeout=1)[1]:
            raise EngineError(f"these outlived the container: {left}")
        return code

    def _end_of_outer(self, within: int) -> int:
        if self._outer is None:
            raise EngineError("the container was never started")
        try:
            return self._outer.wait(within)
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"the container did not stop within {within} s") from error

    def log(self) -> str:
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    def changed_files(self) -> list[str]:
        now = dict(_fingerprints(self._root))
        paths = {path for path in now.keys() | self._before.keys() if now.get(path) != self._before.get(path)}
        return sorted(f"/{path.relative_to(self._root)}" for path in paths)

    def remove(self) -> None:
        if self._outer is not None and self._outer.poll() is None:
            self._outer.kill()  # its child ends with it: --kill-child
            self._outer.wait(10)


def _install_tools() -> None:
    missing = [package for program, package in TOOLS.items() if not shutil.which(program)]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise EngineError(f"no engine works here; install docker or podman, or {' and '.join(missing)}")
    print(f"image-test: installing {' and '.join(missing)}", flush=True)
    call(["apt-get", "update", "-q"], within=300)
    keys = "debian-archive-keyring"
    call(["apt-get", "install", "-qy", "--no-install-recommends", *missing, keys], within=600)


def _debian() -> Path:
    """A plain Debian as a tar file, made once and kept in .image-cache."""
    label = hashlib.sha256(f"{RELEASE} {PACKAGES}".encode()).hexdigest()[:8]
    kept = CACHE / f"debian-{RELEASE}-{platform.machine()}-{label}.tar"
    if kept.exists():
        return kept
    CACHE.mkdir(exist_ok=True)
    print(f"image-test: making a base of Debian {RELEASE} by debootstrap, once", flush=True)
    fresh, tar = CACHE / f"root.{os.getpid()}", CACHE / f"tar.{os.getpid()}"
    try:
        call(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(fresh)], within=1200)
        call(["chroot", str(fresh), "apt-get", "clean"])
        call(["tar", "--create", "--file", str(tar), "--numeric-owner", "--one-file-system", "-C", str(fresh), "."])
        tar.rename(kept)
    finally:
        remove_tree(fresh)
        tar.unlink(missing_ok=True)
    return kept


def remove_tree(folder: Path) -> None:
    """Removes a folder, but never through a mount: what is mounted below is unmounted first. Raises EngineError."""
    for mounted in reversed(_mounts_below(folder)):
        call(["umount", "--lazy", mounted])
    if still := _mounts_below(folder):
        raise EngineError(f"{still} can't be unmounted, so {folder} is left")
    shutil.rmtree(folder, ignore_errors=True)


def _mounts_below(folder: Path) -> list[str]:
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [place for place in mounted if place.startswith(f"{folder.resolve()}/")]


def _walk(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Every folder with its files."""
    for folder, _, names in os.walk(root):
        yield Path(folder), [Path(folder, name) for name in names]


def _fingerprints(root: Path) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """Every file and folder with what a write to it would change."""
    for folder, files in _walk(root):
        for path in (folder, *files):
            seen = path.lstat()
            yield path, (seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_mode, seen.st_uid)
