"""The examples of docs/events.md, run as they stand there: both end in the wallet of a customer."""

import asyncio
import json
import re
import subprocess
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from shop.kernel.events import wire_name
from shop.wiring import MODULES
from tests.factories.identity import bearer, make_account
from tests.factories.oauth import make_program
from tests.factories.webhooks import EVENTS, headers_of

DOCUMENT = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
REQUESTED = "wallet.transaction_requested.v1"
SHOP = "http://testserver"


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
async def ledger(db):
    return await make_program("wallet.adjust", redirect_uris=())


@pytest.fixture
async def ada(db):
    return await make_account("ada@example.com")


@pytest.fixture
def wish(ada):
    data = json.loads(example("json"))["data"]
    return {**data, "id": str(uuid4()), "account_id": str(ada)}


async def balance(api, account_id) -> int:
    answer = await api.get("/api/v1/wallet", headers=await bearer(account_id))
    return answer.json()["balance"]["amount"]


async def by_python(api, ledger, wish, monkeypatch) -> httpx.Response:
    made: list[httpx.Request] = []
    monkeypatch.setattr(httpx, "post", lambda url, **sent: made.append(httpx.Request("POST", url, **sent)))
    names: dict = {}
    exec(example("python"), names)
    names["send"](SHOP, ledger.id, ledger.secret, REQUESTED, "by-python", wish)
    [request] = made
    return await api.send(request)


async def by_shell(api, ledger, wish, _monkeypatch) -> httpx.Response:
    given = {"SHOP": SHOP, "CLIENT_ID": ledger.id, "CLIENT_SECRET": ledger.secret, "DATA": json.dumps(wish)}
    instead = "curl() { printf '%s\\0' \"$@\"; }\n"
    script = ["bash", "-euo", "pipefail", "-c", instead + example("sh")]
    done = await asyncio.to_thread(
        subprocess.run, script, env={"PATH": "/usr/bin:/bin", **given}, capture_output=True, check=True, timeout=20
    )
    words = done.stdout.decode().removesuffix("\0").split("\0")
    headers = [words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H"]
    body = words[words.index("--data-binary") + 1]
    return await api.post(words[1], content=body, headers=[(name, value) for name, value in headers])


@pytest.mark.parametrize("way", [by_python, by_shell])
async def test_an_example_works_as_it_stands(api, ledger, ada, wish, drain_outbox, monkeypatch, way):
    for _ in range(2):
        answer = await way(api, ledger, wish, monkeypatch)
        assert answer.status_code == 202, answer.text
        await drain_outbox()
        assert await balance(api, ada) == 500


async def test_the_example_of_an_event_is_one_that_is_taken(api, ledger, ada, drain_outbox):
    told = json.loads(example("json"))
    told["source"], told["data"]["account_id"] = ledger.id, str(ada)
    body = json.dumps(told).encode()
    answer = await api.post(EVENTS, content=body, headers=headers_of(ledger.secret, body))
    assert answer.status_code == 202, answer.text
    await drain_outbox()
    assert await balance(api, ada) == told["data"]["amount"]


def test_the_document_names_every_type_that_is_taken_from_outside():
    taken = {(wire_name(each.event), each.permission) for m in MODULES for each in m.accepts if each.permission}
    named = set(re.findall(r"^\| `([a-z_.0-9]+)` \|.*\| `([a-z.]+)` \|$", DOCUMENT, re.MULTILINE))
    assert named == taken
