"""The holes that import-linter can't see: boundaries crossed by strings, by ports and by schemas."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from shop.wiring import MODULES

ROOT = Path(__file__).parents[2]
NAMES = [manifest.name for manifest in MODULES]


def module_of(path: str) -> str | None:
    parts = path.split("/")
    return parts[1] if parts[0] == "modules" and len(parts) > 2 else None


def calls(tree: ast.AST, *names: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def test_a_module_asks_only_the_ports_that_its_manifest_requires(trees):
    allowed = {
        m.name: {p.__name__ for p in (*m.requires, *m.requires_many, *m.provides, *m.provides_many)} for m in MODULES
    }
    asked = defaultdict(set)
    for path, tree in trees.items():
        if module := module_of(path):
            asked[module] |= {ast.unparse(call.args[0]) for call in calls(tree, "port", "ports")}
    undeclared = {name: sorted(asked[name] - allowed[name]) for name in NAMES if asked[name] - allowed[name]}
    assert undeclared == {}


def test_a_manifest_requires_no_port_that_its_module_never_asks(trees):
    asked = defaultdict(set)
    for path, tree in trees.items():
        if module := module_of(path):
            asked[module] |= {ast.unparse(call.args[0]) for call in calls(tree, "port", "ports")}
    unused = {
        m.name: unasked
        for m in MODULES
        if (unasked := sorted({p.__name__ for p in (*m.requires, *m.requires_many)} - asked[m.name]))
    }
    assert unused == {}


def test_sql_is_written_in_repositories_only(trees):
    strays = [
        path for path, tree in trees.items() if module_of(path) and "/repository" not in path and calls(tree, "sql")
    ]
    assert strays == []


def test_only_the_database_kernel_commits(trees):
    strays = [
        f"{path}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        if path != "kernel/db.py"
    ]
    assert strays == []


def test_no_foreign_key_leaves_its_schema():
    crossing = [
        f"{table.fullname}.{key.parent.name} -> {key.target_fullname}"
        for manifest in MODULES
        if manifest.metadata is not None
        for table in manifest.metadata.tables.values()
        for key in table.foreign_keys
        if key.target_fullname.split(".")[0] != table.schema
    ]
    assert crossing == []


def test_every_module_keeps_to_the_schema_of_its_name():
    strays = [
        table.fullname
        for manifest in MODULES
        if manifest.metadata is not None
        for table in manifest.metadata.tables.values()
        if table.schema != manifest.name
    ]
    assert strays == []


@pytest.mark.parametrize("name", NAMES)
def test_sql_texts_name_no_table_of_another_schema(trees, name):
    others = "|".join(sorted(set(NAMES) - {name}))
    foreign = re.compile(rf"\b(?:from|join|into|update|table)\s+({others})\.\w+", re.IGNORECASE)
    strays = [
        f"{path}:{node.lineno}: {match[0]}"
        for path, tree in trees.items()
        if module_of(path) == name
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := foreign.search(node.value))
    ]
    assert strays == []


def test_templates_reach_into_no_other_module():
    strays = []
    for path in (ROOT / "templates").rglob("*.html"):
        own = path.relative_to(ROOT / "templates").parts[0]
        if own not in NAMES:
            continue
        targets = re.findall(r"{%-?\s*(?:include|import|from|extends)\s+\"([^\"]+)\"", path.read_text())
        others = set(NAMES) - {own}
        strays += [f"{path.relative_to(ROOT)} -> {target}" for target in targets if target.split("/")[0] in others]
    assert strays == []


def test_templates_carry_no_inline_style_or_script():
    inline = re.compile(
        r"<style|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")|\sstyle=|\son[a-z]+=\"",
        re.IGNORECASE,
    )
    mails = {*(ROOT / "templates/emails").iterdir(), ROOT / "templates/macros/email.html"}  # mail programs want it so
    strays = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "templates").rglob("*.html")
        if path not in mails and (match := inline.search(path.read_text()))
    ]
    assert strays == []
