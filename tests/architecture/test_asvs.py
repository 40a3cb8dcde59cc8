"""docs/asvs.md leaves out no requirement, and each test that it names as proof is there."""

import ast
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "asvs.md"
LEVELS_1_AND_2 = {
    "6.1": (1, 2, 3),
    "6.2": tuple(range(1, 13)),
    "6.3": (1, 2, 3, 4),
    "6.4": (1, 2, 3, 4),
    "6.5": (1, 2, 3, 4, 5),
    "6.6": (1, 2, 3),
    "6.8": (1, 2, 3, 4),
    "7.1": (1, 2, 3),
    "7.2": (1, 2, 3, 4),
    "7.3": (1, 2),
    "7.4": (1, 2, 3, 4, 5),
    "7.5": (1, 2),
    "7.6": (1, 2),
    "8.1": (1, 2),
    "8.2": (1, 2, 3),
    "8.3": (1,),
    "8.4": (1,),
    "9.1": (1, 2, 3),
    "9.2": (1, 2, 3, 4),
    "10.1": (1, 2),
    "10.2": (1, 2),
    "10.3": (1, 2, 3, 4),
    "10.4": tuple(range(1, 12)),
    "10.5": (1, 2, 3, 4, 5),
    "10.6": (1, 2),
    "10.7": (1, 2, 3),
}
"""Numbers of the requirements of level 1 and 2 in V6 to V10 of ASVS 5.0.0."""
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|")
UNPROVED = ("**not met**: ", "**not applicable**: ")


def rows() -> list[tuple[str, str, str, list[str]]]:
    return [
        (number, what.strip(), how.strip(), re.findall(r"`([^`]+)`", shown))
        for number, what, how, shown in ROW.findall(DOCUMENT.read_text())
    ]


@lru_cache
def names_of_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_requirement_is_answered_once():
    wanted = [f"{section}.{number}" for section, numbers in LEVELS_1_AND_2.items() for number in numbers]
    assert [number for number, *_ in rows()] == wanted


def test_every_proof_is_a_test():
    missing = []
    for number, _, _, shown in rows():
        for proof in shown:
            path, _, name = proof.partition("::")
            file = ROOT / "tests" / path
            if not file.exists() or name not in names_of_tests(file):
                missing.append(f"{number}: {proof}")
    assert missing == []


def test_what_is_met_is_shown_and_what_is_not_says_why():
    for number, what, how, shown in rows():
        assert what, number
        if how.startswith(UNPROVED):
            assert len(how.partition("**: ")[2]) > 5, f"{number} says not why"
        else:
            assert shown, f"{number} is shown by nothing"
