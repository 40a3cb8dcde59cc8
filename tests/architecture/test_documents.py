"""What the documents promise is there: every link leads to a file, every command and setting they name exists."""

import re
from pathlib import Path

import click
import msgspec
import pytest

from shop.cli import main
from shop.kernel.config import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path for pattern in ("*.md", "docs/*.md", "docs/adr/*.md", "examples/*/*.md") for path in sorted(ROOT.glob(pattern))
]
LINKS = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
OUTSIDE_THE_SHOP = {"SHOP_IMAGE", "SHOP_PUBLISH"}
"""Read by compose.yaml alone."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(group: click.Group, *before: str) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        found.add((*before, each))
        if isinstance(command, click.Group):
            found |= commands(command, *before, each)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(document):
    targets = [a or b for a, b in LINKS.findall(document.read_text())]
    local = [target.partition("#")[0] for target in targets if not re.match(r"https?://|mailto:|#", target)]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_make_target_is_in_the_makefile(document):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|; )(?:[A-Z_]+=\S+ )*make ([a-z-]+)", document.read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_command_of_the_shop_is_one(document):
    known = commands(main)
    text = document.read_text()
    code = "\n".join(
        (*re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL), *re.findall(r"`([^`\n]+)`", text))
    )
    named = re.findall(r"(?:bin/|exec shop |^)shop ([a-z]+)(?: ([a-z]+))?", code, re.MULTILINE)
    groups = {command[0] for command in known if len(command) == 2}
    unknown = [
        f"shop {first} {second}".strip()
        for first, second in named
        if (first,) not in known or (second and first in groups and (first, second) not in known)
    ]
    assert unknown == []


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "compose.yaml"], ids=name)
def test_every_setting_is_one(document):
    known = {PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)}
    tests = {*re.findall(r"SHOP_[A-Z_]+", "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py")))}
    read = {*re.findall(r"SHOP_[A-Z_]+", "\n".join(path.read_text() for path in (ROOT / "bench").rglob("*.py")))}
    assert (
        set(re.findall(r"\bSHOP_[A-Z]+(?:_[A-Z]+)*\b", document.read_text())) <= known | tests | read | OUTSIDE_THE_SHOP
    )
