"""Stored means of payment over the API: begun, finished, made the default, removed; and nobody else's business."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.contracts.identity import Person
from shop.contracts.payment_providers import ProviderAway, ProviderRefused, VaultedMethod
from shop.contracts.payments import MethodShown
from shop.kernel.db import read, sql, write
from shop.modules.payments.ports import PAYERS, SANDBOX
from shop.modules.payments.repository import stored_methods
from tests.factories.identity import bearer, make_account
from tests.factories.payments import scalar

pytestmark = pytest.mark.usefixtures("db")
METHODS = "/api/v1/me/payment-methods"
COUNT = "select count(*) from payments.stored_method where removed_at is null"


@pytest.fixture
async def ada(db):
    return await make_account()


@pytest.fixture
async def hers(ada):
    return await bearer(ada)


async def keep(account_id, name="pm_1", last4="4242"):
    method = VaultedMethod(name, None, MethodShown("card", "Visa", last4=last4, expires="12/2030"))
    await write(stored_methods.keep, account_id, "sandbox", method, None)


async def listed(client, headers):
    answer = await client.get(METHODS, headers=headers)
    assert answer.status_code == 200
    return answer.json()["items"]


async def begin(client, headers, key=None, provider="sandbox"):
    return await client.post(
        METHODS, json={"provider": provider}, headers={**headers, "Idempotency-Key": key or str(uuid4())}
    )


async def finish(client, headers, setup_id):
    return await client.post(f"{METHODS}/{setup_id}/finish", headers=headers)


async def test_one_is_begun_finished_and_the_default(client, hers):
    begun = await begin(client, hers)
    assert (begun.status_code, begun.json()["status"]) == (201, "waiting")
    assert begun.json()["redirect_url"]
    assert await listed(client, hers) == []
    done = await finish(client, hers, begun.json()["id"])
    assert (done.status_code, done.json()["status"], done.json()["redirect_url"]) == (200, "stored", None)
    [method] = await listed(client, hers)
    assert (method["default"], method["method"]["last4"]) == (True, "4242")
    assert set(method) == {"id", "provider", "method", "default"}, "the provider's own name of it stays inside"


async def test_the_same_attempt_begins_one_setup(client, hers):
    first, again = await begin(client, hers, "once"), await begin(client, hers, "once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert await scalar("select count(*) from payments.method_setup") == 1


async def test_finished_again_and_at_once_it_is_stored_once(client, hers, drain_outbox):
    setup_id = (await begin(client, hers)).json()["id"]
    answers = await asyncio.gather(*(finish(client, hers, setup_id) for _ in range(5)))
    assert {answer.json()["status"] for answer in answers} == {"stored"}
    assert await scalar(COUNT) == 1
    assert await scalar("select count(*) from kernel.outbox where event like 'payments.payment_methods_changed%'") == 1


async def test_what_the_provider_refuses_is_told_and_not_stored(client, hers, monkeypatch):
    async def refuse(_owner, _ref):
        raise ProviderRefused("Your card was declined.")

    setup_id = (await begin(client, hers)).json()["id"]
    monkeypatch.setattr(SANDBOX, "finish", refuse)
    answer = (await finish(client, hers, setup_id)).json()
    assert (answer["status"], answer["failure"]) == ("failed", "Your card was declined.")
    assert await scalar(COUNT) == 0


async def test_a_provider_that_is_away_leaves_nothing_but_another_try(client, hers, monkeypatch):
    async def away(*_):
        raise ProviderAway("away")

    with monkeypatch.context() as broken:
        broken.setattr(SANDBOX, "begin", away)
        assert (await begin(client, hers, "later")).status_code == 503
    again = await begin(client, hers, "later")
    assert again.status_code == 201
    assert await scalar("select count(*) from payments.method_setup") == 1


@pytest.mark.parametrize("provider", ["wallet", "bank_transfer", "nobody", ""])
async def test_who_keeps_no_methods_is_not_asked(client, hers, provider):
    assert (await begin(client, hers, provider=provider)).status_code == 422


async def test_another_default_is_made_and_its_successor_when_it_goes(client, ada, hers):
    await keep(ada, "pm_1", "1111")
    await keep(ada, "pm_2", "2222")
    first, second = await listed(client, hers)
    assert (first["method"]["last4"], first["default"], second["default"]) == ("1111", True, False)
    changed = await client.patch(f"{METHODS}/{second['id']}", json={"default": True}, headers=hers)
    assert [(each["method"]["last4"], each["default"]) for each in changed.json()["items"]] == [
        ("2222", True),
        ("1111", False),
    ]
    assert (await client.delete(f"{METHODS}/{second['id']}", headers=hers)).status_code == 204
    [left] = await listed(client, hers)
    assert (left["method"]["last4"], left["default"]) == ("1111", True)


async def test_two_defaults_at_once_leave_one(client, ada, hers):
    for number in range(6):
        await keep(ada, f"pm_{number}", str(1000 + number))
    methods = await listed(client, hers)
    await asyncio.gather(
        *(client.patch(f"{METHODS}/{each['id']}", json={"default": True}, headers=hers) for each in methods)
    )
    assert sum(each["default"] for each in await listed(client, hers)) == 1


@pytest.fixture
def forgotten(monkeypatch):
    """What the provider was asked to forget; the first `away` times it does not answer."""

    class Forgotten(list):
        away = 0

        async def forget(self, name):
            if self.away:
                self.away -= 1
                raise ProviderAway("no answer")
            self.append(name)

    told = Forgotten()
    monkeypatch.setattr(SANDBOX, "forget", told.forget)
    return told


async def test_removed_it_is_gone_for_good_and_forgotten_by_its_provider(client, ada, hers, drain_outbox, forgotten):
    await keep(ada)
    [method] = await listed(client, hers)
    assert (await client.delete(f"{METHODS}/{method['id']}", headers=hers)).status_code == 204
    assert (await client.delete(f"{METHODS}/{method['id']}", headers=hers)).status_code == 404
    await drain_outbox()
    assert (await listed(client, hers), forgotten) == ([], ["pm_1"])


async def test_a_provider_that_is_away_is_asked_again_to_forget(client, ada, hers, drain_outbox, forgotten):
    await keep(ada)
    [method] = await listed(client, hers)
    forgotten.away = 1
    await client.delete(f"{METHODS}/{method['id']}", headers=hers)
    await drain_outbox()
    assert forgotten == []
    await write(lambda uow: sql(uow).execute(text("update kernel.outbox set due_at = now()")))
    await drain_outbox()
    assert forgotten == ["pm_1"]


async def test_what_is_kept_again_meanwhile_is_not_forgotten(client, ada, hers, drain_outbox, forgotten):
    await keep(ada)
    [method] = await listed(client, hers)
    await client.delete(f"{METHODS}/{method['id']}", headers=hers)
    await keep(ada)
    await drain_outbox()
    assert (len(await listed(client, hers)), forgotten) == (1, [])


async def test_those_of_an_erased_account_are_forgotten_by_their_provider_too(
    client, ada, hers, drain_outbox, forgotten
):
    await keep(ada, "pm_removed_before")
    [method] = await listed(client, hers)
    await client.delete(f"{METHODS}/{method['id']}", headers=hers)
    await drain_outbox()
    for name in ("pm_1", "pm_2"):
        await keep(ada, name)
    await write(PAYERS.erase, Person(account_id=ada, email="ada@example.com"))
    await drain_outbox()
    assert sorted(forgotten) == ["pm_1", "pm_2", "pm_removed_before"]
    assert await scalar("select count(*) from payments.stored_method") == 0


async def test_others_neither_see_nor_touch_it(client, ada, hers):
    await keep(ada)
    [method] = await listed(client, hers)
    setup_id = (await begin(client, hers)).json()["id"]
    evil = await bearer(await make_account("eve@example.com"))
    assert await listed(client, evil) == []
    refused = [
        await client.patch(f"{METHODS}/{method['id']}", json={"default": True}, headers=evil),
        await client.delete(f"{METHODS}/{method['id']}", headers=evil),
        await finish(client, evil, setup_id),
    ]
    assert [answer.status_code for answer in refused] == [404, 404, 404]
    assert [each["id"] for each in await listed(client, hers)] == [method["id"]]
    assert (await read(stored_methods.find_setup, setup_id, ada)).finished_at is None


async def test_the_same_key_of_another_is_another_setup(client, hers):
    evil = await bearer(await make_account("eve@example.com"))
    ours, theirs = await begin(client, hers, "the-same"), await begin(client, evil, "the-same")
    assert ours.json()["id"] != theirs.json()["id"]


async def test_guests_have_none(client):
    assert (await client.get(METHODS)).status_code == 401
    assert (await begin(client, {})).status_code == 401


async def test_the_list_takes_few_statements(client, ada, hers, record_statements):
    await keep(ada)
    with record_statements() as sent:
        await listed(client, hers)
    assert len(sent) <= 3, sent
