"""Installs Lighthouse as it is pinned, and runs it on one page at a time, as a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent
HOME = Path(sys.prefix) / "lighthouse"
"""Where it is installed: in the virtual environment, so that nothing of it lies among the sources."""
MANIFESTS = ("package.json", "package-lock.json")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95
SECONDS = 300

Scores = dict[str, int]
"""Of each category, from 0 to 100."""


class LighthouseFailed(Exception):
    """It could not be installed or run; the message says why."""


def install() -> Path:
    """Its program. Raises LighthouseFailed."""
    program = HOME / "node_modules" / "lighthouse" / "cli" / "index.js"
    installed = HOME / "installed"
    wanted = "".join((HERE / name).read_text() for name in MANIFESTS)
    if program.exists() and installed.exists() and installed.read_text() == wanted:
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise LighthouseFailed("npm is needed to install Lighthouse (Debian, Ubuntu: apt-get install npm)")
    HOME.mkdir(parents=True, exist_ok=True)
    for name in MANIFESTS:
        shutil.copyfile(HERE / name, HOME / name)
    print(f"lighthouse: installing it to {HOME}", file=sys.stderr)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise LighthouseFailed(f"npm could not install Lighthouse: {done.stderr.strip()}")
    installed.write_text(wanted)
    return program


@dataclass(frozen=True)
class Judge:
    """Lighthouse's `program`, the browser it drives, and the folder it leaves its reports in."""

    program: Path
    chromium: Path
    reports: Path

    def scores_of(self, url: str, name: str, cookie: str) -> Scores:
        """As a phone of the middle class on a slow network sees the page; the reports are called `name`. Raises
        LighthouseFailed."""
        self.reports.mkdir(exist_ok=True)
        headers = self.reports / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie}))
        node, _ = compute_driver_executable()
        flags = ["--headless=new", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        command = [
            *(node, str(self.program), url, "--quiet", "--no-enable-error-reporting"),
            *("--output=json", "--output=html", f"--output-path={self.reports / name}"),
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={' '.join(flags)}",
            f"--extra-headers={headers}",
        ]
        environment = os.environ | {"CHROME_PATH": str(self.chromium)}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise LighthouseFailed(f"{url} was not judged within {SECONDS} s") from None
        if done.returncode:
            raise LighthouseFailed(f"{url}: {done.stderr.strip()[-2000:]}")
        return scores_in(json.loads((self.reports / f"{name}.report.json").read_text()), url)


def scores_in(report: dict[str, Any], url: str) -> Scores:
    """Raises LighthouseFailed when the page led elsewhere, or a category could not be judged."""
    if report["finalDisplayedUrl"] != url:
        raise LighthouseFailed(f"{url} led to {report['finalDisplayedUrl']}")
    scores = {name: report["categories"][name]["score"] for name in CATEGORIES}
    if unknown := [name for name, score in scores.items() if score is None]:
        raise LighthouseFailed(f"{url}: no figure for {', '.join(unknown)}")
    return {name: round(score * 100) for name, score in scores.items()}


def too_low(found: dict[str, Scores]) -> list[str]:
    """What is below LEAST, in words."""
    return [
        f"{page}: {category} {score}"
        for page, scores in found.items()
        for category, score in scores.items()
        if score < LEAST
    ]
