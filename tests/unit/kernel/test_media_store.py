"""What is kept as a picture, and what is refused: bombs, broken files, wrong types under right names."""

import io

import pytest
from PIL import Image

from shop.kernel.media import store
from shop.kernel.media.names import parse_picture
from shop.kernel.media.store import NotAPicture, examine_picture, store_drawing, store_picture
from tests.factories.pictures import make_bomb, make_moving, make_picture

pytestmark = pytest.mark.usefixtures("media_dir")


@pytest.mark.parametrize(
    ("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("AVIF", "avif"), ("GIF", "gif")]
)
def test_a_picture_is_kept_as_it_came_under_a_name_that_tells_its_size(media_dir, kind, suffix):
    content = make_picture(kind)
    picture = store_picture(content)
    assert picture.name.endswith(f".{suffix}")
    assert (picture.width, picture.height) == (64, 48)
    assert (media_dir / picture.name).read_bytes() == content
    name = parse_picture(picture.name)
    assert name is not None
    assert (name.width, name.height, name.moves) == (64, 48, False)


def test_the_same_picture_is_kept_once_and_looking_keeps_nothing(media_dir):
    content = make_picture()
    assert examine_picture(content) == store_picture(content) == store_picture(content)
    assert len(list(media_dir.iterdir())) == 1
    examine_picture(make_picture(color="blue"))
    assert len(list(media_dir.iterdir())) == 1


def test_a_photograph_taken_sideways_has_the_size_it_is_shown_at():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = examine_picture(make_picture("JPEG", exif=exif))
    assert (picture.width, picture.height) == (48, 64)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_is_told_apart(kind):
    name = parse_picture(examine_picture(make_moving(kind)).name)
    assert name is not None
    assert name.moves


def test_a_phone_picture_with_another_behind_it_is_a_photograph():
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))])
    name = parse_picture(examine_picture(out.getvalue()).name)
    assert name is not None
    assert (name.suffix, name.width, name.moves) == ("jpg", 64, False)


def test_a_bomb_is_refused_before_it_is_decoded(media_dir, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was decoded"))
    bomb = make_bomb()
    assert len(bomb) < 100_000
    with pytest.raises(NotAPicture, match="30000 x 30000 pixels"):
        store_picture(bomb)
    assert not media_dir.exists()


def test_a_bomb_that_lies_about_its_size_is_broken():
    """3 x 3 in its header, a gigabyte in its data: no more than the header says is decoded."""
    small, big = make_picture("PNG", (3, 3)), make_bomb()
    header_end = 8 + 25
    with pytest.raises(NotAPicture):
        examine_picture(small[:header_end][:-4] + b"\0\0\0\0" + big[header_end:])


def test_a_text_that_unpacks_without_end_is_refused():
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    for number in range(80):
        notes.add_text(f"note {number}", "0" * 1_000_000, zip=True)
    content = make_picture("PNG", pnginfo=notes)
    assert len(content) < 200_000
    with pytest.raises(NotAPicture):
        examine_picture(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_file_that_ends_early_is_refused(media_dir, kind, share):
    out = io.BytesIO()
    Image.effect_noise((200, 200), 90).convert("RGB").save(out, kind)
    whole = out.getvalue()
    with pytest.raises(NotAPicture):
        store_picture(whole[: int(len(whole) * share)])
    assert not media_dir.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><title>photo.jpg</title>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"%PDF-1.7\n",
        b"MZ" + bytes(500),
        bytes(1000),
        make_picture("TIFF"),
        make_picture("BMP"),
        make_picture("ICO", (16, 16)),
    ],
    ids=["empty", "header", "svg", "html", "eps", "pdf", "exe", "zeros", "tiff", "bmp", "ico"],
)
def test_what_browsers_do_not_show_or_may_run_is_refused(media_dir, content):
    with pytest.raises(NotAPicture):
        store_picture(content)
    assert not media_dir.exists()


def test_a_file_of_more_than_20_mb_is_refused_unread(monkeypatch):
    monkeypatch.setattr(store, "_name", lambda _: pytest.fail("it was looked into"))
    with pytest.raises(NotAPicture, match="20 MB"):
        examine_picture(bytes(store.MAX_BYTES + 1))


def test_a_file_that_a_second_writer_has_written_is_left_as_it_is(media_dir):
    picture = store_picture(make_picture())
    before = (media_dir / picture.name).stat()
    store_picture(make_picture())
    assert (media_dir / picture.name).stat().st_ino == before.st_ino


def test_a_drawing_is_kept_with_the_tint_of_its_backdrop(media_dir):
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg"><defs><linearGradient id="a"><stop stop-color="#fff"/></linearGradient>'
        b'<radialGradient id="b"><stop stop-color="#fad2ce"/><stop stop-color="#fcd4d0"/></radialGradient></defs>'
        b'<rect width="800" height="800" fill="url(#b)"/><path d="M0 0h9v9z" fill="#000"/></svg>'
    )
    name = parse_picture(store_drawing(svg, 800, 800).name)
    assert name is not None
    assert (name.width, name.tint, name.suffix) == (800, 11, "svg")
    assert (media_dir / str(name)).read_bytes() == svg


def test_who_reads_why_is_not_told_of_our_objects():
    with pytest.raises(NotAPicture) as refused:
        examine_picture(b"root:x:0:0")
    assert str(refused.value) == "not a picture that all browsers show (WebP, AVIF, PNG, JPEG, GIF)"
