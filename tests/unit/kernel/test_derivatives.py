"""Smaller sizes of a picture: true to it, without its metadata, each made once."""

import asyncio
import io
import threading

import pytest
from PIL import Image, ImageCms, ImageDraw

from shop.kernel.media import derivatives
from shop.kernel.media.derivatives import (
    DerivativesOnDemand,
    TooBusy,
    derivative_path,
    derivatives_of,
    make_derivatives,
    original_of,
)
from shop.kernel.media.names import DerivativeName, parse_picture
from shop.kernel.media.store import store_picture
from tests.factories.pictures import make_moving, make_picture

pytestmark = pytest.mark.usefixtures("media_dir")


def stored(content: bytes) -> tuple[str, list[DerivativeName]]:
    name = store_picture(content).name
    picture = parse_picture(name)
    assert picture is not None
    return name, list(derivatives_of(picture))


def opened(name: DerivativeName) -> Image.Image:
    image = Image.open(derivative_path(name))
    image.load()
    return image


def halves(*, alpha: bool = False) -> Image.Image:
    """Red on the left; on the right blue, or nothing."""
    image = Image.new("RGBA" if alpha else "RGB", (400, 200), (220, 30, 30))
    ImageDraw.Draw(image).rectangle((200, 0, 400, 200), fill=(0, 0, 0, 0) if alpha else (30, 30, 220))
    return image


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def near(pixel, expected) -> bool:
    return all(abs(a - b) < 16 for a, b in zip(pixel[:3], expected, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_a_picture_gets_avif_and_webp_in_every_width_up_to_its_own(kind):
    original, names = stored(saved(halves(), kind))
    assert make_derivatives(original, names) == 6
    found = [(image.format, image.size) for image in map(opened, names)]
    assert found == [(kind, (w, w // 2)) for w in (400, 320, 160) for kind in ("AVIF", "WEBP")]
    for image in map(opened, names):
        assert near(image.convert("RGB").getpixel((5, 5)), (220, 30, 30))
        assert near(image.convert("RGB").getpixel((image.width - 5, 5)), (30, 30, 220))


def test_made_again_nothing_is_done(media_dir):
    original, names = stored(saved(halves(), "PNG"))
    make_derivatives(original, names)
    (media_dir / original).unlink()
    assert make_derivatives(original, names) == 0
    derivative_path(names[0]).unlink()
    with pytest.raises(FileNotFoundError):
        make_derivatives(original, names)


def test_a_picture_taken_sideways_stands_upright_and_tells_nothing_else():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera of somebody"
    original, names = stored(saved(halves(), "JPEG", exif=exif, quality=95))
    make_derivatives(original, names)
    for image in map(opened, names):
        assert image.height == 2 * image.width
        assert not image.getexif()
        assert {"exif", "icc_profile", "xmp"}.isdisjoint(image.info)
        assert near(image.convert("RGB").getpixel((image.width // 2, 3)), (220, 30, 30))


def test_what_one_can_see_through_stays_so():
    original, names = stored(saved(halves(alpha=True), "PNG"))
    make_derivatives(original, names)
    for image in map(opened, names):
        assert image.mode == "RGBA"
        assert image.getpixel((5, 5))[3] == 255
        assert image.getpixel((image.width - 5, 5))[3] == 0


def test_a_palette_with_a_colour_one_can_see_through_stays_so():
    paletted = Image.new("P", (200, 100), 0)
    paletted.putpalette([255, 255, 255, 200, 0, 0])
    ImageDraw.Draw(paletted).rectangle((100, 0, 200, 100), fill=1)
    original, names = stored(saved(paletted, "PNG", transparency=0))
    make_derivatives(original, names)
    image = opened(names[0]).convert("RGBA")
    assert image.getpixel((10, 50))[3] == 0
    assert image.getpixel((190, 50))[3] == 255


def test_colours_of_a_profile_become_those_of_srgb():
    """The profile's red is green: a picture saved as red with it is green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    original, names = stored(make_picture("PNG", (200, 100), (255, 0, 0), icc_profile=bytes(profile)))
    make_derivatives(original, names)
    assert near(opened(names[0]).convert("RGB").getpixel((50, 50)), (0, 255, 0))


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_a_nonsense_profile_is_passed_over(mode):
    original, names = stored(make_picture("JPEG", (200, 100), 0, mode, icc_profile=b"nonsense" * 40))
    assert make_derivatives(original, names) == len(names)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16", "RGBA"])
def test_every_mode_of_png_is_understood(mode):
    original, names = stored(saved(Image.new(mode, (40, 30)), "PNG"))
    assert make_derivatives(original, names) == 2


def test_what_moves_has_none():
    assert stored(make_moving())[1] == []


def test_a_large_photograph_is_never_whole_in_memory(monkeypatch):
    """A JPEG of 24 megapixels is read at a quarter of its width and height."""
    original, names = stored(make_picture("JPEG", (6000, 4000)))
    seen = []
    transpose = derivatives.ImageOps.exif_transpose
    monkeypatch.setattr(derivatives.ImageOps, "exif_transpose", lambda im: (seen.append(im.size), transpose(im))[1])
    make_derivatives(original, [name for name in names if name.width == 1280])
    assert seen == [(1500, 1000)]


def test_nor_is_one_taken_sideways_too_small_for_its_size():
    exif = Image.Exif()
    exif[0x0112] = 8
    original, names = stored(make_picture("JPEG", (4000, 1000), exif=exif))
    make_derivatives(original, names)
    assert [opened(name).size for name in names][:2] == [(1000, 4000)] * 2


def test_a_derivative_knows_its_picture_if_there_is_one():
    original, names = stored(saved(halves(), "GIF"))
    assert original_of(names[0]) == original
    assert original_of(DerivativeName(parse_picture(f"{'0' * 32}-400x200-01.avif"), 160)) is None


async def test_asked_for_by_many_it_is_made_once_and_one_after_another(monkeypatch):
    original, names = stored(saved(halves(), "PNG"))
    calls, at_once, most = [], threading.Semaphore(1), []

    def make(_, wanted):
        most.append(at_once.acquire(blocking=False))
        calls.extend(wanted)
        at_once.release()

    monkeypatch.setattr(derivatives, "make_derivatives", make)
    on_demand = DerivativesOnDemand()
    await asyncio.gather(*(on_demand.make(original, name) for name in names for _ in range(5)))
    assert sorted(map(str, calls)) == sorted(map(str, names))
    assert all(most)


async def test_one_who_leaves_does_not_take_it_from_the_others(monkeypatch):
    original, names = stored(saved(halves(), "PNG"))
    on_demand = DerivativesOnDemand()
    leaving, staying = (asyncio.create_task(on_demand.make(original, names[0])) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert derivative_path(names[0]).is_file()


async def test_too_many_at_once_are_turned_away(monkeypatch):
    original, names = stored(saved(halves(), "PNG"))
    go = threading.Event()
    monkeypatch.setattr(derivatives, "make_derivatives", lambda *_: go.wait(5))
    monkeypatch.setattr(derivatives, "MOST_WAITING", 2)
    on_demand = DerivativesOnDemand()
    waiting = [asyncio.create_task(on_demand.make(original, name)) for name in names[:2]]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await on_demand.make(original, names[2])
    go.set()
    await asyncio.gather(*waiting)
    await asyncio.gather(on_demand.make(original, names[2]))


async def test_a_failure_reaches_whoever_waits_and_is_forgotten(media_dir):
    original, names = stored(saved(halves(), "PNG"))
    whole = (media_dir / original).read_bytes()
    (media_dir / original).write_bytes(b"no picture any more")
    on_demand = DerivativesOnDemand()
    with pytest.raises(OSError, match="cannot identify"):
        await on_demand.make(original, names[0])
    assert not list(media_dir.rglob("*.part"))
    (media_dir / original).write_bytes(whole)
    await on_demand.make(original, names[0])
    assert derivative_path(names[0]).is_file()
