"""A browser or program in the words of whoever used it, from what it says of itself; roughly, for it may say anything."""

import re
from typing import Final

UNKNOWN: Final = "An unknown device"

_BROWSERS: Final = (
    (re.compile(r"\bEdg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"\bOPR/|\bOpera\b"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\bVivaldi/"), "Vivaldi"),
    (re.compile(r"\b(?:Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(?:HeadlessChrome|Chrome|CriOS|Chromium)/"), "Chrome"),
    (re.compile(r"\bVersion/[\d.]+.*\bSafari/"), "Safari"),
)
"""In this order: most name the browsers as well that they want to be taken for."""
_SYSTEMS: Final = (
    (re.compile(r"\biPhone\b"), "iPhone"),
    (re.compile(r"\biPad\b"), "iPad"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bMac OS X\b|\bMacintosh\b"), "Mac"),
    (re.compile(r"\bLinux\b|\bX11\b"), "Linux"),
)
_PROGRAM: Final = re.compile(r"^([A-Za-z][A-Za-z0-9._-]{1,39})(?:/[\w.+-]*)?(?:\s|$)")
"""What programs call themselves: curl/8.5.0, python-httpx/0.28."""


def device_in_words(user_agent: str | None) -> str:
    """ "Firefox on Windows", "Safari on an iPhone", "curl"."""
    said = (user_agent or "")[:400]
    browser = next((name for form, name in _BROWSERS if form.search(said)), None)
    system = next((name for form, name in _SYSTEMS if form.search(said)), None)
    if browser is None and not said.startswith("Mozilla/"):
        program = _PROGRAM.match(said)
        return program[1] if program else UNKNOWN
    if browser is None or system is None:
        return browser or (f"A browser on {_with_article(system)}" if system else UNKNOWN)
    return f"{browser} on {_with_article(system)}"


def _with_article(system: str) -> str:
    return {"iPhone": "an iPhone", "iPad": "an iPad", "Mac": "a Mac"}.get(system, system)
