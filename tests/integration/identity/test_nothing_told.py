"""What signing in and asking for a reset tell a stranger of who has an account here: nothing, by words, headers or time.

Cut short here; SHOP_RELIABILITY=full asks five hundred times each and holds the medians to five milliseconds of each other.
"""

import os
import time
from statistics import median

import pytest

from shop.modules.identity import passwords
from tests.factories.factors import set_up_app
from tests.factories.identity import AUTH, make_account

FULL = os.environ.get("SHOP_RELIABILITY") == "full"
TIMES = 500 if FULL else 7
LEEWAY_SECONDS = 0.005
LEEWAY_OF_A_FEW = 0.4
"""A part of the time. Of seven tries on a machine that runs other tests meanwhile the fastest are compared: what comes between makes
any of the others slower."""
OF_THE_REQUEST = {"date", "x-request-id"}
KINDS = ("known", "without-password", "closed", "unconfirmed", "with-app")
UNKNOWN = "nobody@example.com"


@pytest.fixture
async def accounts(client, owner):
    """One of each kind, by address."""
    made = {kind: await make_account(f"{kind}@example.com", verified=kind != "unconfirmed") for kind in KINDS}
    await set_up_app(client, made["with-app"])
    owner.execute("update identity.account set password_hash = null where id = %s", [made["without-password"]])
    owner.execute("update identity.account set closed_at = now() where id = %s", [made["closed"]])
    return [f"{kind}@example.com" for kind in KINDS]


async def told(client, path: str, body: dict) -> tuple:
    """All of the answer but what belongs to the request alone."""
    answer = await client.post(path, **body)
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in OF_THE_REQUEST)
    request_id = answer.headers["x-request-id"]
    return answer.status_code, headers, answer.text.replace(request_id, "").replace(answer.request.url.path, "")


def json_of(email: str) -> dict:
    return {"json": {"email": email, "password": "a wrong password"}}


def form_of(email: str) -> dict:
    return {"data": {"email": email, "password": "a wrong password"}}


async def test_a_sign_in_is_refused_in_the_same_words_whoever_there_is(client, accounts):
    for path, body in ((f"{AUTH}/signin", json_of), ("/signin", form_of)):
        answers = []
        for email in (UNKNOWN, *accounts):
            status, headers, text = await told(client, path, body(email))
            answers.append((status, [each for each in headers if each[0] not in {"etag", "content-length"}],
                            text.replace(email, "")))  # fmt: skip
        assert answers == [answers[0]] * len(answers)


async def test_a_reset_is_answered_in_the_same_words_whoever_there_is(client, accounts):
    for path, body in ((f"{AUTH}/password/forgot", lambda email: {"json": {"email": email}}), ("/forgot", form_of)):
        answers = [await told(client, path, body(email)) for email in (UNKNOWN, *accounts)]
        assert answers == [answers[0]] * len(answers)


async def test_every_refusal_has_cost_one_hash_of_todays_strength(client, real_hashes, accounts, monkeypatch):
    checked: list[str] = []
    verify = passwords.PasswordHasher.verify

    def noting(self, stored, password):
        checked.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(passwords.PasswordHasher, "verify", noting)
    for email in (UNKNOWN, "no address", *accounts):
        checked.clear()
        await client.post(f"{AUTH}/signin", **json_of(email))
        assert len(checked) == 1, email
        assert checked[0].startswith("$argon2id$v=19$m=65536,t=3,p=1$")


async def seconds(client, path: str, body: dict) -> float:
    began = time.perf_counter()
    await client.post(path, **body)
    return time.perf_counter() - began


@pytest.mark.parametrize("path", [f"{AUTH}/signin", f"{AUTH}/password/forgot"])
async def test_known_and_unknown_take_the_same_time(client, real_hashes, accounts, path):
    taken: dict[str, list[float]] = {email: [] for email in (UNKNOWN, accounts[0])}
    for _ in range(TIMES):
        for email, times in taken.items():
            body = json_of(email) if path.endswith("signin") else {"json": {"email": email}}
            times.append(await seconds(client, path, body))
    unknown, known = (median(times) if FULL else min(times) for times in taken.values())
    print(f"{path}: unknown {unknown * 1000:.2f} ms, known {known * 1000:.2f} ms, {TIMES} each")
    assert abs(unknown - known) < (LEEWAY_SECONDS if FULL else LEEWAY_OF_A_FEW * unknown)
