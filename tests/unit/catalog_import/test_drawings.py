"""The demo's drawings are those that the code draws, small and free of anything that a strict policy stops."""

import gzip
import re

from shop.modules.catalog.demo.drawing.gallery import drawings
from shop.modules.catalog.demo.goods import FOLDER
from tests.unit.catalog_import.demo_rows import demo_rows

KILOBYTE = 1000


def test_the_files_are_what_the_code_draws():
    kept = {entry.name: entry.read_text(encoding="utf-8") for entry in (FOLDER / "images").iterdir()}
    drawn = dict(drawings())
    assert kept.keys() == drawn.keys()
    assert [name for name in drawn if kept[name] != drawn[name]] == []


def test_a_page_of_cards_weighs_little():
    for name, svg in drawings():
        assert len(svg.encode()) < 14 * KILOBYTE, name
        assert len(gzip.compress(svg.encode())) < 2.6 * KILOBYTE, name


def test_no_drawing_has_a_script_a_style_a_filter_or_anything_from_elsewhere():
    for name, svg in drawings():
        assert not re.search(r'<script|<style|<filter|<image|\sstyle=|\son\w+=|href="(?!#)|<foreignObject', svg), name


def test_all_that_a_drawing_points_to_is_in_it_once():
    for name, svg in drawings():
        there = re.findall(r'\sid="(\w+)"', svg)
        assert len(there) == len(set(there)), name
        assert set(re.findall(r'(?:url\(|href=")#(\w+)', svg)) <= set(there), name


def test_every_drawing_belongs_to_goods_and_all_goods_have_one():
    named = {name for row in demo_rows() for cell in (row["images"], row["image"]) for name in cell.split("|") if name}
    assert named == {name for name, _ in drawings()}


def test_a_variants_picture_is_one_of_its_products():
    shown = {row["slug"]: row["images"].split("|") for row in demo_rows() if row["title"]}
    assert [row["sku"] for row in demo_rows() if row["image"] and row["image"] not in shown[row["slug"]]] == []
