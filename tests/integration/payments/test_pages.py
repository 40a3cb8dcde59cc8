"""The buyer's ways: to the test bank and back. Coming back proves nothing."""

import httpx
import pytest

from shop.contracts.payments import Payments
from shop.kernel.config import settings
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from tests.factories.payments import get_intent, make_payment, make_processed


async def answer_bank(client: httpx.AsyncClient, payment, action: str) -> httpx.Response:
    return await client.post(f"/sandbox/3ds/{payment.id}", data={"action": action})


async def come_back(client: httpx.AsyncClient, payment) -> httpx.Response:
    return await client.get(f"/payments/{payment.id}/return")


async def test_the_bank_shows_the_amount_and_two_buttons(client):
    payment = await make_processed("3ds_ok", amount=123456)
    page = await client.get(f"/sandbox/3ds/{payment.id}")
    assert page.status_code == 200
    assert "€1,234.56" in page.text
    assert 'value="approve"' in page.text
    assert 'value="decline"' in page.text
    assert page.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("token", "action", "status"),
    [
        ("3ds_ok", "approve", "captured"),
        ("3ds_ok", "decline", "failed"),
        ("3ds_ok", "", "failed"),
        ("3ds_fail", "approve", "failed"),
        ("3ds_fail", "decline", "failed"),
    ],
)
async def test_what_the_buyer_tells_the_bank_decides(client, told, token, action, status):
    payment = await make_processed(token)
    answer = await answer_bank(client, payment, action)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/payments/{payment.id}/return")
    assert (await get_intent(payment.id)).status == "requires_action", "the bank's page tells the shop nothing"
    back = await come_back(client, payment)
    assert (back.status_code, back.headers["location"]) == (303, f"/orders/{payment.order_id}")
    assert (await get_intent(payment.id)).status == status
    assert told.captured == ([payment.id] if status == "captured" else [])


async def test_coming_back_without_having_confirmed_pays_nothing(client, told):
    payment = await make_processed("3ds_ok")
    back = await come_back(client, payment)
    assert back.status_code == 303
    assert (await get_intent(payment.id)).status == "requires_action"
    assert told.captured == []


async def test_coming_back_twice_tells_it_once(client, told):
    payment = await make_processed("3ds_ok")
    await answer_bank(client, payment, "approve")
    await come_back(client, payment)
    await come_back(client, payment)
    assert told.captured == [payment.id]


async def test_the_bank_takes_one_answer_only(client, told):
    payment = await make_processed("3ds_ok")
    await answer_bank(client, payment, "decline")
    await answer_bank(client, payment, "approve")
    await come_back(client, payment)
    assert (await get_intent(payment.id)).status == "failed"
    assert told.captured == []
    assert (await client.get(f"/sandbox/3ds/{payment.id}")).status_code == 303


async def test_coming_back_before_the_provider_was_asked_begins_no_charge(client, fake):
    payment = await make_payment("ok", provider="fake")
    assert (await come_back(client, payment)).status_code == 303
    assert fake.charges_begun == 0
    assert (await port(Payments).process_payment(payment.id)).status == "captured"


async def test_coming_back_while_the_provider_is_away_leads_to_the_order_all_the_same(client, fake):
    payment = await make_processed("action", provider="fake")
    fake.away = True
    back = await come_back(client, payment)
    assert (back.status_code, back.headers["location"]) == (303, f"/orders/{payment.order_id}")
    assert (await get_intent(payment.id)).status == "requires_action"


async def test_coming_back_from_an_unknown_payment_is_not_found(client):
    assert (await client.get(f"/payments/{new_id()}/return")).status_code == 404
    assert (await client.get("/payments/nonsense/return")).status_code == 404


async def test_another_site_can_not_answer_for_the_buyer(client):
    payment = await make_processed("3ds_ok")
    answer = await client.post(
        f"/sandbox/3ds/{payment.id}", data={"action": "approve"}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    await come_back(client, payment)
    assert (await get_intent(payment.id)).status == "requires_action"


async def test_the_test_bank_exists_in_demo_shops_only(client, monkeypatch):
    payment = await make_processed("3ds_ok")
    monkeypatch.setenv("SHOP_DEMO", "0")
    monkeypatch.setenv("SHOP_BASE_URL", "https://testserver")
    settings.cache_clear()
    await answer_bank(client, payment, "approve")
    await come_back(client, payment)
    assert (await get_intent(payment.id)).status == "requires_action"
    monkeypatch.undo()
    settings.cache_clear()
