"""Programs in the place of staff: an OAuth client of its own, and the API key of somebody on the staff."""

from uuid import uuid4

import httpx
import pytest

from tests.factories.identity import bearer, make_account
from tests.factories.oauth import make_program
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    get_transaction,
    hold,
    make_wallet,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
async def api(gateway):
    """A program's: no cookies, no origin."""
    transport = httpx.ASGITransport(app=gateway, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


async def token_of_client(api, *scopes):
    tokens = await (await make_program(*scopes, redirect_uris=())).own_tokens(api)
    assert tokens.status_code == 200, tokens.text
    return tokens.json()["access_token"]


async def key_of_staff(api, *scopes):
    clerk = await make_account("clerk@example.com", permissions=("wallet.view", "wallet.adjust"))
    wanted = {"name": "Tills", "scopes": list(scopes)}
    made = await api.post("/api/v1/me/api-keys", json=wanted, headers=await bearer(clerk))
    assert made.status_code == 201, made.text
    return made.json()["key"]


BY = {"client": token_of_client, "key": key_of_staff}


@pytest.fixture
async def ada():
    return await make_wallet(1000)


@pytest.fixture
async def program(api, request):
    """`await program(account_id, operation=..., ...)`, by what holds the scopes that the test names."""
    kind, *scopes = request.param
    token = await BY[kind](api, *scopes)

    async def sent(account_id, amount=None, **body):
        if amount is not None:
            body["amount"] = {"amount": amount, "currency": "EUR"}
        return await api.post(
            f"/api/v1/admin/wallets/{account_id}/transactions",
            json={"reason": "By the till", **body},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
        )

    return sent


def by(kind, *scopes):
    return pytest.param((kind, *scopes), id=f"{kind} {' '.join(scopes)}")


@pytest.mark.parametrize("program", [by("client", "wallet.adjust"), by("key", "wallet.adjust")], indirect=True)
async def test_with_the_scope_a_program_does_all_five(program, ada):
    async def done(left, **body):
        answer = await program(ada, **body)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["status"], await balance_of(ada)) == ("settled", left)
        return answer.json()

    await done(1500, operation="deposit", amount=500)
    withdrawn = await done(1200, operation="withdraw", amount=300)
    bought = await done(1000, operation="purchase", amount=200)
    assert bought["order_id"] is None
    await done(1050, operation="reversal", parent_id=bought["id"], amount=50)
    await done(1350, operation="reversal", parent_id=withdrawn["id"])
    held = await hold(ada, 100)
    await done(1350, operation="cancellation", parent_id=str(held.id))
    assert (await get_transaction(held.id)).status == "failed"
    await assert_books_balance()


@pytest.mark.parametrize("program", [by("client", "wallet.adjust")], indirect=True)
async def test_a_program_moves_nothing_from_one_customer_to_another(program, ada):
    bob = await make_wallet()
    answer = await program(ada, operation="transfer", amount=400, counterparty_id=str(bob))
    assert (answer.status_code, answer.json()["code"]) == (403, "operation_not_allowed"), answer.text
    assert (await balance_of(ada), await balance_of(bob)) == (1000, 0)


@pytest.mark.parametrize("program", [by("key", "wallet.adjust")], indirect=True)
async def test_a_key_does_what_its_owner_on_the_staff_does(program, ada):
    bob = await make_wallet()
    answer = await program(ada, operation="transfer", amount=400, counterparty_id=str(bob))
    assert (answer.status_code, await balance_of(ada), await balance_of(bob)) == (201, 600, 400), answer.text


@pytest.mark.parametrize("program", [by("client", "wallet.view"), by("key", "wallet.view")], indirect=True)
async def test_without_the_scope_it_moves_nothing(program, ada):
    held = await hold(ada, 100)
    before = await count_transactions()
    for body in (
        {"operation": "deposit", "amount": 1},
        {"operation": "withdraw", "amount": 1},
        {"operation": "purchase", "amount": 1},
        {"operation": "reversal", "parent_id": str(held.id)},
        {"operation": "cancellation", "parent_id": str(held.id)},
    ):
        answer = await program(ada, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), answer.text
    assert (await whole_balance_of(ada), await count_transactions()) == (1000, before)
