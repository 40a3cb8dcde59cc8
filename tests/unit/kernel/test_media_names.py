"""What the name of a picture says, and what may be asked for by name."""

import pytest

from shop.kernel.media.names import DERIVED_FORMATS, PictureName, parse_derivative, parse_picture, shown

DIGEST = "0123456789abcdef" * 2
STEM = f"{DIGEST}-1000x750-07"


@pytest.mark.parametrize("name", [f"{STEM}.jpg", f"{DIGEST}-1x1-00.svg", f"{DIGEST}-400x300-31m.gif"])
def test_a_name_is_read_as_it_is_written(name):
    assert str(parse_picture(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        f"{STEM}-480.avif",
        f"{STEM}.exe",
        f"{STEM}.jpg.part",
        f"{DIGEST}.jpg",
        f"{DIGEST}-0x750-07.jpg",
        f"../{STEM}.jpg",
        f"{STEM}.jpg\n",
        f"{STEM.upper()}.JPG",
        "",
    ],
)
def test_anything_else_is_no_name_of_a_picture(name):
    assert parse_picture(name) is None


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (100, (100,)),
        (160, (160,)),
        (161, (160, 161)),
        (1000, (160, 320, 480, 640, 960, 1000)),
        (1600, (160, 320, 480, 640, 960, 1280, 1600)),
        (6000, (160, 320, 480, 640, 960, 1280, 1600)),
    ],
)
def test_derivatives_are_never_wider_than_the_picture(width, expected):
    assert PictureName(DIGEST, width, 10, 0, moves=False, suffix="jpg").widths() == expected


def test_what_moves_and_what_is_drawn_has_no_derivatives():
    assert PictureName(DIGEST, 1000, 750, 1, moves=True, suffix="gif").widths() == ()
    assert PictureName(DIGEST, 800, 800, 1, moves=False, suffix="svg").widths() == ()


@pytest.mark.parametrize("suffix", DERIVED_FORMATS)
@pytest.mark.parametrize("width", [160, 480, 1000])
def test_a_derivative_of_the_ladder_may_be_asked_for(width, suffix):
    name = parse_derivative(f"{STEM}-{width}.{suffix}")
    assert name is not None
    assert (str(name), name.width) == (f"{STEM}-{width}.{suffix}", width)


@pytest.mark.parametrize(
    "name",
    [
        f"{STEM}-481.avif",
        f"{STEM}-1280.avif",
        f"{STEM}-1.webp",
        f"{STEM}-480.jpg",
        f"{STEM}-480.png",
        f"{STEM}m-480.avif",
        f"{STEM}-480-160.avif",
        f"{STEM}.avif",
    ],
)
def test_no_other_derivative_may(name):
    assert parse_derivative(name) is None


def test_a_page_learns_all_from_the_url():
    view = shown(f"/media/{STEM}.jpg", 640)
    assert (view.width, view.height, view.tint) == (1000, 750, "tint-07")
    assert view.avif == ", ".join(f"/media/{STEM}-{width}.avif {width}w" for width in (320, 480, 640))
    assert view.src == f"/media/{STEM}-640.webp"


def test_a_browser_without_avif_gets_one_webp_of_middling_width():
    assert shown(f"/media/{DIGEST}-4000x3000-07.jpg").src == f"/media/{DIGEST}-4000x3000-07-960.webp"
    assert shown(f"/media/{DIGEST}-4000x3000-07.jpg", 320).src == f"/media/{DIGEST}-4000x3000-07-320.webp"


def test_a_small_place_is_offered_small_sizes_and_a_large_place_large_ones():
    def offered(largest: int) -> list[str]:
        return [each.split()[-1] for each in shown(f"/media/{DIGEST}-4000x3000-07.jpg", largest).avif.split(", ")]

    assert offered(320) == ["160w", "320w"]
    assert offered(1600) == ["480w", "640w", "960w", "1280w", "1600w"]


def test_a_picture_narrower_than_the_ladder_is_shown_at_its_own_width():
    view = shown(f"/media/{DIGEST}-90x90-01.png", 640)
    assert view.avif == f"/media/{DIGEST}-90x90-01-90.avif 90w"


@pytest.mark.parametrize("name", [f"{DIGEST}-800x800-07.svg", f"{DIGEST}-800x800-07m.gif"])
def test_what_has_no_derivatives_is_shown_itself(name):
    view = shown(f"/media/{name}")
    assert (view.src, view.avif, view.width, view.tint) == (f"/media/{name}", "", 800, "tint-07")


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/a.jpg", "/static/a.png", f"https://x.example/media/{STEM}.jpg"]
)
def test_a_picture_from_elsewhere_is_shown_as_it_is(url):
    assert (shown(url).src, shown(url).avif, shown(url).tint) == (url, "", "")
