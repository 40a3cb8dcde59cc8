"""Statements of more than 15 days: made once, by a worker, from one moment of the ledger; and what becomes of their files."""

import asyncio
import contextvars
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.contracts.wallet import Posting, TransactionId, Wallets
from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.wallet.rules import customer_account, system_account
from shop.modules.wallet.service import statements
from shop.modules.wallet.statement_files import make
from tests.factories.identity import bearer, make_account
from tests.factories.ledger import at, deposit, fill, purchase
from tests.integration.wallet.statement_desk import (
    URL,
    YEAR,
    ada,
    ask,
    count,
    files,
    headers,
    rows_of,
    shown,
    today,
    work,
)

pytestmark = pytest.mark.usefixtures("db", "files")
__all__ = ["ada", "ask", "files", "headers", "shown"]


async def test_a_long_statement_is_made_by_a_worker_and_comes_as_csv_and_pdf(client, headers, ada, ask, shown):
    await fill(ada, deposit(at("2025-12-31 23:59:59"), 5000), deposit(at("2026-01-01 00:00"), 1000))
    (bought,) = await fill(ada, purchase(at("2026-06-30 23:59:59"), 1990, order_id=uuid4(), reason="A\nmug"))
    await fill(ada, deposit(at("2026-07-01 00:00"), 7))
    url = await ask()
    waiting = await shown(url)
    assert waiting["status"] == "waiting"
    assert waiting["progress"] == {"done": 0, "entries": None}
    assert waiting["opening_balance"] is waiting["csv_url"] is waiting["pdf_url"] is waiting["ready_at"] is None
    for ending in (".csv", ".pdf"):
        answer = await client.get(url + ending, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "statement_not_ready")

    assert await work()
    ready = await shown(url)
    assert (ready["status"], ready["from"], ready["to"]) == ("ready", "2026-01-01", "2026-06-30")
    assert ready["progress"] == {"done": 2, "entries": 2}
    assert ready["opening_balance"] == {"amount": 5000, "currency": "EUR"}
    assert ready["closing_balance"] == {"amount": 4010, "currency": "EUR"}
    table = await client.get(ready["csv_url"], headers=headers)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="statement-2026-01-01-to-2026-06-30-EUR.csv"' in table.headers["content-disposition"]
    opening, first, second, closing = rows_of(table)
    assert (opening["date"], opening["operation"], opening["balance"]) == ("2026-01-01", "opening_balance", "50.00")
    assert (first["date"], first["time"], first["amount"], first["balance"]) == (
        "2026-01-01",
        "00:00:00",
        "10.00",
        "60.00",
    )
    assert (second["transaction"], second["amount"], second["description"]) == (str(bought), "-19.90", "A mug")
    assert (closing["date"], closing["operation"], closing["balance"]) == ("2026-06-30", "closing_balance", "40.10")
    paper = await client.get(ready["pdf_url"], headers=headers)
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-1.7")
    assert paper.content.endswith(b"%%EOF\n")


async def test_its_owner_is_told_by_mail_without_figures(client, ada, ask, drain_outbox):
    await fill(ada, deposit(at("2026-01-01 00:00"), 123_456))
    url = await ask()
    await work()
    await drain_outbox()
    message = await read(
        lambda uow: sql(uow).execute(
            text("select subject, template, html, text, to_address from notifications.message")
        )
    )
    (message,) = message.all()
    assert (message.template, message.to_address) == ("statement_ready", "ada@example.com")
    assert message.subject == "Your wallet statement is ready"
    link = f"http://testserver/account/wallet/statements/{url.rpartition('/')[2]}"
    for body in (message.html, message.text):
        assert link in body
        assert "1,234" not in body


async def test_what_staff_ask_for_is_not_mailed_until_the_customer_asks_too(client, ada, ask, drain_outbox):
    staff = await bearer(await make_account("s@example.com", permissions=("wallet.view",)))
    answer = await client.get(f"/api/v1/admin/wallets/{ada}/statement", params=YEAR, headers=staff)
    assert answer.status_code == 202
    url = answer.json()["status_url"]
    assert url.startswith(f"/api/v1/admin/wallets/{ada}/statements/")
    await work()
    ready = (await client.get(url, headers=staff)).json()
    assert ready["status"] == "ready"
    assert (await client.get(ready["pdf_url"], headers=staff)).status_code == 200
    await drain_outbox()
    mailed = await read(lambda uow: sql(uow).scalar(text("select count(*) from notifications.message")))
    assert mailed == 0
    assert (await ask()).rpartition("/")[2] == url.rpartition("/")[2]


async def test_20_requests_at_once_make_one_statement(client, headers, ask):
    answers = await asyncio.gather(*(client.get(URL, params=YEAR, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["statement_id"] for answer in answers}) == 1
    assert await count() == 1


async def test_the_same_days_again_are_the_same_statement_other_days_or_currencies_are_not(ask):
    url = await ask()
    await work()
    assert await ask() == url
    assert await ask(**(YEAR | {"to": "2026-07-01"})) != url
    assert await ask(**YEAR, currency="USD") != url
    assert await count() == 3


async def test_an_entry_on_its_days_makes_a_statement_old_and_one_after_them_does_not(client, ada, ask, shown):
    url, older = await ask(**{"from": "2026-01-01", "to": today()}), await ask()
    await work()
    await work()
    await write(
        port(Wallets).post,
        Posting(id=TransactionId(new_id()), operation="deposit", account_id=ada, amount=Money(500, "EUR"), by="staff"),
    )
    newer = await ask(**{"from": "2026-01-01", "to": today()})
    assert newer != url
    assert (await shown(url))["outdated"] is True
    assert await ask() == older
    await work()
    assert (await shown(newer))["closing_balance"]["amount"] == 500


async def test_the_fact_of_a_transaction_makes_statements_old_once_and_new_ones_stay(
    client, ada, ask, shown, drain_outbox
):
    days = {"from": "2026-01-01", "to": today()}
    url = await ask(**days)
    await work()
    posting = Posting(
        id=TransactionId(new_id()), operation="deposit", account_id=ada, amount=Money(500, "EUR"), by="staff"
    )
    await write(port(Wallets).post, posting)
    newer = await ask(**days)  # before the fact is delivered
    await work()
    await drain_outbox()
    assert (await shown(url))["outdated"] is True
    assert (await shown(newer))["outdated"] is False
    assert await ask(**days) == newer


async def test_a_statement_nobody_asks_for_again_is_made_old_by_the_fact_alone(client, ada, ask, shown, drain_outbox):
    url = await ask(**{"from": "2026-01-01", "to": today()})
    await work()
    await drain_outbox()
    await write(
        port(Wallets).post,
        Posting(id=TransactionId(new_id()), operation="deposit", account_id=ada, amount=Money(500, "EUR"), by="staff"),
    )
    assert (await shown(url))["outdated"] is False
    await drain_outbox()
    assert (await shown(url))["outdated"] is True


async def test_anothers_statement_is_not_there(client, ask):
    url = await ask()
    await work()
    eve = await bearer(await make_account("eve@example.com"))
    for ending in ("", ".csv", ".pdf"):
        answer = await client.get(url + ending, headers=eve)
        assert (answer.status_code, answer.json()["code"]) == (404, "statement_not_found")
        assert (await client.get(url + ending)).status_code == 401
    staff = await bearer(await make_account("s@example.com", permissions=("wallet.view",)))
    statement_id = url.rpartition("/")[2]
    wrong = await client.get(f"/api/v1/admin/wallets/{new_id()}/statements/{statement_id}", headers=staff)
    assert wrong.status_code == 404


@pytest.mark.parametrize("name", ["x", "{}.exe", "{}.csv.csv", "{}..csv", "..%2f{}.csv", "{}.CSV"])
async def test_other_names_are_not_there(client, headers, ask, name):
    statement_id = (await ask()).rpartition("/")[2]
    answer = await client.get(f"/api/v1/wallet/statements/{name.format(statement_id)}", headers=headers)
    assert answer.status_code == 404


async def test_so_many_wait_and_no_more(client, headers, ask):
    for day in range(1, 6):
        await ask(**(YEAR | {"to": f"2026-06-0{day}"}))
    answer = await client.get(URL, params=YEAR, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_statements")
    await ask(**(YEAR | {"to": "2026-06-03"}))  # one that waits already
    await work()
    await ask()


async def test_so_many_are_kept_and_no_more(client, headers, ask, monkeypatch):
    monkeypatch.setattr(statements, "MOST", 2)
    for day in ("05-30", "05-31"):
        await ask(**(YEAR | {"to": f"2026-{day}"}))
        await work()
    answer = await client.get(URL, params=YEAR, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_statements")
    await ask(**(YEAR | {"to": "2026-05-31"}))  # one that is there


async def test_figures_of_a_statement_are_of_one_moment(client, headers, ada, ask, shown, monkeypatch, drain_outbox):
    """A posting between two batches is in none of them, and though it was told before the statement was ready, it is known to
    be missing."""
    await fill(ada, *(deposit(clock.now() - timedelta(hours=1), 100) for _ in range(5)))
    monkeypatch.setattr(make, "BATCH", 2)
    batch = make.statements.entries_after

    async def and_a_posting(uow, wanted, after, limit):
        found = await batch(uow, wanted, after, limit)
        if after is None:
            await _post(ada)
            await _apart(drain_outbox())
        return found

    monkeypatch.setattr(make.statements, "entries_after", and_a_posting)
    url = await ask(**{"from": "2026-01-01", "to": today()})
    await work()
    ready = await shown(url)
    assert ready["status"] == "ready"
    assert ready["closing_balance"]["amount"] == 500
    assert ready["outdated"]
    assert len(rows_of(await client.get(ready["csv_url"], headers=headers))) == 7


async def _post(ada):
    posting = Posting(
        id=TransactionId(new_id()), operation="deposit", account_id=ada, amount=Money(1, "EUR"), by="staff"
    )
    await _apart(write(port(Wallets).post, posting))


async def _apart(work):
    """In a context of its own: `write` refuses to begin inside the snapshot's."""
    await asyncio.get_running_loop().create_task(work, context=contextvars.Context())


async def test_a_statement_that_does_not_add_up_is_not_given_out(ada, ask, shown, files):
    _, transaction_id = await fill(ada, deposit(at("2026-02-01 00:00"), 100), deposit(at("2026-02-02 00:00"), 100))
    own, sales = customer_account(ada, "EUR"), system_account("sales", "EUR")
    await write(
        lambda uow: sql(uow).execute(
            text(
                "insert into wallet.entry (transaction_id, account_id, amount, currency, balance_after, created_at)"
                " values (:id, :own, 5, 'EUR', 200, '2026-02-03'), (:id, :sales, -5, 'EUR', null, '2026-02-03')"
            ),
            {"id": transaction_id, "own": own, "sales": sales},
        )
    )
    url = await ask()
    await work()
    failed = await shown(url)
    assert (failed["status"], failed["csv_url"]) == ("failed", None)
    assert not list(files.iterdir())
    assert await ask() != url
