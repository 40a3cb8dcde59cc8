"""Pictures that would hurt the shop or its visitors are named by row, and the goods they came with are kept."""

import resource

import pytest

from tests.factories.pictures import make_bomb, make_picture
from tests.integration.catalog_import.conftest import GOODS, ask, media, run

MOST_GROWTH_KB = 100_000


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "images"
    made.mkdir()
    good = make_picture("JPEG", (90, 60))
    (made / "good.jpg").write_bytes(good)
    (made / "bomb.png").write_bytes(make_bomb())
    (made / "half.jpg").write_bytes(good[: len(good) // 2])
    (made / "script.jpg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (made / "print.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n")
    (made / "huge.png").write_bytes(bytes(21 * 1024 * 1024))
    return made


async def test_each_is_told_with_its_row_and_reason_and_none_is_kept(shop_csv, folder):
    names = "good.jpg|bomb.png|half.jpg|script.jpg|print.png|huge.png"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = await run(shop_csv(GOODS[0] | {"images": names}, *GOODS[1:]), images=folder)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_GROWTH_KB
    assert report.clean
    told = [issue.message for issue in report.issues]
    assert {(issue.row, issue.column) for issue in report.issues} == {(2, "images")}
    assert len(told) == 5
    for word in ("30000 x 30000 pixels", "broken", "20 MB"):
        assert any(word in message for message in told), told
    assert await ask("select width, height from catalog.image") == [(90, 60)]
    assert len(media()) == 1
    assert (await ask("select count(*) from catalog.product")) == [(2,)]


async def test_a_dry_run_tells_the_same_and_keeps_nothing(shop_csv, folder):
    rows = [GOODS[0] | {"images": "good.jpg|bomb.png|half.jpg"}, *GOODS[1:]]
    dry = await run(shop_csv(*rows), images=folder, dry_run=True)
    assert media() == []
    wet = await run(shop_csv(*rows), images=folder)
    assert [issue.message for issue in wet.issues] == [issue.message for issue in dry.issues]


async def test_imported_again_a_picture_keeps_its_name(shop_csv, folder):
    rows = [GOODS[0] | {"images": "good.jpg"}, *GOODS[1:]]
    await run(shop_csv(*rows), images=folder)
    before = media()
    report = await run(shop_csv(*rows), images=folder)
    assert media() == before
    assert report.products["unchanged"] == 2
