"""Reconciliation over HTTP: begun once, watched, and what it put before staff resolved with a note."""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shop.kernel import clock
from shop.kernel.ids import new_id
from shop.modules.payments.reconciliation_api import stretch
from shop.modules.payments.service import reconcile
from tests.factories.back_office import member
from tests.factories.orders import open_shop, place
from tests.factories.payments import make_processed, scalar
from tests.factories.reconciliation import forget_charge, reconciled

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def desk(client):
    return await member(client, "desk", "payments.view", "payments.capture")


async def test_a_run_is_begun_and_watched(desk, records):
    await make_processed("ok", provider="fake")
    records.take_strangers_money(5000)
    begun = await desk("POST", "reconciliations", {})
    assert (begun.status_code, begun.json()["status"]) == (202, "waiting"), begun.text
    assert begun.json()["requested_by"] is not None
    second = await desk("POST", "reconciliations", {})
    assert (second.status_code, second.json()["code"]) == (409, "reconciliation_running")
    assert await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    shown = (await desk("GET", f"reconciliations/{begun.json()['id']}")).json()
    assert (shown["reconciliation"]["status"], shown["reconciliation"]["compared"]) == ("done", 2)
    (found,) = shown["discrepancies"]
    assert (found["kind"], found["provider"], found["theirs"]) == ("paid_no_order", "fake", "€50.00 taken")
    assert (await desk("GET", "reconciliations")).json()["items"][0]["id"] == begun.json()["id"]


async def test_many_wishes_at_once_begin_one_run(desk):
    answers = await asyncio.gather(*(desk("POST", "reconciliations", {}) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 11
    assert await scalar("select count(*) from payments.reconciliation") == 1


async def test_what_was_found_is_resolved_once_with_a_note(desk, records):
    records.take_strangers_money(5000)
    await reconciled()
    (found,) = (await desk("GET", "discrepancies")).json()["items"]
    url = f"discrepancies/{found['id']}/resolve"
    for note in ("", "     ", "x" * 501):
        assert (await desk("POST", url, {"note": note})).status_code == 422
    answer = await desk("POST", url, {"note": " The fair in May "})
    assert (answer.json()["state"], answer.json()["note"]) == ("resolved", "The fair in May"), answer.text
    assert (await desk("POST", url, {"note": "Again"})).json()["code"] == "discrepancy_resolved"
    assert (await desk("GET", "discrepancies")).json()["items"] == []
    assert (await desk("GET", "discrepancies?state=resolved")).json()["items"][0]["id"] == found["id"]
    assert (await desk("POST", f"discrepancies/{new_id()}/resolve", {"note": "Seen"})).status_code == 404


async def test_an_order_whose_payment_is_gone_is_named_by_its_number(client, desk, fake):
    await open_shop()
    order = await place(client)
    await forget_charge(order["payments"][0]["id"])
    await reconciled()
    (found,) = (await desk("GET", "discrepancies")).json()["items"]
    assert (found["kind"], found["order_number"]) == ("order_no_payment", order["number"])


def test_days_are_those_of_the_shop_both_included():
    berlin = ZoneInfo("Europe/Berlin")
    since, until = stretch(date(2026, 3, 28), date(2026, 3, 29))
    assert since == datetime(2026, 3, 28, tzinfo=berlin)
    assert until == datetime(2026, 3, 30, tzinfo=berlin)
    assert until - since == timedelta(hours=47), "a day of 23 hours is among them"


def test_without_days_the_last_three_are_compared():
    since, until = stretch(None, None)
    assert until - since == timedelta(days=3)
    assert abs(until - clock.now()) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "days",
    [
        {"since": "2026-13-01"},
        {"since": "0001-01-01"},
        {"since": "2019-01-01", "until": "2018-01-01"},
        {"since": "9999-12-31", "until": "9999-12-31"},
    ],
)
async def test_days_that_can_not_be_compared_are_refused(desk, days):
    answer = await desk("POST", "reconciliations", days)
    assert answer.status_code == 422, answer.text
    assert await scalar("select count(*) from payments.reconciliation") == 0
