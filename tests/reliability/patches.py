"""Applies the unified diffs in `guards/` to a copy of the tree, to the letter: no fuzz, no offset, no tool from outside.

`git apply` takes them too; neither git nor patch need be on the machine that runs the tests.
"""

import re
from pathlib import Path

import msgspec

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class PatchDoesNotApply(Exception):
    """The guarded code has changed: the message says where. Make the patch anew."""


class Hunk(msgspec.Struct):
    """`before` becomes `after` at or near `line`, counted from 1."""

    path: str
    line: int
    before: list[str] = []
    after: list[str] = []


def read_patch(patch: str) -> list[Hunk]:
    hunks: list[Hunk] = []
    path = ""
    for line in patch.splitlines():
        if line.startswith("--- a/"):
            path = line.removeprefix("--- a/")
        elif line.startswith("+++ b/"):
            if line.removeprefix("+++ b/") != path:
                raise PatchDoesNotApply(f"{path} is renamed, which guards need not be")
        elif found := HUNK.match(line):
            hunks.append(Hunk(path, int(found[1])))
        elif hunks and line[:1] in {" ", "-", "+", ""}:
            if line[:1] != "+":
                hunks[-1].before.append(line[1:])
            if line[:1] != "-":
                hunks[-1].after.append(line[1:])
    if not hunks:
        raise PatchDoesNotApply("there is no hunk in it")
    return hunks


def apply_patch(patch: str, tree: Path) -> None:
    """Raises PatchDoesNotApply unless each hunk's lines stand in its file exactly once; nothing is written then."""
    changed: dict[Path, str] = {}
    for hunk in read_patch(patch):
        path = tree / hunk.path
        present = changed[path] if path in changed else _text(path)
        before, after = _block(hunk.before), _block(hunk.after)
        if f"\n{present}".count(f"\n{before}") != 1:
            raise PatchDoesNotApply(f"{hunk.path}, near line {hunk.line}, no longer has these lines once:\n{before}")
        changed[path] = f"\n{present}".replace(f"\n{before}", f"\n{after}")[1:]
    for path, content in changed.items():
        path.write_text(content)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError as error:
        raise PatchDoesNotApply(f"{path} is gone") from error


def _block(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
