"""Staff with a file in hand, and a worker that does what waits."""

import io
import re
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shop.kernel.db import read
from shop.kernel.ids import new_id
from shop.modules.catalog.import_runs import begin
from shop.modules.catalog.repository import import_runs
from shop.modules.catalog.repository.import_runs import ImportRun
from tests.factories.identity import make_account, sign_in_browser

GOODS = """slug,title,sku,price_eur,stock,categories,images,option1_name,option1_value
red-mug,Red mug,MUG-S,9.90,5,Kitchen > Mugs,mug.png,Size,S
red-mug,,MUG-L,12,7,,,Size,L
blue-bowl,Blue bowl,BOWL,free,3,Kitchen,none.png,,
tea,Tea,TEA,3.50,100,Pantry,,,
"""


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"pictures/{name.replace('__', '.')}", content)
    return out.getvalue()


@pytest.fixture
async def staff(client: httpx.AsyncClient, media_dir: Path) -> httpx.AsyncClient:
    account = await make_account("staff@example.com", permissions=("products.view", "products.edit"))
    await sign_in_browser(client, account)
    return client


@pytest.fixture
def work() -> Callable[[], Awaitable[None]]:
    """What waits, done as a worker would."""

    async def done() -> None:
        while await begin.begin_waiting_run():
            await begin.RUNS.ended()

    return done


async def upload(
    staff: httpx.AsyncClient,
    content: str | bytes = GOODS,
    name: str = "goods.csv",
    images: bytes | None = None,
    **form: Any,
) -> httpx.Response:
    page = (await staff.get("/admin/imports")).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    files = {"file": (name, content)} | ({"images": ("pictures.zip", images)} if images else {})
    data = {"csrf_token": token[1] if token else "", "id": str(new_id()), "how": "detect", **form}
    return await staff.post("/admin/imports", data=data, files=files)


async def press(staff: httpx.AsyncClient, url: str, **fields: str) -> httpx.Response:
    """The button of the form that leads to `url`."""
    page = (await staff.get(url.rpartition("/")[0])).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return await staff.post(url, data={"csrf_token": token[1] if token else "", **fields})


async def run_at(url: str) -> ImportRun:
    run = await read(import_runs.find_run, UUID(url.rsplit("/", 1)[-1]))
    assert run is not None
    return run
