"""Statements of more than 15 days: made once, by a worker, from one moment of the ledger; and what becomes of their files."""

import asyncio
import csv
import io
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.contracts.identity import Person, PersonalData
from shop.contracts.wallet import Posting, TransactionId, Wallets
from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.errors import Unavailable
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port, ports
from shop.modules.wallet.repository import statement_runs
from shop.modules.wallet.rules import customer_account, system_account
from shop.modules.wallet.service import statements
from shop.modules.wallet.statement_files import begin, folder, make
from shop.modules.wallet.statement_jobs import forget_statements
from tests.factories.identity import bearer, make_account
from tests.factories.ledger import at, deposit, fill, purchase
from tests.factories.orders import open_shop, place

URL = "/api/v1/wallet/statement"
YEAR = {"from": "2026-01-01", "to": "2026-06-30"}

pytestmark = pytest.mark.usefixtures("db", "files")


@pytest.fixture
def files(media_dir):
    """A data folder of the test's own."""
    return folder.folder()


@pytest.fixture
async def ada():
    return await make_account()


@pytest.fixture
async def headers(ada):
    return await bearer(ada)


@pytest.fixture
async def ask(client, headers):
    async def asked(**days):
        answer = await client.get(URL, params=days or YEAR, headers=headers)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == answer.json()["status_url"]
        return answer.json()["status_url"]

    return asked


@pytest.fixture
async def shown(client, headers):
    async def show(url):
        answer = await client.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return show


async def work():
    """What a worker's job does, to its end."""
    begun = await begin.begin_waiting_statement()
    await begin.statements_ended()
    return begun


async def set_row(assignments, **values):
    await write(lambda uow: sql(uow).execute(text(f"update wallet.statement set {assignments}"), values))


async def count():
    return await read(lambda uow: sql(uow).scalar(text("select count(*) from wallet.statement")))


def rows_of(answer):
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


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
    today = str(clock.now().date())
    url, older = await ask(**{"from": "2026-01-01", "to": today}), await ask()
    await work()
    await work()
    await write(
        port(Wallets).post,
        Posting(id=TransactionId(new_id()), operation="deposit", account_id=ada, amount=Money(500, "EUR"), by="staff"),
    )
    newer = await ask(**{"from": "2026-01-01", "to": today})
    assert newer != url
    assert (await shown(url))["outdated"] is True
    assert await ask() == older
    await work()
    assert (await shown(newer))["closing_balance"]["amount"] == 500


async def test_the_fact_of_a_transaction_makes_statements_old_once_and_new_ones_stay(
    client, ada, ask, shown, drain_outbox
):
    today = str(clock.now().date())
    days = {"from": "2026-01-01", "to": today}
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
    url = await ask(**{"from": "2026-01-01", "to": str(clock.now().date())})
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


async def test_figures_of_a_statement_are_of_one_moment(client, headers, ada, ask, shown, monkeypatch):
    """A posting between two batches is in none of them."""
    today = str(clock.now().date())
    await fill(ada, *(deposit(clock.now() - timedelta(hours=1), 100) for _ in range(5)))
    monkeypatch.setattr(make, "BATCH", 2)
    batch = make.statements.entries_after

    async def and_a_posting(uow, wanted, after, limit):
        found = await batch(uow, wanted, after, limit)
        if after is None:
            await asyncio.create_task(_post(ada))
        return found

    monkeypatch.setattr(make.statements, "entries_after", and_a_posting)
    url = await ask(**{"from": "2026-01-01", "to": today})
    await work()
    ready = await shown(url)
    assert ready["status"] == "ready"
    assert ready["closing_balance"]["amount"] == 500
    assert len(rows_of(await client.get(ready["csv_url"], headers=headers))) == 7


async def _post(ada):
    """In a context of its own: `write` refuses to begin inside the snapshot's."""
    import contextvars

    posting = Posting(
        id=TransactionId(new_id()), operation="deposit", account_id=ada, amount=Money(1, "EUR"), by="staff"
    )
    await asyncio.get_running_loop().create_task(write(port(Wallets).post, posting), context=contextvars.Context())


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


async def test_a_worker_that_is_gone_is_followed_by_another_from_the_start(ada, ask, shown, files):
    await fill(ada, deposit(at("2026-02-01 00:00"), 100))
    url = await ask()
    dead = await write(statement_runs.claim)
    assert await work() is False  # its lease lasts
    await set_row("leased_until = now() - interval '1 second', done = 1, entries = 1")
    assert await work() is True
    assert (await shown(url))["status"] == "ready"
    made = sorted(path.name for path in files.iterdir())
    await make.make_statement(*dead)  # it wasn't gone, only slow
    ready = await shown(url)
    assert ready["status"] == "ready"
    await forget_statements()
    assert sorted(path.name for path in files.iterdir()) == made


async def test_a_worker_that_was_taken_for_dead_finishes_nothing(client, headers, ada, ask, shown, files):
    await fill(ada, deposit(at("2026-02-01 00:00"), 100))
    url = await ask()
    slow = await write(statement_runs.claim)
    await set_row("leased_until = now() - interval '1 second'")
    other = await write(statement_runs.claim)
    await make.make_statement(*slow)
    assert (await shown(url))["status"] == "running"
    await make.make_statement(*other)
    assert (await shown(url))["status"] == "ready"
    assert (await client.get(f"{url}.csv", headers=headers)).status_code == 200
    await forget_statements()
    assert {path.name.split(".")[1] for path in files.iterdir()} == {"2"}


async def test_a_statement_that_kills_every_worker_is_given_up(ask, shown):
    url = await ask()
    for _ in range(statement_runs.MAX_ATTEMPTS):
        assert await write(statement_runs.claim) is not None
        await set_row("leased_until = now() - interval '1 second'")
    assert await work() is False
    assert (await shown(url))["status"] == "failed"
    assert await ask() != url


async def test_a_database_that_is_away_fails_nothing(ask, shown, monkeypatch, files):
    async def away(*_):
        raise Unavailable

    url = await ask()
    with monkeypatch.context() as patched:
        patched.setattr(make.statements, "find_figures", away)
        await work()
    assert (await shown(url))["status"] == "running"
    assert not list(files.iterdir())
    await set_row("leased_until = now() - interval '1 second'")
    await work()
    assert (await shown(url))["status"] == "ready"


async def test_a_worker_whose_lease_is_lost_stops_and_leaves_nothing(ada, ask, shown, files, monkeypatch):
    await fill(ada, *(deposit(at("2026-02-01 00:00"), 100) for _ in range(9)))
    monkeypatch.setattr(make, "BATCH", 1)
    monkeypatch.setattr(make, "TOLD_EVERY", 0.01)
    batch = make.statements.entries_after
    read_batches = []

    async def slowly(*args):
        read_batches.append(args)
        await asyncio.sleep(0.15)
        return await batch(*args)

    monkeypatch.setattr(make.statements, "entries_after", slowly)
    await ask()
    claimed = await write(statement_runs.claim)
    await set_row("attempts = attempts + 1")
    await make.make_statement(*claimed)
    assert len(read_batches) < 9
    assert not list(files.iterdir())


async def test_progress_is_told_while_it_is_made(ada, ask, shown, monkeypatch):
    await fill(ada, *(deposit(at("2026-02-01 00:00"), 100) for _ in range(4)))
    monkeypatch.setattr(make, "BATCH", 1)
    monkeypatch.setattr(make, "TOLD_EVERY", 0.01)
    batch = make.statements.entries_after

    async def slowly(*args):
        await asyncio.sleep(0.1)
        return await batch(*args)

    monkeypatch.setattr(make.statements, "entries_after", slowly)
    url = await ask()
    assert await begin.begin_waiting_statement()
    assert await begin.begin_waiting_statement() is False  # one at a time
    told = []
    for _ in range(25):
        await asyncio.sleep(0.02)
        told.append((await shown(url))["progress"])
    await begin.statements_ended()
    assert {"done": 1, "entries": 4} in told


async def test_files_that_are_gone_are_made_again_when_asked_for(client, headers, ask, shown, files):
    url = await ask()
    await work()
    folder.forget(list(files.iterdir()))
    answer = await client.get(f"{url}.pdf", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "statement_file_gone")
    assert "again" in answer.json()["detail"]
    again = await ask()
    assert again != url
    await work()
    assert (await client.get(f"{again}.pdf", headers=headers)).status_code == 200


async def test_statements_go_after_30_days_and_their_files_with_them(ask, client, headers, files):
    old = await ask()
    await work()
    await set_row("ready_at = now() - interval '30 days 1 minute'")
    young = await ask(**(YEAR | {"to": "2026-05-31"}))
    await work()
    await forget_statements()
    assert (await client.get(old, headers=headers)).status_code == 404
    assert (await client.get(f"{young}.csv", headers=headers)).status_code == 200
    assert {UUID(path.name.partition(".")[0]) for path in files.iterdir()} == {UUID(young.rpartition("/")[2])}


async def test_what_is_erased_while_it_is_made_leaves_no_files(ada, ask, files):
    await ask()
    claimed = await write(statement_runs.claim)
    await write(statement_runs.forget_of, ada)
    await make.make_statement(*claimed)
    await forget_statements()
    assert await count() == 0
    assert not list(files.iterdir())


async def test_a_status_takes_at_most_2_statements(client, headers, ask, record_statements):
    url = await ask()
    with record_statements() as sent:
        await client.get(url, headers=headers)
    assert len(sent) <= 2, "\n".join(sent)


async def test_to_ask_for_a_statement_takes_at_most_3_statements(client, headers, ask, record_statements):
    await ask(**(YEAR | {"to": "2026-05-31"}))
    with record_statements() as sent:
        assert (await client.get(URL, params=YEAR, headers=headers)).status_code == 202
    assert len(sent) <= 3, "\n".join(sent)


async def test_who_is_forgotten_leaves_no_statements(ada, ask, files):
    person = Person(account_id=ada, email="ada@example.com")
    await ask()
    await work()
    told = await read(ports(PersonalData)["wallet"].export, person)
    assert [(each["from_date"], each["status"]) for each in told["statements"]] == [(date(2026, 1, 1), "ready")]
    await write(ports(PersonalData)["wallet"].erase, person)
    await forget_statements()
    assert not list(files.iterdir())
    assert "statements" not in await read(ports(PersonalData)["wallet"].export, person)


async def test_lines_name_their_orders_as_people_do(client, headers, ask, ada):
    await open_shop()
    order = await place(client)
    stranger = uuid4()
    await fill(
        ada,
        deposit(at("2026-02-01 00:00"), 9999),
        purchase(at("2026-02-02 00:00"), 10, order_id=UUID(order["id"])),
        purchase(at("2026-02-03 00:00"), 10, order_id=stranger),
    )
    url = await ask()
    await work()
    lines = rows_of(await client.get(f"{url}.csv", headers=headers))
    assert [line["order"] for line in lines] == ["", "", order["number"], str(stranger), ""]


async def test_what_people_wrote_is_no_formula_and_amounts_stay_numbers(client, headers, ask, ada):
    await fill(ada, deposit(at("2026-02-01 00:00"), 100), purchase(at("2026-02-02 00:00"), 10, reason='=cmd|"/c calc"'))
    url = await ask()
    await work()
    line = rows_of(await client.get(f"{url}.csv", headers=headers))[2]
    assert (line["description"], line["amount"]) == ('\'=cmd|"/c calc"', "-0.10")
