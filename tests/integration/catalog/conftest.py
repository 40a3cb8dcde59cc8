"""What the catalogue's tests share: lists as the API answers them, and rows behind them."""

from typing import Any

import pytest
from sqlalchemy import text

from shop.kernel import cache
from shop.kernel.db import read, sql


@pytest.fixture
def search(client):
    """`await search(q="mug")` is the API's list; parameters with a dot as `attr__color`."""

    async def found(**params: Any) -> dict[str, Any]:
        named = {name.replace("__", "."): value for name, value in params.items()}
        answer = await client.get("/api/v1/products", params=named)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return found


@pytest.fixture
def rows(db):
    """`await rows("card", "title, price")`: the rows of one of the catalogue's tables."""

    async def fetch(table: str, columns: str = "*") -> list[Any]:
        async def select(uow):
            return (await sql(uow).execute(text(f"select {columns} from catalog.{table} order by 1"))).all()

        return list(await read(select))

    return fetch


@pytest.fixture
def page_cache():
    """The caches of this process as they are while invalidations reach it."""
    cache._trust(trusted=True)
    yield cache.pages
    cache._trust(trusted=False)


def titles(found: dict[str, Any]) -> list[str]:
    return [item["title"] for item in found["items"]]


def facet(found: dict[str, Any], code: str) -> dict[str, int]:
    """Counts by value."""
    return {
        value["value"]: value["count"] for each in found["facets"] if each["code"] == code for value in each["values"]
    }
