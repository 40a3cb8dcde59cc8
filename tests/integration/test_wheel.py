"""The wheel is the whole shop: what the image installs finds its templates, static files and migrations in itself."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CARRIED = {"templates": "shop/_templates", "static": "shop/_static", "migrations": "shop/_migrations"}
LOOK_AROUND = """
import json
from shop.app import build_litestar
from shop.kernel import migrate
from shop.kernel.http.static import static_files, static_folders
from shop.kernel.http.templating import environment, template_folders
build_litestar()
environment().get_template("base.html")
print(json.dumps({
    "folders": [str(folder) for folder in (*static_folders(), *template_folders())],
    "style": len(static_files()["css/shop.css"].content),
    "heads": sorted(migrate.expected_heads()["public"]),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    environment = dict(os.environ)
    index = os.environ.get("PIP_INDEX_URL") or _pip_setting("global.index-url")
    if index:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    if certificates := os.environ.get("PIP_CERT") or _pip_setting("global.cert"):
        environment.setdefault("SSL_CERT_FILE", certificates)
    subprocess.run(
        [ROOT / ".uv" / "bin" / "uv", "build", "--quiet", "--wheel", "--out-dir", folder, ROOT],
        env=environment,
        check=True,
        timeout=120,
    )
    (built,) = folder.glob("shop-*.whl")
    return built


def _pip_setting(name: str) -> str:
    pip = [ROOT / ".uv" / "bin" / "python", "-m", "pip", "config", "get", name]
    return subprocess.run(pip, capture_output=True, text=True, check=False).stdout.strip()


def test_it_carries_every_file(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    folders = {"src/shop": "shop"} | CARRIED
    missing = [
        path
        for folder, inside in folders.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" not in carried
    ]
    assert missing == []


def test_it_runs_away_from_the_source_tree(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", LOOK_AROUND],  # without `site` no .pth file leads back to the source tree
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), sysconfig.get_path("purelib")])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["folders"] == [str(tmp_path / "shop" / name) for name in ("_static", "_templates")]
    assert seen["style"] > 1000
    assert seen["heads"]
