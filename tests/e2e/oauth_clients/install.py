"""Installs oauth4webapi as it is pinned, a public OAuth client that is tried on the shop unmodified. As a script for `make test`.

By npm where there is one; without it the package is fetched as package-lock.json names it and known by its hash.
`NPM_CONFIG_REGISTRY` names another registry. The Node that runs it is Playwright's.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).parent
HOME = Path(sys.prefix) / "oauth-clients"
"""In the virtual environment, so that nothing of it lies among the sources."""
NAME = "oauth4webapi"
PROGRAM = HOME / "program.mjs"
MANIFESTS = ("package.json", "package-lock.json")
SECONDS = 300


class ClientMissing(Exception):
    """The client is not here and could not be installed; the message says why."""


def ensure_client() -> Path:
    """The program that uses it, beside it, for that is where Node looks. Raises ClientMissing."""
    installed, wanted = HOME / "installed", "".join((HERE / name).read_text() for name in MANIFESTS)
    if not installed.exists() or installed.read_text() != wanted:
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        for name in MANIFESTS:
            shutil.copyfile(HERE / name, HOME / name)
        _install_by_npm() if shutil.which("npm") else _fetch()
        installed.write_text(wanted)
    shutil.copyfile(HERE / "program.mjs", PROGRAM)
    return PROGRAM


def _install_by_npm() -> None:
    print(f"oauth clients: installing {NAME} to {HOME}", file=sys.stderr)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise ClientMissing(f"npm could not install {NAME}: {done.stderr.strip()}")


def _fetch() -> None:
    pinned = json.loads((HERE / "package-lock.json").read_text())["packages"][f"node_modules/{NAME}"]
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
    url = f"{registry}/{NAME}/-/{NAME}-{pinned['version']}.tgz"
    print(f"oauth clients: there is no npm, so fetching {url}", file=sys.stderr)
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            package = answer.read()
    except OSError as error:
        raise ClientMissing(f"{url} could not be fetched: {error}") from None
    if f"sha512-{base64.b64encode(hashlib.sha512(package).digest()).decode()}" != pinned["integrity"]:
        raise ClientMissing(f"{url} is not the package that was chosen: its hash differs")
    with tarfile.open(fileobj=BytesIO(package)) as archive:
        archive.extractall(HOME / "node_modules", filter="data")
    (HOME / "node_modules" / "package").rename(HOME / "node_modules" / NAME)


if __name__ == "__main__":
    try:
        ensure_client()
    except ClientMissing as missing:
        sys.exit(str(missing))
