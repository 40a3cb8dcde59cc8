"""Gift cards: issued with a code that is told once, redeemed once by whoever has it, disabled; guesses are counted."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from shop.contracts.wallet import TransactionIdReused
from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.ids import new_id
from shop.modules.wallet.gift_codes import ALPHABET, digest_of, new_code
from shop.modules.wallet.guesses import AT_MOST
from shop.modules.wallet.service.gift_cards import redeem as redeem_card
from tests.factories.identity import bearer, make_account
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    entries_of,
    make_wallet,
    shops_own,
)

pytestmark = pytest.mark.usefixtures("db")
CARDS = "/api/v1/admin/gift-cards"
REDEEM = "/api/v1/wallet/gift-cards"
FIFTY = {"amount": 5000, "currency": "EUR"}


@pytest.fixture
async def staff():
    return await bearer(await make_account("ida@example.com", permissions=("wallet.adjust", "wallet.view")))


@pytest.fixture
async def ada():
    return await make_wallet()


@pytest.fixture
def issue(client, staff):
    async def issued(key=None, **body):
        headers = staff | {"Idempotency-Key": key or str(uuid4())}
        return await client.post(CARDS, json={"amount": FIFTY, **body}, headers=headers)

    return issued


@pytest.fixture
def redeem(client):
    async def redeemed(account_id, code, key=None):
        headers = await bearer(account_id) | {"Idempotency-Key": key or str(uuid4())}
        return await client.post(REDEEM, json={"code": code}, headers=headers)

    return redeemed


async def test_a_card_is_the_shops_gift(issue):
    card = (await issue()).json()
    assert (card["amount"], card["hint"]) == (FIFTY, card["code"][-4:])
    assert await entries_of(UUID(card["id"])) == [("gift_card", 5000), ("promotions", -5000)]
    await assert_books_balance()


async def test_its_code_is_told_once_and_kept_nowhere(issue, client, staff):
    first = (await issue(key="once")).json()
    again = (await issue(key="once")).json()
    assert again == {**first, "code": None}
    assert await count_transactions() == 1
    listed = (await client.get(CARDS, headers=staff)).json()["items"]
    assert [each["id"] for each in listed] == [first["id"]]
    assert first["code"] not in str(listed)

    async def everything(uow):
        found = []
        for table in ("wallet.gift_card", "wallet.transaction", "wallet.account", "kernel.idempotency", "kernel.outbox",
                      "backoffice.audit_entry"):  # fmt: skip
            found += [str(row) for row in await sql(uow).execute(text(f"select * from {table}"))]
        return "\n".join(found)

    plain = first["code"].replace("-", "")
    stored = (await read(everything)).replace("-", "")
    assert plain not in stored
    assert plain.encode().hex() not in stored


async def test_what_is_on_it_goes_into_the_wallet_of_whoever_redeems_it(issue, redeem, ada):
    code = (await issue()).json()["code"]
    answer = await redeem(ada, f" {code.lower().replace('-', ' ')} ".strip())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["operation"], body["amount"], body["balance_after"]) == ("gift_card", FIFTY, FIFTY)
    assert sorted(await entries_of(UUID(body["id"]))) == [("customer", 5000), ("gift_card", -5000)]
    assert await balance_of(ada) == 5000
    await assert_books_balance()


async def test_a_card_is_redeemed_once_and_by_one_key_once(issue, redeem, ada):
    code = (await issue()).json()["code"]
    first = await redeem(ada, code, key="once")
    assert (await redeem(ada, code, key="once")).json() == first.json()
    for account_id in (ada, await make_wallet()):
        answer = await redeem(account_id, code)
        assert (answer.status_code, answer.json()["code"]) == (409, "gift_card_not_valid")
    assert await balance_of(ada) == 5000


async def test_a_key_that_was_used_for_something_else_redeems_nothing_and_says_so(client, issue, redeem, ada):
    first, second, third = [(await issue()).json()["code"] for _ in range(3)]
    wish_id = new_id()
    assert (await write(redeem_card, wish_id, ada, first)).amount.amount == 5000
    with pytest.raises(TransactionIdReused):
        await write(redeem_card, wish_id, ada, second)
    wish = {"operation": "deposit", "amount": FIFTY, "payment": {"provider": "sandbox", "token": "ok"}}
    headers = await bearer(ada) | {"Idempotency-Key": "once"}
    assert (await client.post("/api/v1/wallet/transactions", json=wish, headers=headers)).status_code == 201
    answer = await redeem(ada, third, key="once")
    assert (answer.status_code, answer.json()["code"]) == (409, "transaction_id_reused")
    assert await balance_of(ada) == 10_000
    for code in (second, third):
        assert (await redeem(ada, code)).status_code == 201
    assert await balance_of(ada) == 20_000
    await assert_books_balance()


async def test_a_key_that_was_used_for_another_card_issues_nothing(issue):
    first = (await issue(key="once")).json()
    for other in ({"amount": {"amount": 100, "currency": "EUR"}}, {"expires_at": "2099-01-01T00:00:00Z"}):
        answer = await issue(key="once", **other)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert (await issue(key="once")).json() == {**first, "code": None}
    assert await count_transactions() == 1


async def test_the_list_is_newest_first_page_by_page(issue, client, staff):
    made = []
    for number in range(5):
        with clock.shifted(timedelta(seconds=number)):
            made.append((await issue()).json()["id"])
    first = (await client.get(f"{CARDS}?limit=3", headers=staff)).json()
    rest = (await client.get(f"{CARDS}?limit=3&cursor={first['next_cursor']}", headers=staff)).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_of_twenty_at_once_one_gets_it(issue, redeem, ada):
    bob = await make_wallet()
    code = (await issue()).json()["code"]
    answers = await asyncio.gather(*(redeem(account_id, code) for account_id in (ada, bob) * 10))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert await balance_of(ada) + await balance_of(bob) == 5000
    await assert_books_balance()


async def test_a_wrong_code_says_no_more_than_a_used_one(issue, redeem, ada):
    code = (await issue()).json()["code"]
    await redeem(ada, code)
    used, wrong = await redeem(ada, code), await redeem(ada, new_code())
    alike = {name: value for name, value in used.json().items() if name not in {"request_id", "instance"}}
    assert {name: wrong.json()[name] for name in alike} == alike


async def test_a_disabled_card_gives_nothing_and_its_money_is_the_shops_again(issue, redeem, client, staff, ada):
    card = (await issue()).json()
    for _ in range(2):
        answer = await client.delete(f"{CARDS}/{card['id']}", headers=staff)
        assert (answer.status_code, answer.json()["status"], answer.json()["balance"]["amount"]) == (200, "disabled", 0)
    assert (await redeem(ada, card["code"])).status_code == 409
    assert await shops_own("promotions") == 0
    await assert_books_balance()
    assert (await client.delete(f"{CARDS}/{uuid4()}", headers=staff)).json()["code"] == "gift_card_not_found"


async def test_a_card_is_good_until_it_expires(issue, redeem, client, staff, ada):
    tomorrow = clock.now() + timedelta(days=1)
    code = (await issue(expires_at=tomorrow.isoformat())).json()["code"]
    with clock.shifted(timedelta(days=2)):
        assert (await redeem(ada, code)).status_code in {401, 409}
    assert await balance_of(ada) == 0
    assert (await redeem(ada, code)).status_code == 201
    past = (clock.now() - timedelta(minutes=1)).isoformat()
    assert (await issue(expires_at=past)).json()["errors"][0]["field"] == "expires_at"


@pytest.mark.parametrize("amount", [0, -5, 10**16, 1.5, None])
async def test_a_card_over_no_amount_is_refused(issue, amount):
    answer = await issue(amount={"amount": amount, "currency": "EUR"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "amount.amount")
    assert await count_transactions() == 0


async def test_a_card_needs_a_key_and_a_right(client, staff, ada):
    assert (await client.post(CARDS, json={"amount": FIFTY}, headers=staff)).status_code == 422
    looking = await bearer(await make_account("eve@example.com", permissions=("wallet.view",)))
    for headers in (looking, await bearer(ada)):
        answer = await client.post(CARDS, json={"amount": FIFTY}, headers=headers | {"Idempotency-Key": "x"})
        assert answer.status_code == 403
    assert await count_transactions() == 0


@pytest.mark.parametrize("moves", ["address", "account"])
async def test_guesses_are_counted_by_account_and_by_address(issue, gateway, rate_limits, ada, moves):
    """Whoever changes the one for each guess is known by the other."""
    code = (await issue()).json()["code"]
    network = f"198.{random.randint(20, 200)}.{random.randint(0, 255)}"

    async def guess(number, code):
        address = f"{network}.{number if moves == 'address' else 0}"
        guesser = ada if moves == "address" else await make_wallet()
        transport = httpx.ASGITransport(app=gateway, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            headers = await bearer(guesser) | {"Idempotency-Key": str(uuid4())}
            return await client.post(REDEEM, json={"code": code}, headers=headers)

    for number in range(AT_MOST):
        assert (await guess(number, new_code())).status_code == 409
    answer = await guess(AT_MOST, code)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer.headers["retry-after"]) > 0
    assert await count_transactions() == 1


def test_codes_are_long_and_unlike():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {19}
    assert set("".join(codes)) == set(ALPHABET) | {"-"}


def test_a_code_is_read_as_people_type_it():
    assert digest_of("abcd efgh-JKLM npqr") == digest_of("ABCD-EFGH-JKLM-NPQR")
    assert digest_of("ABCD-EFGH-JKLM-NPQS") != digest_of("ABCD-EFGH-JKLM-NPQR")
