"""Staff upload a file, look at what would happen, import it, and take the catalogue home."""

import codecs
import csv
import io

import pytest
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import sql, write
from shop.kernel.ids import new_id
from shop.modules.catalog.import_runs import carry_out, uploads
from shop.modules.catalog.repository import import_runs
from tests.factories.catalog import make_product
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.pictures import make_picture
from tests.integration.catalog_import.conftest import ask
from tests.integration.catalog_import_runs.conftest import GOODS, press, run_at, upload, zipped


async def count(table="catalog.product"):
    return (await ask(f"select count(*) from {table}"))[0][0]


async def test_a_file_is_shown_before_anything_is_changed(staff, work):
    answer = await upload(staff, images=zipped(mug__png=make_picture()))
    assert answer.status_code == 303, answer.text
    waiting = (await staff.get(answer.headers["location"])).text
    assert 'hx-trigger="every 1s"' in waiting
    assert '<meta http-equiv="refresh"' in waiting
    await work()
    page = (await staff.get(answer.headers["location"])).text
    assert "Ready to import" in page
    assert "every 1s" not in page
    for words in ("Red mug", "€9.90", "Kitchen &gt; Mugs", "price_eur", "is not a price", "Import 2 products"):
        assert words in page, words
    assert await count() == 0
    assert not settings().media_dir.exists()


async def test_an_import_brings_the_good_rows_in_and_tells_the_others(staff, work, drain_outbox):
    url = (await upload(staff, images=zipped(mug__png=make_picture()))).headers["location"]
    await work()
    assert (await press(staff, f"{url}/start")).status_code == 303
    assert (await run_at(url)).stage == "import"
    await work()
    page = (await staff.get(url)).text
    assert "2 created, 1 refused" in page
    assert await ask("select slug from catalog.product order by 1") == [("red-mug",), ("tea",)]
    assert await count("catalog.image") == 1
    await drain_outbox()
    assert "Red mug" in (await staff.get("/p/red-mug")).text
    assert not uploads.folder_of((await run_at(url)).id).exists()


async def test_problems_come_down_as_csv_without_formulas(staff, work):
    url = (await upload(staff, GOODS.replace("free", "=1+1"))).headers["location"]
    await work()
    answer = await staff.get(f"{url}/problems")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(codecs.BOM_UTF8)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["row", "column", "kind", "problem"]
    assert rows[1][:3] == ["4", "price_eur", "refused"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "attachment" in answer.headers["content-disposition"]


async def test_the_same_form_sent_twice_makes_one_run(staff, work):
    one = str(new_id())
    first, second = await upload(staff, id=one), await upload(staff, id=one)
    assert first.headers["location"] == second.headers["location"]
    assert await count("catalog.import_run") == 1
    await work()
    again = [await press(staff, f"{first.headers['location']}/start") for _ in range(2)]
    assert [answer.status_code for answer in again] == [303, 303]
    await work()
    assert await count() == 2
    assert (await run_at(first.headers["location"])).attempts == 1


async def test_a_file_nobody_knows_is_completed_by_hand(staff, work):
    url = (await upload(staff, "x1,x2\na,b\n")).headers["location"]
    await work()
    page = (await staff.get(url)).text
    assert "complete the mapping" in page
    mapping = (
        '[rows]\ngroup_by = "x1"\nproduct_when_filled = ["x2"]\n[product]\ntitle = "x2"\n[variant]\nsku = "x1"\n'
        '[[prices]]\namount = "x3"\n'
    )
    refused = await press(staff, f"{url}/mapping", mapping="rows = 1")
    assert refused.status_code == 422
    assert (await press(staff, f"{url}/mapping", mapping=mapping)).status_code == 303
    await work()
    assert "has no column &#39;x3&#39;" in (await staff.get(url)).text
    assert (await press(staff, f"{url}/start")).status_code == 409


async def test_a_chosen_preset_and_an_own_mapping_are_used(staff, work):
    assert (await upload(staff, how="own", mapping="nonsense")).status_code == 422
    assert (await upload(staff, how="nonsense")).status_code == 422
    assert (await upload(staff, name="")).status_code == 422
    url = (await upload(staff, how="shopify")).headers["location"]
    await work()
    assert (await run_at(url)).state == "failed"
    assert "has no column" in (await run_at(url)).message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"PK\x03\x04 broken", b'{"a": ', b"\x00" * 4096])
async def test_what_is_no_list_of_products_fails_in_words(staff, work, content):
    url = (await upload(staff, content, "../../evil.csv")).headers["location"]
    await work()
    run = await run_at(url)
    assert run.state == "failed", run
    assert "our side" not in run.message
    assert run.file_name == "evil.csv"


async def test_a_discarded_upload_leaves_nothing(staff, work):
    url = (await upload(staff)).headers["location"]
    await work()
    run = await run_at(url)
    assert (await press(staff, f"{url}/discard")).status_code == 303
    assert not uploads.folder_of(run.id).exists()
    assert (await staff.get(url)).status_code == 404


async def test_too_large_an_upload_is_refused_by_its_head(staff, monkeypatch):
    monkeypatch.setenv("SHOP_UPLOAD_MEGABYTES", "1")
    settings.cache_clear()
    answer = await upload(staff, "x" * 2**21)
    monkeypatch.undo()
    settings.cache_clear()
    assert answer.status_code == 413
    assert "at most 1 MB" in answer.text
    assert await count("catalog.import_run") == 0


async def test_only_those_who_may_change_products_come_in(client):
    await sign_in_browser(client, await make_account("clerk@example.com", permissions=("products.view",)))
    assert (await client.get("/admin/imports")).status_code == 403
    assert (await upload(client)).status_code == 403
    assert (await client.get("/admin/products/export")).status_code == 403
    assert "/admin/imports" not in (await client.get("/admin/products")).text


async def test_an_import_whose_worker_died_goes_on_where_it_was(staff, work, monkeypatch):
    monkeypatch.setattr("shop.modules.catalog.importing.importer.BATCH", 1)
    rows = "".join(f"good-{n},Good {n},G-{n},1,1,,,,\n" for n in range(6))
    url = (await upload(staff, GOODS.splitlines()[0] + "\n" + rows)).headers["location"]
    await work()
    await press(staff, f"{url}/start")
    run = await write(import_runs.claim)
    died = carry_out._Work(run)
    original = carry_out.import_products

    async def three_batches(*args, stop, **options):
        return await original(*args, stop=lambda: died.report.products.total() == 3, **options)

    monkeypatch.setattr(carry_out, "import_products", three_batches)
    await died.do()
    await write(import_runs.tell, run.id, run.attempts, died.told("running"))
    monkeypatch.setattr(carry_out, "import_products", original)
    assert await count() == 3
    assert not await write(import_runs.claim), "a lease that lasts keeps others away"
    await ask_to_expire()
    await work()
    after = await run_at(url)
    assert (after.state, after.attempts) == ("done", 2)
    assert after.report["products"] == {"created": 6}
    assert not await write(import_runs.tell, run.id, run.attempts, died.told("running")), "the dead one writes no more"


async def ask_to_expire():
    async def expire(uow):
        await sql(uow).execute(text("update catalog.import_run set leased_until = now() - interval '1 second'"))

    await write(expire)


async def test_a_run_that_kills_its_workers_is_given_up(staff):
    url = (await upload(staff)).headers["location"]
    for _ in range(import_runs.MAX_ATTEMPTS):
        assert await write(import_runs.claim) is not None
        await ask_to_expire()
    assert await write(import_runs.claim) is None
    assert "Interrupted" in (await staff.get(url)).text


async def test_the_catalogue_comes_down_as_csv(staff):
    await make_product("=Mug", slug="mug")
    answer = await staff.get("/admin/products/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(codecs.BOM_UTF8), "Excel would take it for another code page"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (rows[0]["slug"], rows[0]["title"], rows[0]["price_eur"]) == ("mug", "'=Mug", "19.99")


async def test_damaged_pictures_are_told_in_words(staff, work):
    packed = bytearray(zipped(mug__png=make_picture()))
    packed[40:60] = b"\xff" * 20
    url = (await upload(staff, images=bytes(packed))).headers["location"]
    await work()
    run = await run_at(url)
    assert run.state == "failed"
    assert "zip" in (run.message or "")
