"""Pictures over HTTP: kept for a year, in sizes that are made when first asked for, and only in those."""

import io

import brotli
import pytest
from PIL import Image

from shop.kernel.http import media
from shop.kernel.media import derivatives
from shop.kernel.media.derivatives import DerivativesOnDemand
from shop.kernel.media.names import parse_picture
from shop.kernel.media.store import picture_path, store_drawing, store_picture
from tests.factories.pictures import make_moving, make_picture

FOREVER = "public, max-age=31536000, immutable"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><rect fill="#fff" width="9" height="9"/>'
    + b"<g><path/></g>" * 200
    + b"</svg>"
)

pytestmark = pytest.mark.usefixtures("media_dir")


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch):
    monkeypatch.setattr(media, "_on_demand", DerivativesOnDemand())
    media._drawing.cache_clear()


@pytest.fixture
def photo():
    return store_picture(make_picture("JPEG", (500, 250))).name


def stem(name: str) -> str:
    return name.rpartition(".")[0]


async def test_a_picture_is_sent_as_it_is_and_kept_for_a_year(client, photo):
    answer = await client.get(f"/media/{photo}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content == picture_path(photo).read_bytes()
    assert answer.headers["cache-control"] == FOREVER
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert {"vary", "content-encoding", "set-cookie"}.isdisjoint(answer.headers)


@pytest.mark.parametrize(("suffix", "kind"), [("avif", "AVIF"), ("webp", "WEBP")])
async def test_a_size_is_made_when_first_asked_for(client, photo, suffix, kind, monkeypatch):
    url = f"/media/{stem(photo)}-320.{suffix}"
    first = await client.get(url)
    assert (first.status_code, first.headers["content-type"]) == (200, f"image/{suffix}")
    assert first.headers["cache-control"] == FOREVER
    image = Image.open(io.BytesIO(first.content))
    assert (image.format, image.size) == (kind, (320, 160))
    monkeypatch.setattr(derivatives, "make_derivatives", lambda *_: pytest.fail("it is there"))
    assert (await client.get(url)).content == first.content


async def test_a_browser_that_has_it_is_not_sent_it_again(client, photo):
    for url in (f"/media/{photo}", f"/media/{stem(photo)}-160.webp"):
        tag = (await client.get(url)).headers["etag"]
        again = await client.get(url, headers={"if-none-match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    "end", ["-321.avif", "-640.avif", "-160.jpg", "-160.png", "-0160.webp", ".webp", "-160.avif.part"]
)
async def test_no_other_size_or_format_can_be_asked_for(client, photo, end):
    assert (await client.get(f"/media/{stem(photo)}{end}")).status_code == 404


async def test_nothing_is_made_of_pictures_that_are_not_there(client, media_dir):
    answer = await client.get(f"/media/{'0' * 32}-500x250-01-320.avif")
    assert answer.status_code == 404
    assert not media_dir.exists()


@pytest.mark.parametrize("name", ["..%2Fsecret", "%2e%2e%2fdata%2f.env", "sizes", "a.webp", "x" * 3000, "\u2603.avif"])
async def test_names_that_are_no_names_are_not_looked_for(client, photo, name):
    assert (await client.get(f"/media/{name}")).status_code == 404


async def test_what_moves_has_no_sizes(client):
    moving = store_picture(make_moving("GIF")).name
    assert (await client.get(f"/media/{moving}")).status_code == 200
    assert (await client.get(f"/media/{stem(moving)}-160.webp")).status_code == 404


async def test_when_too_many_wait_the_picture_itself_is_shown(client, photo, monkeypatch):
    monkeypatch.setattr(derivatives, "MOST_WAITING", 0)
    answer = await client.get(f"/media/{stem(photo)}-320.avif")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/media/{photo}")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_picture_gone_bad_on_disk_is_not_an_error_of_ours(client, photo):
    picture_path(photo).write_bytes(b"rotten")
    answer = await client.get(f"/media/{stem(photo)}-320.avif")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/media/{photo}")


async def test_a_drawing_is_sent_compressed_to_whoever_takes_it(client):
    name = store_drawing(SVG, 9, 9).name
    squeezed = await client.get(f"/media/{name}", headers={"accept-encoding": "br"})
    assert squeezed.headers["content-encoding"] == "br"
    assert int(squeezed.headers["content-length"]) < len(SVG) / 10
    assert squeezed.content == SVG
    plain = await client.get(f"/media/{name}", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SVG
    assert plain.headers["etag"] != squeezed.headers["etag"]
    assert plain.headers["vary"] == squeezed.headers["vary"] == "accept-encoding"
    assert plain.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_style_sheet_is_sent_as_small_as_it_gets(client):
    page = await client.get("/about")
    url = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    answers = {
        encoding: await client.get(url, headers={"accept-encoding": encoding})
        for encoding in ("br", "gzip", "identity")
    }
    assert {a.text for a in answers.values()} == {answers["identity"].text}
    assert len({a.headers["etag"] for a in answers.values()}) == 3
    lengths = {encoding: int(a.headers["content-length"]) for encoding, a in answers.items()}
    assert lengths["br"] < lengths["gzip"] < lengths["identity"] / 3
    assert lengths["br"] < 0.95 * len(brotli.compress(answers["identity"].content, quality=5))
    again = await client.get(url, headers={"accept-encoding": "br", "if-none-match": answers["br"].headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get(url, headers={"accept-encoding": "gzip", "if-none-match": answers["br"].headers["etag"]})
    assert other.status_code == 200


async def test_the_size_in_the_name_is_the_size_in_the_page(photo):
    name = parse_picture(photo)
    assert name is not None
    assert (name.width, name.height) == (500, 250)
