"""Finds a Chromium for the browser tests, and as a script installs one where there is none.

It looks at SHOP_CHROMIUM, then for a system browser, then for Playwright's own. `make test` runs the script first.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS_APPS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
PLAYWRIGHT_PROGRAMS = (
    "chromium_headless_shell-*/*/headless_shell",
    "chromium_headless_shell-*/*/chrome-headless-shell",
    "chromium-*/*/chrome",
    "chromium-*/*/*.app/Contents/MacOS/*",
)
OWN_BROWSERS = Path(sys.prefix) / "browsers"
"""Where this script lets Playwright put its browser: in the virtual environment, not in a HOME that may be passing."""
HOW_TO_GET_ONE = """\
The browser tests need Chromium, which was not found and could not be installed:
{reasons}
Get it with one of these, then run `make test` again:
  Debian, Ubuntu (as root):  apt-get install chromium
  macOS:                     brew install --cask chromium
  any other place:           SHOP_CHROMIUM=/path/to/chromium make test"""


class BrowserMissing(Exception):
    """No Chromium on this machine; the message says how to get one."""


def find_chromium() -> Path | None:
    """The program of a Chromium, or None. Raises BrowserMissing when SHOP_CHROMIUM names none."""
    if chosen := os.environ.get("SHOP_CHROMIUM"):
        if os.access(chosen, os.X_OK):
            return Path(chosen)
        raise BrowserMissing(f"SHOP_CHROMIUM={chosen} is no program that can be run")
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    applications = [root / app for root in (Path("/Applications"), Path.home() / "Applications") for app in MACOS_APPS]
    programs = [
        path for root in _playwright_folders() for pattern in PLAYWRIGHT_PROGRAMS for path in root.glob(pattern)
    ]
    return next((path for path in (*applications, *programs) if os.access(path, os.X_OK)), None)


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's `chromium.launch`. Raises BrowserMissing."""
    program = find_chromium()
    if program is None:
        raise BrowserMissing(HOW_TO_GET_ONE.format(reasons="  `make test` was not used, or was interrupted"))
    # Chromium's sandbox refuses to run as root; /dev/shm is tiny in many containers.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {"executable_path": str(program), "headless": True, "args": arguments}


def ensure_chromium() -> Path:
    """The program of a Chromium, installed when missing. Raises BrowserMissing."""
    reasons: list[str] = []
    for install in (None, _install_with_apt, _install_with_playwright):
        if install is not None and (reason := install()):
            reasons.append(f"  {reason}")
        if program := find_chromium():
            return program
    raise BrowserMissing(HOW_TO_GET_ONE.format(reasons="\n".join(reasons)))


def _playwright_folders() -> list[Path]:
    home = Path(os.environ.get("HOME") or "/nonexistent")
    folders = [OWN_BROWSERS, home / ".cache/ms-playwright", home / "Library/Caches/ms-playwright"]
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    return [Path(chosen), *folders] if chosen else folders


def _install_with_apt() -> str:
    """Why it failed, or nothing."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return "apt-get: not root on a Debian system"
    steps = (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"])
    for step in steps:
        if reason := _run(["apt-get", *step], {"DEBIAN_FRONTEND": "noninteractive"}):
            return reason
    return ""


def _install_with_playwright() -> str:
    """Why it failed, or nothing."""
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    return _run(command, {"PLAYWRIGHT_BROWSERS_PATH": str(OWN_BROWSERS)})


def _run(command: list[str], extra: dict[str, str]) -> str:
    print(f"browser: {' '.join(command)}", file=sys.stderr)
    try:
        done = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    last_words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
    return "" if done.returncode == 0 else f"{' '.join(command)}: {' '.join(last_words)}"


if __name__ == "__main__":
    try:
        ensure_chromium()
    except BrowserMissing as missing:
        sys.exit(str(missing))
