"""The pages of statements, as somebody without JavaScript uses them."""

import re

import pytest

from shop.kernel import clock
from shop.modules.wallet.statement_files import begin, folder
from tests.factories.forms import Form
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.ledger import at, deposit, fill, purchase
from tests.factories.orders import open_shop, place

PAGE = "/account/wallet/statement"
MADE = "/account/wallet/statements"

pytestmark = pytest.mark.usefixtures("db", "media_dir")


@pytest.fixture
async def ada(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    return account_id


@pytest.fixture
def see(client, ada):
    async def seen(url=PAGE, status=200):
        answer = await client.get(url)
        assert answer.status_code == status, answer.text
        return answer.text

    return seen


async def make_what_waits():
    assert await begin.begin_waiting_statement()
    await begin.STATEMENTS.ended()


async def ask(client, see, first="2026-01-01", last="2026-06-30"):
    """Presses the button of a long period; the address that it leads to."""
    form = Form(await see(f"{PAGE}?from={first}&to={last}"), MADE)
    answer = await client.post(MADE, data=form.fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_the_last_15_days_are_shown_when_no_others_are_asked_for(see, ada):
    await fill(ada, deposit(clock.now(), 5000, reason="Thank <you>"))
    page = await see()
    assert page.count("€50.00") == 3
    assert "Thank &lt;you&gt;" in page
    assert 'aria-current="true">Last 15 days' in page
    assert "Nothing happened" not in page


async def test_an_order_is_named_and_linked(client, see, ada):
    await open_shop()
    order = await place(client)
    await fill(ada, deposit(clock.now(), 5000), purchase(clock.now(), 1990, order_id=order["id"], status="pending"))
    page = await see()
    assert f'<a href="/orders/{order["id"]}">Order {order["number"]}</a>' in page
    assert "−€19.90" in page
    assert "Held" in page


async def test_long_lists_go_on_to_the_next_page(see, ada):
    await fill(ada, *(deposit(at("2026-11-05 10:00"), 100 + each) for each in range(60)))
    first = await see(f"{PAGE}?from=2026-11-01&to=2026-11-10")
    (following,) = re.findall(r'href="([^"]*cursor=[^"]*)"', first)
    second = await see(following.replace("&amp;", "&"))
    amounts = [re.findall(r"\+€(\d+\.\d\d)", page) for page in (first, second)]
    assert [len(each) for each in amounts] == [50, 10]
    assert amounts[0] + amounts[1] == [f"{1 + each / 100:.2f}" for each in range(60)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-02-30&to=2026-03-01", "Write a day such as"),
        ("from=2026-03-01", "This is needed"),
        ("from=2026-03-02&to=2026-03-01", "has to come before"),
        ("from=2026-03-01&to=2026-03-02&currency=xxx", "A currency"),
    ],
)
async def test_days_that_can_not_be_meant_are_told_beside_the_form(see, query, words):
    page = await see(f"{PAGE}?{query}", status=422)
    assert words in page
    assert "Please have another look" in page


async def test_days_that_were_typed_are_kept_and_nothing_else_is(see):
    page = await see(f'{PAGE}?from="><b>&to=2026-01-01&currency="><', status=422)
    assert 'value="2026-01-01"' in page
    assert '"><b>' not in page
    assert 'name="from" type="date" value=""' in page
    assert "&#34;&gt;&lt;" in page


async def test_a_long_statement_is_asked_for_watched_and_downloaded(client, see, ada):
    await fill(ada, deposit(at("2026-02-01 00:00"), 5000))
    url = await ask(client, see)
    waiting = await see(url)
    assert "It waits for its turn" in waiting
    assert f'data-hx-get="{url}"' in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    await make_what_waits()
    ready = await see(url)
    assert "1 transaction," in ready
    assert "data-hx-get" not in ready.split('id="statement"')[1].split(">")[0]
    for ending, kind in (("pdf", "application/pdf"), ("csv", "text/csv; charset=utf-8")):
        assert f'href="{url}.{ending}"' in ready
        file = await client.get(f"{url}.{ending}")
        assert (file.status_code, file.headers["content-type"]) == (200, kind)
        assert "attachment" in file.headers["content-disposition"]
        assert "no-store" in file.headers["cache-control"]
    assert f'href="{url}"' in await see()


async def test_the_same_days_again_lead_to_the_same_statement(client, see):
    assert await ask(client, see) == await ask(client, see)


async def test_few_days_are_shown_even_if_they_are_posted(client, see, ada):
    form = Form(await see(f"{PAGE}?from=2026-01-01&to=2026-06-30"), MADE).fields
    answer = await client.post(MADE, data=form | {"to": "2026-01-02"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?from=2026-01-01&to=2026-01-02")
    answer = await client.post(MADE, data=form | {"to": "never"})
    assert answer.status_code == 422


async def test_a_file_that_is_not_there_is_told_on_the_page_with_a_way_to_have_it_again(client, see):
    url = await ask(client, see)
    answer = await client.get(f"{url}.pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, url)
    assert "still being made" in await see(url)
    await make_what_waits()
    folder.forget(list(folder.folder().iterdir()))
    answer = await client.get(f"{url}.pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, url)
    page = await see(url)
    assert "no longer there" in page
    answer = await client.post(MADE, data=Form(page, MADE).fields)
    assert answer.headers["location"] != url
    await make_what_waits()
    assert (await client.get(f"{answer.headers['location']}.pdf")).status_code == 200


async def test_too_many_at_once_are_told_in_words(client, see):
    for day in range(1, 6):
        await ask(client, see, last=f"2026-06-0{day}")
    form = Form(await see(f"{PAGE}?from=2026-01-01&to=2026-06-30"), MADE)
    answer = await client.post(MADE, data=form.fields)
    assert "So many statements are under way" in await see(answer.headers["location"])


async def test_anothers_statement_is_not_there(client, see):
    url = await ask(client, see)
    await make_what_waits()
    client.cookies.clear()
    assert (await client.get(url)).headers["location"].startswith("/signin")
    await sign_in_browser(client, await make_account("eve@example.com"))
    for ending in ("", ".csv", ".pdf"):
        assert (await client.get(url + ending)).status_code == 404


async def test_another_currency_can_be_chosen_by_who_has_some(see, ada):
    assert 'name="currency"' not in await see()
    await fill(ada, deposit(clock.now(), 777), currency="USD")
    page = await see(f"{PAGE}?from=2026-11-01&to=2099-01-01&currency=USD")
    assert '<option value="USD" selected>' in page


@pytest.mark.parametrize("days", ["", "?from=2026-01-01&to=2026-06-30"])
async def test_a_page_takes_at_most_7_statements(client, ada, record_statements, days):
    await fill(ada, *(deposit(clock.now(), 100) for _ in range(5)))
    with record_statements() as sent:
        assert (await client.get(PAGE + days)).status_code == 200
    assert len(sent) <= 7, "\n".join(sent)
