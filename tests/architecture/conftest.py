"""The source as the architecture tests read it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "shop"


@pytest.fixture(scope="session")
def trees() -> dict[str, ast.Module]:
    """Every source file by its path below src/shop, parsed."""
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
