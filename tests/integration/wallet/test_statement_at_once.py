"""A statement of up to 15 days: which days those are, that it adds up, who may see it, and what it costs."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shop.kernel import clock
from tests.factories.identity import bearer, make_account
from tests.factories.ledger import at, deposit, fill, purchase

URL = "/api/v1/wallet/statement"


@pytest.fixture
def today():
    """The 21st of November 2026, six in the evening in Berlin."""
    with clock.shifted(datetime(2026, 11, 21, 17, tzinfo=UTC) - clock.now()):
        yield


pytestmark = pytest.mark.usefixtures("db", "today")


@pytest.fixture
async def ada():
    return await make_account()


@pytest.fixture
async def ask(client, ada):
    headers = await bearer(ada)

    async def asked(first, last, status=200, **more):
        answer = await client.get(URL, params={"from": first, "to": last, **more}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


async def test_every_transaction_is_told_with_the_balance_after_it(ask, ada):
    _, bought, gift = await fill(
        ada,
        deposit(at("2026-11-01 12:00"), 5000),
        purchase(at("2026-11-10 09:30"), 1990, order_id=(order := uuid4())),
        deposit(at("2026-11-12 18:00"), 250, reason="Sorry for the delay"),
    )
    told = await ask("2026-11-10", "2026-11-12")
    assert (told["from"], told["to"], told["next_cursor"]) == ("2026-11-10", "2026-11-12", None)
    assert told["opening_balance"] == {"amount": 5000, "currency": "EUR"}
    assert told["closing_balance"] == {"amount": 3260, "currency": "EUR"}
    assert [item["id"] for item in told["items"]] == [str(bought), str(gift)]
    assert told["items"][0] == {
        "id": str(bought),
        "operation": "purchase",
        "amount": {"amount": 1990, "currency": "EUR"},
        "entry_amount": {"amount": -1990, "currency": "EUR"},
        "status": "settled",
        "balance_after": {"amount": 3010, "currency": "EUR"},
        "order_id": str(order),
        "parent_id": None,
        "reason": "",
        "created_at": "2026-11-10T08:30:00Z",
    }
    assert told["items"][1]["reason"] == "Sorry for the delay"


async def test_pages_together_hold_every_item_once_and_add_up(ask, ada):
    moved = [deposit(at("2026-11-05 10:00"), 10_000)]
    moved += [purchase(at("2026-11-06 10:00"), 10 + each) for each in range(11)]  # all at one moment
    ids = await fill(ada, *moved)
    seen, cursor = [], {}
    while cursor is not None:
        page = await ask("2026-11-05", "2026-11-10", limit=5, **cursor)
        assert len(page["items"]) <= 5
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert [item["id"] for item in seen] == [str(each) for each in ids]
    total = page["opening_balance"]["amount"] + sum(item["entry_amount"]["amount"] for item in seen)
    assert total == page["closing_balance"]["amount"] == seen[-1]["balance_after"]["amount"]


async def test_both_days_are_included_to_the_last_moment_in_the_shops_time_zone(ask, ada):
    await fill(
        ada,
        deposit(at("2026-11-09 23:59:59.999999"), 1),
        deposit(at("2026-11-10 00:00"), 20),
        deposit(at("2026-11-11 23:59:59.999999"), 300),
        deposit(at("2026-11-12 00:00"), 4000),
    )
    told = await ask("2026-11-10", "2026-11-11")
    assert [item["entry_amount"]["amount"] for item in told["items"]] == [20, 300]
    assert (told["opening_balance"]["amount"], told["closing_balance"]["amount"]) == (1, 321)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-03-29", "2026-03-28T23:00:00+00:00", "2026-03-29T21:59:59+00:00"),  # 23 hours
        ("2025-10-26", "2025-10-25T22:00:00+00:00", "2025-10-26T22:59:59+00:00"),  # 25 hours
    ],
)
async def test_a_day_on_which_the_clocks_change_is_a_day(ask, ada, day, first, last):
    first, last = datetime.fromisoformat(first), datetime.fromisoformat(last)
    await fill(ada, deposit(first, 10), deposit(last, 200))
    told = await ask(day, day)
    assert [item["entry_amount"]["amount"] for item in told["items"]] == [10, 200]


async def test_the_hour_that_comes_twice_is_told_whole_and_in_order(ask, ada):
    twice = [datetime(2025, 10, 26, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # 2:30 in summer, 2:30 in winter
    await fill(ada, *(deposit(moment, 100 + place) for place, moment in enumerate(twice)))
    told = await ask("2025-10-26", "2025-10-26")
    assert [item["created_at"] for item in told["items"]] == ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"]


async def test_15_days_are_answered_at_once_and_16_are_not(ask):
    assert (await ask("2026-10-01", "2026-10-15"))["items"] == []
    taken = await ask("2026-10-01", "2026-10-16", status=202)
    assert set(taken) == {"statement_id", "status_url"}


async def test_a_future_last_day_counts_as_today(ask, ada):
    await fill(ada, deposit(at("2026-11-21 17:00"), 700))
    told = await ask("2026-11-07", "2099-12-31")
    assert told["to"] == "2026-11-21"
    assert told["closing_balance"]["amount"] == 700


async def test_today_is_today_in_the_shops_time_zone(client, ada):
    with clock.shifted(datetime(2026, 11, 21, 23, 30, tzinfo=UTC) - clock.now()):
        answer = await client.get(URL, params={"from": "2026-11-20", "to": "2027-01-01"}, headers=await bearer(ada))
        assert answer.json()["to"] == "2026-11-22"


async def test_a_wallet_that_never_was_has_an_empty_statement(ask):
    told = await ask("2026-11-01", "2026-11-15")
    zero = {"amount": 0, "currency": "EUR"}
    assert (told["opening_balance"], told["closing_balance"], told["items"]) == (zero, zero, [])


async def test_another_currency_is_another_wallet(ask, ada):
    await fill(ada, deposit(at("2026-11-05 10:00"), 100))
    await fill(ada, deposit(at("2026-11-05 10:00"), 999), currency="USD")
    told = await ask("2026-11-01", "2026-11-15", currency="USD")
    assert told["closing_balance"] == {"amount": 999, "currency": "USD"}
    assert len(told["items"]) == 1


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"from": "2026-11-12", "to": "2026-11-11"}, ["from"]),
        ({"from": "2026-11-22", "to": "2026-11-30"}, ["from"]),
        ({"from": "2026-02-30", "to": "yesterday"}, ["from", "to"]),
        ({"from": "20261101", "to": "2026-W47-1"}, ["from", "to"]),
        ({"from": "2026-11-0１", "to": "2026-11-05"}, ["from"]),
        ({"from": "1999-12-31", "to": "2026-11-05"}, ["from"]),
        ({"from": "0001-01-01", "to": "0001-01-02"}, ["from", "to"]),
        ({"from": "", "to": "2026-11-05"}, ["from"]),
        ({"to": "2026-11-05"}, ["from"]),
        ({"from": "2026-11-05"}, ["to"]),
        ({"from": "2026-11-05" * 9, "to": "2026-11-05"}, ["from"]),
        ({"from": "2026-11-01", "to": "2026-11-05", "currency": "eur"}, ["currency"]),
        ({"from": "2026-11-01", "to": "2026-11-05", "currency": "EURO"}, ["currency"]),
        ({"from": "2026-11-01", "to": "2026-11-05", "limit": "0"}, ["limit"]),
        ({"from": "2026-11-01", "to": "2026-11-05", "limit": "101"}, ["limit"]),
        ({"from": "2026-11-01", "to": "2026-11-05", "cursor": "x"}, ["cursor"]),
        ({"from": "2026-11-01", "to": "2026-11-05", "cursor": "WyIyMDI2LTExLTAxVDAwOjAwOjAwIiwxXQ"}, ["cursor"]),
    ],
)
async def test_days_that_can_not_be_meant_are_refused_by_name(client, ada, query, fields):
    answer = await client.get(URL, params=query, headers=await bearer(ada))
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, fields)


async def test_a_cursor_leads_nowhere_before_the_first_day(client, ada, ask):
    from shop.kernel.http.paging import encode_cursor

    await fill(ada, deposit(at("2026-11-05 10:00"), 100), deposit(at("2026-11-10 10:00"), 20))
    told = await ask("2026-11-10", "2026-11-10", cursor=encode_cursor(at("2026-11-01 10:00"), 0))
    assert [item["entry_amount"]["amount"] for item in told["items"]] == [20]


async def test_nobody_sees_anothers_wallet(client, ada):
    await fill(ada, deposit(at("2026-11-05 10:00"), 100))
    eve = await bearer(await make_account("eve@example.com"))
    answer = await client.get(URL, params={"from": "2026-11-01", "to": "2026-11-10"}, headers=eve)
    assert answer.json()["items"] == []
    assert (await client.get(URL, params={"from": "2026-11-01", "to": "2026-11-10"})).status_code == 401


async def test_staff_who_may_see_wallets_see_a_customers_statement(client, ada):
    await fill(ada, deposit(at("2026-11-05 10:00"), 100))
    url = f"/api/v1/admin/wallets/{ada}/statement?from=2026-11-01&to=2026-11-10"
    staff = await bearer(await make_account("s@example.com", permissions=("wallet.view",)))
    other = await bearer(await make_account("t@example.com", permissions=("orders.view",)))
    assert (await client.get(url, headers=staff)).json()["closing_balance"]["amount"] == 100
    assert (await client.get(url, headers=other)).status_code == 403
    assert (await client.get(url, headers=await bearer(ada))).status_code == 403
    nobodys = await client.get(url.replace(str(ada), str(uuid4())), headers=staff)
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "customer_not_found")


async def test_a_page_takes_at_most_2_statements(client, ada, record_statements):
    await fill(ada, *(deposit(at("2026-11-05 10:00"), 100) for _ in range(30)))
    headers = await bearer(ada)
    url = f"{URL}?from=2026-11-01&to=2026-11-10"
    cursor = (await client.get(url, headers=headers)).json()["next_cursor"]
    with record_statements() as sent:
        assert len((await client.get(f"{url}&cursor={cursor}", headers=headers)).json()["items"]) == 6
    assert len(sent) <= 2, "\n".join(sent)
