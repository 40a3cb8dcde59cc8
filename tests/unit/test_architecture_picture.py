"""The picture of the architecture tells of every module, and nothing in it overlaps or sticks out."""

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from shop.architecture_picture import BOX, WIDTH, architecture_picture
from shop.kernel.manifest import Manifest
from shop.wiring import MODULES

SVG = "{http://www.w3.org/2000/svg}"


def made_up(count: int) -> list[Manifest]:
    """Each asks all that come after it, so that most arrows pass columns."""
    ports = [type(f"Port{number}", (), {}) for number in range(count)]
    return [
        Manifest(f"module{number}", provides={ports[number]: 1}, requires=ports[number + 1 :])
        for number in range(count)
    ]


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of the modules."""
    found = [element.attrib for element in ET.fromstring(svg).iter(f"{SVG}rect") if element.get("width") == str(BOX)]
    corners = [[float(each[name]) for name in ("x", "y", "width", "height")] for each in found]
    return [(x, y, x + width, y + height) for x, y, width, height in corners]


@pytest.mark.parametrize("manifests", [MODULES, made_up(6)], ids=["ours", "made up"])
def test_every_module_has_a_box_of_its_own(manifests):
    svg = architecture_picture(manifests)
    assert {manifest.name for manifest in manifests} <= set(texts(svg))
    assert len(boxes(svg)) == len(manifests)
    apart = [a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for a, b in combinations(boxes(svg), 2)]
    assert all(apart)


def test_there_is_an_arrow_for_each_two_modules_of_which_one_asks_the_other():
    provider = {protocol: manifest.name for manifest in MODULES for protocol in manifest.provides}
    asking = {(m.name, provider[p]) for m in MODULES for p in m.requires if p in provider and provider[p] != m.name}
    svg = architecture_picture(MODULES)
    into_modules = [path for path in re.findall(r'<path class="ask" d="([^"]+)" marker', svg) if "C" in path]
    assert len(into_modules) == len(asking)


def test_every_port_and_event_is_named():
    words = " ".join(texts(architecture_picture(MODULES)))
    for manifest in MODULES:
        assert all(protocol.__name__ in words for protocol in manifest.provides)
        told = [event.__struct_config__.tag.split(".")[1].replace("_", " ") for event in manifest.events]
        assert [each for each in told if each not in words] == []


def test_it_is_the_same_whoever_makes_it_and_stays_within_its_frame():
    svg = architecture_picture(MODULES)
    assert svg == architecture_picture(MODULES)
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    assert width >= WIDTH
    assert all(left > 0 and right < width and top > 0 and bottom < height for left, top, right, bottom in boxes(svg))
    assert "prefers-color-scheme: dark" in svg
