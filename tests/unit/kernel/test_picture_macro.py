"""How a page shows a picture: room kept for it, its colour in its place, the first ones at once and the rest when near."""

from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from shop.kernel.http.templating import environment

STEM = f"{'0123456789abcdef' * 2}-1000x750-07"
URL = f"/media/{STEM}.jpg"
DRAWING = f"/media/{'0123456789abcdef' * 2}-800x800-12.svg"


def rendered(source: Any, **options: Any) -> Element:
    module: Any = environment().get_template("macros/_pictures.html").module
    return html5lib.parseFragment(module.picture(source, **options), treebuilder="etree", namespaceHTMLElements=False)


def image(root: Element) -> dict[str, str]:
    (found,) = root.iter("img")
    return dict(found.attrib)


def test_a_photograph_comes_as_avif_in_sizes_and_as_one_webp():
    root = rendered(URL, alt="A mug", sizes="(width < 40rem) 46vw, 17rem", largest=640)
    (source,) = root.iter("source")
    assert source.attrib == {
        "type": "image/avif",
        "srcset": ", ".join(f"/media/{STEM}-{width}.avif {width}w" for width in (320, 480, 640)),
        "sizes": "(width < 40rem) 46vw, 17rem",
    }
    assert image(root) == {
        "src": f"/media/{STEM}-640.webp",
        "alt": "A mug",
        "width": "1000",
        "height": "750",
        "class": "tint-07",
        "loading": "lazy",
        "decoding": "async",
    }


def test_what_is_seen_first_is_not_waited_for():
    shown = image(rendered(URL, eager=True))
    assert shown["fetchpriority"] == "high"
    assert "loading" not in shown


def test_a_drawing_is_one_file_with_its_colour():
    root = rendered(DRAWING, cls="alternate")
    assert not list(root.iter("source"))
    shown = image(root)
    assert (shown["src"], shown["class"], shown["width"]) == (DRAWING, "alternate tint-12", "800")


@pytest.mark.parametrize("make", [dict, SimpleNamespace], ids=["mapping", "object"])
def test_what_holds_a_url_may_say_more(make):
    shown = image(rendered(make(url="https://elsewhere.example/a.jpg", alt="A mug", width=300, height=200)))
    assert (shown["src"], shown["alt"]) == ("https://elsewhere.example/a.jpg", "A mug")
    assert (shown["width"], shown["height"]) == ("300", "200")
    assert "class" not in shown


def test_what_holds_only_a_url_is_enough():
    shown = image(rendered({"url": URL}))
    assert (shown["alt"], shown["width"], shown["height"]) == ("", "1000", "750")


def test_words_of_others_stay_words():
    shown = image(rendered(URL, alt='"><script>alert(1)</script>', sizes='"'))
    assert shown["alt"] == '"><script>alert(1)</script>'
