"""`shop wallet` as whoever runs the shop types it, in a process of its own."""

import asyncio
import json

import pytest

from tests.conftest import as_owner
from tests.factories.wallet import balance_of, make_wallet, move
from tests.fakes import terminal

pytestmark = pytest.mark.usefixtures("db")


async def shop(*words):
    return await asyncio.to_thread(terminal.shop, *words)


async def test_books_that_balance_are_told_so():
    ada = await make_wallet(1000)
    await move(ada, "purchase", 300)
    done = await shop("wallet", "check")
    assert done.returncode == 0, done.stderr
    assert "EUR: 3 accounts, 4 entries, €7.00 owed to customers" in done.stdout
    assert "the books balance" in done.stdout
    told = json.loads((await shop("wallet", "check", "--json")).stdout.strip().splitlines()[-1])
    assert (told["balanced"], told["system"]["EUR"]) == (True, {"promotions": -1000, "sales": 300})


async def test_books_that_dont_are_told_and_rebuilt():
    ada = await make_wallet(1000)
    as_owner("update wallet.account set balance = 999 where kind = 'customer'")
    done = await shop("wallet", "check")
    assert done.returncode == 1
    assert "999 instead of 1000" in done.stdout
    assert "1 balances set" in (await shop("wallet", "rebuild")).stdout
    assert (await shop("wallet", "check")).returncode == 0
    assert await balance_of(ada) == 1000
