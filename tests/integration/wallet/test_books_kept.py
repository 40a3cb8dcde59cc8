"""The last check of the books: kept for pages to show, made each day, and told to staff when something is wrong."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.modules.wallet.books_jobs import check_books_daily
from shop.modules.wallet.pages.slots import LATE
from shop.modules.wallet.repository import last_check
from shop.modules.wallet.service import check_books
from shop.modules.wallet.service.check_books import EVERY, check_and_keep, find_last_check
from tests.conftest import as_owner
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.wallet import make_wallet, move

pytestmark = pytest.mark.usefixtures("db")
LEDGER = "/admin/ledger"
SPOILED = "update wallet.account set balance = balance + 1 where kind = 'customer'"
MENDED = "update wallet.account set balance = balance - 1 where kind = 'customer'"


@pytest.fixture
async def ada(db):
    return await make_wallet(5000)


@pytest.fixture
async def boss(client):
    account_id = await make_account("boss@shop.example", name="Boss", permissions=("backoffice.view", "wallet.view"))
    await sign_in_browser(client, account_id)
    return account_id


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(check_books, "PATIENCE", 0.0)


def grown_old(age):
    as_owner(f"update wallet.last_check set checked_at = checked_at - interval '{age.total_seconds()} s'")


async def test_the_page_shows_the_last_check_and_reads_no_entry(client, boss, ada, record_statements):
    await check_and_keep()
    as_owner(SPOILED)
    with record_statements() as sent:
        answer = await client.get(LEDGER)
    assert "The books balance" in answer.text
    assert [each for each in sent if "wallet.last_check" in each]
    assert not [each for each in sent if "wallet.entry" in each]
    assert len(sent) <= 6, sent


async def test_before_the_first_check_the_page_offers_one(boss, ada, look, form, client):
    assert "Not checked yet" in await look(LEDGER)
    await (await form(LEDGER, f"{LEDGER}/check")).send(client)
    seen = await look(LEDGER)
    assert "Checked: the books balance" in seen
    assert "2 entries looked at on" in seen


async def test_who_presses_again_sees_what_is_wrong_by_now(boss, ada, look, form, client):
    await check_and_keep()
    as_owner(SPOILED)
    await (await form(LEDGER, f"{LEDGER}/check")).send(client)
    assert "Checked: the books do not balance" in await look(LEDGER)
    as_owner(MENDED)
    await (await form(LEDGER, f"{LEDGER}/check")).send(client)
    assert "The books balance" in await look(LEDGER)


async def test_who_may_not_see_wallets_can_check_nothing(client):
    await sign_in_browser(client, await make_account("ida@shop.example", permissions=("backoffice.view",)))
    assert (await client.post(f"{LEDGER}/check")).status_code == 403
    assert await read(find_last_check) is None


async def test_a_check_whose_snapshot_is_older_doesnt_take_the_place_of_a_newer_one(ada):
    older = await check_books.snapshot(check_books._check_all)
    await move(ada, "deposit", 100)
    newer = await check_and_keep()
    await write(last_check.keep, older)
    assert await read(find_last_check) == newer


async def test_it_is_made_once_a_day(ada):
    await check_books_daily()
    first = await read(find_last_check)
    await check_books_daily()
    assert await read(find_last_check) == first
    grown_old(EVERY + timedelta(seconds=1))
    await check_books_daily()
    assert (await read(find_last_check)).books.checked_at > first.books.checked_at


async def test_what_it_finds_wrong_is_told_on_the_dashboard_and_in_the_log(boss, ada, look):
    await check_books_daily()
    assert "The books" not in await look("/admin")
    as_owner(SPOILED)
    grown_old(EVERY + timedelta(seconds=1))
    with capture_logs() as logs:
        await check_books_daily()
    [told] = [each for each in logs if each["event"] == "books_do_not_balance"]
    assert (told["log_level"], len(told["accounts"])) == ("error", 1)
    assert "The books do not balance: 1 difference" in await look("/admin")


async def test_what_is_gone_at_the_second_look_is_not_told(ada, boss, look, monkeypatch):
    """Such as a deposit that was captured while its wallet hadn't heard of it yet."""
    as_owner(SPOILED)

    async def while_waiting(_seconds):
        as_owner(MENDED)

    monkeypatch.setattr(check_books.asyncio, "sleep", while_waiting)
    await check_books_daily()
    assert (await read(find_last_check)).books.balanced
    assert "The books" not in await look("/admin")


async def test_staff_are_told_when_nothing_has_checked_for_days(ada, boss, look):
    assert "The books have not been checked yet" in await look("/admin")
    await check_books_daily()
    assert "The books" not in await look("/admin")
    grown_old(LATE + timedelta(seconds=1))
    assert "The books have not been checked since" in await look("/admin")


async def test_the_state_is_that_of_the_report(ada):
    as_owner(SPOILED)
    checked = await check_and_keep()
    state = await read(last_check.find_state)
    assert (state.checked_at, state.differences) == (checked.books.checked_at, 1)
    assert clock.now() - state.checked_at < timedelta(minutes=1)
