"""What a stranger may try only so often. The limits stand in Valkey and are counted across processes."""

import uuid

import httpx
import pytest

from shop.modules.identity.credentials import RESET_MAILS
from tests.factories.identity import AUTH, PASSWORD, make_account

pytestmark = pytest.mark.usefixtures("rate_limits", "quick")


def somewhere() -> str:
    """A network address that no other test has used up."""
    return f"2001:db8:{uuid.uuid4().int % 65536:x}:{uuid.uuid4().int % 65536:x}::1"


def visitor(gateway, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=gateway, client=(address, 4711)),
        base_url="http://testserver",
        headers={"origin": "http://testserver"},
    )


@pytest.fixture
async def one(db, gateway):
    """One visitor, at one address."""
    async with visitor(gateway, somewhere()) as client:
        yield client


@pytest.fixture
def anywhere(db, gateway):
    """A visitor whose every request comes from somewhere else."""

    class Anywhere:
        async def post(self, path, **arguments):
            async with visitor(gateway, somewhere()) as client:
                return await client.post(path, **arguments)

    return Anywhere()


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


async def test_one_address_may_try_to_sign_in_ten_times_a_minute(one):
    bodies = [{"email": fresh(), "password": "wrong"} for _ in range(11)]
    assert await refused_after(one, f"{AUTH}/signin", bodies) == 10


async def test_one_account_may_be_tried_five_times_from_wherever_known_or_not_before_it_has_to_wait(anywhere):
    known, unknown = fresh(), fresh()
    await make_account(known)
    for email in (known, unknown):
        bodies = [{"email": each, "password": "wrong"} for each in [email, email.upper()] * 6]
        assert await refused_after(anywhere, f"{AUTH}/signin", bodies) == 5
    answer = await anywhere.post(f"{AUTH}/signin", json={"email": known, "password": PASSWORD})
    assert answer.status_code == 429


async def test_one_address_may_sign_up_five_times_a_minute(one, rows):
    bodies = [{"email": fresh(), "password": PASSWORD, "name": "Ada"} for _ in range(6)]
    assert await refused_after(one, f"{AUTH}/signup", bodies) == 5
    assert len(await rows("account")) == 5


async def test_one_address_may_ask_for_a_reset_five_times_in_ten_minutes(one, facts):
    email = fresh()
    await make_account(email)
    assert await refused_after(one, f"{AUTH}/password/forgot", [{"email": email}] * 6) == 5
    assert len(facts) == 5


async def test_the_page_says_when_to_try_again(one):
    for _ in range(10):
        await one.post("/signin", data={"email": fresh(), "password": "wrong"})
    answer = await one.post("/signin", data={"email": fresh(), "password": "wrong"})
    assert answer.status_code == 429
    assert "retry-after" in answer.headers


async def test_nobodys_mailbox_is_flooded_by_resets_asked_for_from_everywhere(anywhere, facts):
    email = fresh()
    await make_account(email)
    answers = [await anywhere.post(f"{AUTH}/password/forgot", json={"email": email}) for _ in range(RESET_MAILS + 2)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert [type(fact).__name__ for fact in facts] == ["PasswordResetRequested"] * RESET_MAILS
