"""`shop person ...` as whoever runs the shop types it, in a process of its own."""

import json

import pytest

from tests.factories.catalog import make_product
from tests.factories.identity import make_account
from tests.factories.orders import cart_of, check_out, open_shop
from tests.integration.identity.test_commands import shop

pytestmark = pytest.mark.usefixtures("db")


async def test_a_person_is_told_and_erased(rows):
    await make_account()
    told = await shop("person", "export", "Ada@example.com")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["data"]["identity"]["account"][0]["name"] == "Ada Lovelace"
    done = await shop("person", "erase", "ada@example.com", "--yes")
    assert done.returncode == 0, done.stderr
    assert [each["what"].split()[0] for each in json.loads(done.stdout)["kept"]] == ["Entries"]
    assert await rows("account") == []


async def test_nothing_is_erased_without_a_yes_nor_while_an_order_is_on_its_way(client, rows):
    await open_shop()
    mug = await make_product("Mug", price=1999, stock=5)
    await make_account()
    unsure = await shop("person", "erase", "ada@example.com")
    assert unsure.returncode == 1
    order = (await check_out(client, await cart_of(client, (mug, 1)))).json()
    refused = await shop("person", "erase", "ada@example.com", "--yes")
    assert refused.returncode == 1
    assert order["number"] in refused.stderr
    assert len(await rows("account")) == 1


async def test_whoever_runs_the_shop_is_not_erased_by_mistake(rows):
    await make_account(permissions=("*",))
    refused = await shop("person", "erase", "ada@example.com", "--yes")
    assert refused.returncode == 1
    assert "roles" in refused.stderr
    assert [each.closed_at for each in await rows("account")] == [None]


async def test_what_is_no_address_is_told(rows):
    refused = await shop("person", "export", "ada at example")
    assert refused.returncode == 1
    assert "no e-mail address" in refused.stderr
