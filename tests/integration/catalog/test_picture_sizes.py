"""The sizes of pictures are made behind the shop's back, once, whatever happens to the worker."""

import errno
import time

import pytest

from shop.kernel.media.derivatives import derivative_path, derivatives_of
from shop.kernel.media.names import parse_picture
from shop.kernel.media.store import picture_path, store_drawing, store_picture
from shop.modules.catalog.jobs import JOBS
from shop.modules.catalog.schemas import ImageDraft
from shop.modules.catalog.service import make_picture_sizes as service
from shop.modules.catalog.service.make_picture_sizes import make_picture_sizes
from tests.factories.catalog import make_product
from tests.factories.pictures import make_picture

pytestmark = pytest.mark.usefixtures("db", "media_dir")


def stored(color: str, size: tuple[int, int] = (340, 170)) -> ImageDraft:
    picture = store_picture(make_picture("PNG", size, color))
    return ImageDraft(picture.name, picture.width, picture.height)


def ready(image: ImageDraft) -> list[bool]:
    name = parse_picture(image.name)
    assert name is not None
    return [derivative_path(each).is_file() for each in derivatives_of(name, service.AHEAD)]


async def test_new_pictures_get_their_sizes_and_no_picture_twice(rows, monkeypatch):
    shared, own = stored("red"), stored("blue", (150, 150))
    await make_product("Mug", images=(shared, own))
    await make_product("Cup", images=(shared,))
    assert await make_picture_sizes() == 3 + 1
    assert ready(shared) == [True] * 3
    assert ready(own) == [True]
    assert all(sized is not None for (sized,) in await rows("image", "sized_at"))
    monkeypatch.setattr(service, "make_derivatives", lambda *_: pytest.fail("nothing is left to do"))
    assert await make_picture_sizes() == 0


async def test_a_drawing_needs_none(rows):
    drawing = store_drawing(b'<svg xmlns="http://www.w3.org/2000/svg"/>', 800, 800)
    await make_product("Mug", images=(ImageDraft(drawing.name, 800, 800),))
    assert await make_picture_sizes() == 0
    assert await rows("image", "sized_at is null") == [(False,)]


async def test_a_shop_without_pictures_costs_one_question(record_statements):
    await make_product("Mug")
    with record_statements() as sent:
        assert await make_picture_sizes() == 0
    assert len(sent) == 1


async def test_a_picture_gone_or_gone_bad_does_not_hold_up_the_others(rows):
    gone, rotten, good = stored("red"), stored("green"), stored("blue")
    await make_product("Mug", images=(gone, rotten, good))
    picture_path(gone.name).unlink()
    picture_path(rotten.name).write_bytes(b"rotten")
    assert await make_picture_sizes() == 3
    assert ready(good) == [True] * 3
    assert await rows("image", "sized_at is null") == [(False,)] * 3


async def test_a_full_disk_is_tried_again_later(rows, monkeypatch):
    image = stored("red")
    await make_product("Mug", images=(image,))

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(service, "make_derivatives", fail)
        with pytest.raises(OSError, match="No space"):
            await make_picture_sizes()
    assert await rows("image", "sized_at is null") == [(True,)]
    assert await make_picture_sizes() == 3


async def test_a_worker_that_dies_leaves_the_rest_to_the_next_run(rows, monkeypatch):
    images = tuple(stored(color) for color in ("red", "green", "blue"))
    await make_product("Mug", images=images)
    make, done = service.make_derivatives, []

    def die_at_the_third(name, wanted):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(name)
        return make(name, wanted)

    with monkeypatch.context() as dying:
        dying.setattr(service, "make_derivatives", die_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            await make_picture_sizes()
    assert sorted(await rows("image", "sized_at is null")) == [(False,), (False,), (True,)]
    assert await make_picture_sizes() == 3


async def test_a_long_list_is_left_to_the_next_run_in_time(rows, monkeypatch):
    await make_product("Mug", images=tuple(stored(color) for color in ("red", "green", "blue")))
    make = service.make_derivatives

    def make_slowly(name, wanted):
        time.sleep(0.06)
        return make(name, wanted)

    monkeypatch.setattr(service, "RUN_SECONDS", 0.05)
    monkeypatch.setattr(service, "make_derivatives", make_slowly)
    for left in (2, 1, 0):
        assert await make_picture_sizes() == 3
        assert await rows("image", "count(*) filter (where sized_at is null)") == [(left,)]


async def test_an_unchanged_product_written_again_keeps_what_was_made(rows):
    image = stored("red")
    for _ in range(2):
        await make_product("Mug", slug="mug", images=(image,))
        await make_picture_sizes()
    assert await rows("image", "count(*), count(sized_at)") == [(1, 1)]


def test_the_worker_looks_for_them_every_few_seconds():
    assert [job.every_seconds for job in JOBS if job.name == "catalog.make_picture_sizes"] == [5]
