"""The examples as a stranger uses them: the package built and installed beside the shop, the theme named by its folder."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running_shop import Shop, open_shop

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed package, to be named in PYTHONPATH. uv builds it without asking an index."""
    folder = tmp_path_factory.mktemp("modules")
    uv = [ROOT / ".uv" / "bin" / "uv", "pip", "install", "--quiet", "--offline", "--target", folder]
    subprocess.run([*uv, EXAMPLES / "shop-bestsellers"], check=True, timeout=120)
    return folder


@pytest.fixture(scope="session")
def shop(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A whole shop with the module and the theme, one for all test workers of this run."""
    own = tmp_path_factory.getbasetemp()
    meeting_place = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "examples"
    theme = EXAMPLES / "theme-harbour"
    with open_shop(meeting_place, PYTHONPATH=str(package), SHOP_THEME_DIR=str(theme)) as opened:
        yield opened
