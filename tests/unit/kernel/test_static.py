"""Static files: style sheets are sent in one piece, and scripts of others are the ones their list names."""

import hashlib
import re
from pathlib import Path

from shop.kernel.http import static

ROOT = Path(__file__).parents[3]


def test_a_style_sheet_holds_its_imports():
    sent = static.static_files()["css/shop.css"].content
    assert b"@import" not in sent
    assert b"--paper:" in sent
    assert sent.index(b"@layer tokens {") < sent.index(b"@layer utilities {")


def test_a_theme_replaces_one_part_of_a_style_sheet(tmp_path, monkeypatch):
    own = tmp_path / "static/css/shop"
    own.mkdir(parents=True)
    (own / "tokens.css").write_text(":root { --paper: hotpink; }")
    folders = [*static.static_folders(), tmp_path / "static"]
    monkeypatch.setattr(static, "static_folders", lambda: folders)
    static.static_files.cache_clear()
    try:
        sent = static.static_files()["css/shop.css"].content
    finally:
        static.static_files.cache_clear()
    assert b"hotpink" in sent
    assert b".product-card" in sent


def test_a_style_sheet_asks_for_fonts_by_the_names_that_are_kept_for_a_year():
    sent = static.static_files()["css/shop.css"].content.decode()
    font = static.static_url("vendor/fonts/bricolage-grotesque-latin.woff2")
    assert f'url("{font}")' in sent
    asked = set(re.findall(r'url\("/static/([^"]+)"\)', sent))
    assert asked <= {file.hashed_name for file in static.static_files().values()}


def test_vendored_files_are_the_listed_ones():
    folder = ROOT / "static/vendor"
    listed = dict(
        re.findall(r"^\| `([\w./-]+\.\w+)` .*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE)
    )
    files = [path for path in folder.rglob("*") if path.is_file()]
    present = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    del present["README.md"]
    assert present
    assert present == listed
