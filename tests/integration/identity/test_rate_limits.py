"""What a stranger may try only so often. The limits stand in Valkey and are counted across processes."""

import uuid

import pytest

from tests.factories.identity import AUTH, PASSWORD, make_account

pytestmark = pytest.mark.usefixtures("rate_limits", "quick")


@pytest.fixture
def address(monkeypatch):
    """A network address that no other test has used up."""
    from shop.modules.identity import api, credentials

    named = uuid.uuid4().hex
    for module in (api, credentials):
        monkeypatch.setattr(module, "address_of", lambda _request: named)


@pytest.fixture
def changing_address(monkeypatch):
    """Every request comes from somewhere else."""
    from shop.modules.identity import credentials

    monkeypatch.setattr(credentials, "address_of", lambda _request: uuid.uuid4().hex)


def fresh() -> str:
    return f"{uuid.uuid4().hex}@example.com"


async def refused_after(client, path, bodies) -> int:
    """How many went through before the first 429."""
    for count, body in enumerate(bodies):
        answer = await client.post(path, json=body)
        if answer.status_code == 429:
            assert answer.json()["code"] == "rate_limited"
            assert int(answer.headers["retry-after"]) >= 1
            return count
    raise AssertionError("never refused")


async def test_one_address_may_try_to_sign_in_ten_times_a_minute(client, address):
    bodies = [{"email": fresh(), "password": "wrong"} for _ in range(11)]
    assert await refused_after(client, f"{AUTH}/signin", bodies) == 10


async def test_one_account_may_be_tried_ten_times_from_wherever_known_or_not(client, changing_address):
    known, unknown = fresh(), fresh()
    await make_account(known)
    for email in (known, unknown):
        bodies = [{"email": each, "password": "wrong"} for each in [email, email.upper()] * 6]
        assert await refused_after(client, f"{AUTH}/signin", bodies) == 10
    answer = await client.post(f"{AUTH}/signin", json={"email": known, "password": PASSWORD})
    assert answer.status_code == 429


async def test_one_address_may_sign_up_five_times_a_minute(client, address, rows):
    bodies = [{"email": fresh(), "password": PASSWORD, "name": "Ada"} for _ in range(6)]
    assert await refused_after(client, f"{AUTH}/signup", bodies) == 5
    assert len(await rows("account")) == 5


async def test_one_address_may_ask_for_a_reset_five_times_in_ten_minutes(client, address, facts):
    email = fresh()
    await make_account(email)
    assert await refused_after(client, f"{AUTH}/password/forgot", [{"email": email}] * 6) == 5
    assert len(facts) == 5


async def test_the_page_says_when_to_try_again(client, address):
    for _ in range(10):
        await client.post("/signin", data={"email": fresh(), "password": "wrong"})
    answer = await client.post("/signin", data={"email": fresh(), "password": "wrong"})
    assert answer.status_code == 429
    assert "retry-after" in answer.headers
