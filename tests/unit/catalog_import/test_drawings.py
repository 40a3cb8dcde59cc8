"""The demo's drawings are those that the code draws, small and free of anything that a strict policy stops."""

import csv
import re

from shop.modules.catalog.demo.drawing.gallery import drawings
from shop.modules.catalog.demo.goods import FOLDER, goods_files


def test_the_files_are_what_the_code_draws():
    kept = {entry.name: entry.read_text(encoding="utf-8") for entry in (FOLDER / "images").iterdir()}
    assert kept == dict(drawings())


def test_every_drawing_is_small_and_without_script_or_style():
    for name, svg in drawings():
        assert len(svg.encode()) < 8000, name
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|href=|<foreignObject", svg), name


def test_every_drawing_belongs_to_goods_and_all_goods_have_one():
    rows = [row for path in goods_files() for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    named = {name for row in rows for cell in (row["images"], row["image"]) for name in cell.split("|") if name}
    assert named == {name for name, _ in drawings()}
    assert all(row["images"] for row in rows if row["title"])
