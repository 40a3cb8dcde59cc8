"""What staff do with payments over HTTP: take, release, record, approve, pay out; each once, and only who may."""

import asyncio
from uuid import UUID, uuid4

import pytest

from shop.contracts.payments import Payments
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from tests.factories.back_office import DESK, member, place_by
from tests.factories.oauth import bearing, make_program
from tests.factories.orders import get_order, open_shop, place
from tests.factories.payments import get_intent, make_processed, scalar, wish_refund
from tests.factories.reconciliation import change_payment

TOTAL = 2 * 1999 + 490


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
async def desk(client):
    await open_shop()
    return await member(client, "desk", *DESK)


@pytest.fixture
async def boss(client):
    return await member(client, "boss", "payments.view", "refunds.approve", "orders.refund")


@pytest.fixture
def _settings(monkeypatch):
    monkeypatch.setenv("SHOP_BANK_TRANSFER_TO", "Fernweh GmbH, DE89 3704 0044 0532 0130 00")
    monkeypatch.setenv("SHOP_CAPTURE", "manual")
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "20.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


pytestmark = pytest.mark.usefixtures("db", "_settings")


def payment_of(order):
    return order["payments"][0]["id"]


async def captured(client, desk):
    order = await place(client)
    assert (await desk("POST", f"payments/{payment_of(order)}/capture", {})).status_code == 200
    return order


async def test_staff_take_what_is_held(client, desk):
    order = await place(client)
    assert order["payments"][0]["status"] == "authorized"
    shown = (await desk("GET", f"payments/{payment_of(order)}")).json()["payment"]
    assert (shown["capturable"], shown["order_number"]) == (True, order["number"])
    answer = await desk("POST", f"payments/{payment_of(order)}/capture", {})
    assert (answer.status_code, answer.json()["payment"]["captured"]) == (200, eur(TOTAL)), answer.text
    assert (await get_order(client, order))["status"] == "paid"


async def test_a_part_is_taken_and_the_rest_released(client, desk):
    order = await place(client)
    answer = await desk("POST", f"payments/{payment_of(order)}/capture", {"amount": eur(3000)})
    assert answer.json()["payment"]["captured"] == eur(3000)
    paid = await get_order(client, order)
    assert (paid["status"], paid["received"], paid["amount_due"]) == ("paid", eur(3000), eur(0))


async def test_more_than_is_held_is_not_taken(client, desk):
    order = await place(client)
    answer = await desk("POST", f"payments/{payment_of(order)}/capture", {"amount": eur(TOTAL + 1)})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_capturable")
    assert (await get_intent(payment_of(order))).status == "authorized"


async def test_captures_and_releases_at_once_have_one_effect(client, desk):
    order = await place(client)
    url = f"payments/{payment_of(order)}"
    sent = [desk("POST", f"{url}/{deed}", {} if deed == "capture" else None) for deed in ("capture", "release") * 8]
    answers = await asyncio.gather(*sent)
    assert sorted({answer.status_code for answer in answers}) == [200, 409]
    assert sum(answer.status_code == 200 for answer in answers) == 1
    await settle_open_payments()
    intent = await get_intent(payment_of(order))
    assert intent.status in {"captured", "cancelled"}
    assert (intent.status == "captured") == (intent.called_off_at is None)


async def test_what_is_released_is_not_taken_and_can_be_paid_otherwise(client, desk):
    order = await place(client)
    answer = await desk("POST", f"payments/{payment_of(order)}/release")
    assert (answer.status_code, answer.json()["payment"]["status"]) == (200, "cancelled"), answer.text
    seen = await get_order(client, order)
    assert (seen["status"], seen["amount_due"]) == ("payment_failed", eur(TOTAL))
    told = [entry["note"] for entry in seen["history"][-2:]]
    assert "released" in told[0]
    assert told[1].startswith("Goods held until"), "for another way to pay, and no longer for this one"
    again = await client.post(
        f"/api/v1/orders/{order['id']}/payments",
        json={"provider": "sandbox", "token": "ok"},
        headers={"Idempotency-Key": str(uuid4()), "Order-Token": order["access_token"]},
    )
    assert (again.status_code, again.json()["payments"][-1]["status"]) == (201, "authorized"), again.text
    late = await desk("POST", f"payments/{payment_of(order)}/capture", {})
    assert late.json()["code"] == "not_capturable"


async def test_what_is_not_held_can_not_be_released(client, desk):
    order = await captured(client, desk)
    assert (await desk("POST", f"payments/{payment_of(order)}/release")).json()["code"] == "not_releasable"
    assert (await desk("POST", f"payments/{new_id()}/release")).json()["code"] == "payment_not_found"


async def test_a_transfer_counts_once_staff_say_that_it_came(client, desk):
    order = await place_by(client, "bank_transfer")
    assert order["payments"][0]["status"] == "requires_action"
    reference = order["payments"][0]["instructions"]["Reference"]
    (found,) = (await desk("GET", f"payments?q={reference}")).json()["items"]
    assert (found["id"], found["awaited"]) == (payment_of(order), True)
    assert (await desk("POST", f"payments/{payment_of(order)}/capture", {})).json()["code"] == "not_capturable"
    answer = await desk("POST", f"payments/{payment_of(order)}/receipt")
    assert answer.json()["payment"]["status"] == "captured", answer.text
    assert (await get_order(client, order))["status"] == "paid"
    assert (await desk("POST", f"payments/{payment_of(order)}/receipt")).json()["code"] == "not_capturable"


async def test_a_transfer_that_never_comes_is_given_up(client, desk):
    order = await place_by(client, "bank_transfer")
    assert (await desk("POST", f"payments/{payment_of(order)}/release")).status_code == 200
    assert (await get_order(client, order))["status"] == "payment_failed"
    assert (await desk("POST", f"payments/{payment_of(order)}/receipt")).json()["code"] == "not_capturable"


async def test_a_refund_of_a_transfer_is_done_once_staff_have_paid_it_out(client, desk):
    order = await place_by(client, "bank_transfer")
    await desk("POST", f"payments/{payment_of(order)}/receipt")
    wish = {"amount": eur(1000), "reason": "Scratched"}
    (refund,) = (await desk("POST", f"orders/{order['id']}/refunds", wish)).json()["items"]
    assert refund["status"] == "pending"
    (queued,) = (await desk("GET", "refunds?queue=to_pay_out")).json()["items"]
    assert (queued["id"], queued["order_number"], queued["reason"]) == (refund["id"], order["number"], "Scratched")
    answer = await desk("POST", f"refunds/{refund['id']}/paid-out")
    assert (answer.status_code, answer.json()["status"]) == (200, "done"), answer.text
    assert (await get_order(client, order))["refunded"] == eur(1000)
    assert (await desk("POST", f"refunds/{refund['id']}/paid-out")).json()["code"] == "not_payable"
    assert (await desk("GET", "refunds?queue=to_pay_out")).json()["items"] == []


async def test_a_refund_that_a_provider_carries_out_is_not_paid_out_by_hand(client, desk, fake):
    payment = await make_processed("ok", provider="fake")
    fake.refund_status = "pending"
    await change_payment(payment.id, "status = 'captured', captured_amount = amount")
    (refund,) = await write(port(Payments).request_refunds, payment.order_id, wish_refund(500))
    assert (await desk("POST", f"refunds/{refund.id}/paid-out")).json()["code"] == "not_payable"
    assert await scalar("select count(*) from payments.payout") == 0
    assert (await desk("POST", f"refunds/{new_id()}/paid-out")).status_code == 404


async def test_a_large_refund_waits_for_a_second_person(client, desk, boss):
    order = await captured(client, desk)
    wish = {"amount": eur(2001), "reason": "Broken"}
    (refund,) = (await desk("POST", f"orders/{order['id']}/refunds", wish)).json()["items"]
    assert refund["status"] == "awaiting_approval"
    (waiting,) = (await boss("GET", "refunds")).json()["items"]
    assert (waiting["id"], waiting["amount"]) == (refund["id"], eur(2001))
    assert (await get_order(client, order))["refunded"] == eur(0)
    answer = await boss("POST", f"refunds/{refund['id']}/decision", {"approve": True})
    assert (answer.status_code, answer.json()["status"]) == (200, "done"), answer.text
    assert answer.json()["decided_by"] not in {None, answer.json()["requested_by"]}
    assert (await get_order(client, order))["refunded"] == eur(2001)
    again = await boss("POST", f"refunds/{refund['id']}/decision", {"approve": True})
    assert (again.status_code, again.json()["code"]) == (409, "refund_decided")


async def test_a_small_one_waits_for_nobody(client, desk):
    order = await captured(client, desk)
    answer = await desk("POST", f"orders/{order['id']}/refunds", {"amount": eur(2000), "reason": "Broken"})
    assert answer.json()["items"][0]["status"] == "done"


async def test_nobody_approves_their_own_refund(client, desk, boss):
    order = await captured(client, desk)
    wish = {"amount": eur(3000), "reason": "Broken"}
    (refund,) = (await boss("POST", f"orders/{order['id']}/refunds", wish)).json()["items"]
    for approve in (True, False):
        answer = await boss("POST", f"refunds/{refund['id']}/decision", {"approve": approve})
        assert (answer.status_code, answer.json()["code"]) == (409, "same_person")
    assert await scalar("select status from payments.refund") == "awaiting_approval"


async def test_a_program_that_acts_for_itself_asks_for_no_refund_that_a_person_of_its_own_could_approve(
    client, desk, monkeypatch
):
    """Whoever may register it holds its secret: the second person would be the first."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    order = await captured(client, desk)
    program = await make_program("orders.refund")
    tokens = (await program.own_tokens(client)).json()

    async def ask(amount):
        headers = bearing(tokens) | {"Idempotency-Key": str(uuid4())}
        wish = {"amount": eur(amount), "reason": "Broken"}
        return await client.post(f"/api/v1/admin/orders/{order['id']}/refunds", json=wish, headers=headers)

    refused = await ask(2001)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), refused.text
    assert await scalar("select count(*) from payments.refund") == 0
    assert (await ask(1500)).json()["items"][0]["status"] == "done"
    assert (await ask(501)).status_code == 403, "slices count together"
    assert (await get_intent(payment_of(order))).refunded_amount == 1500


async def test_a_rejected_refund_moves_nothing_and_may_be_asked_for_again(client, desk, boss):
    order = await captured(client, desk)
    line = order["lines"][0]["id"]
    wish = {"lines": [{"line_id": line, "quantity": 2}], "reason": "Broken"}
    (refund,) = (await desk("POST", f"orders/{order['id']}/refunds", wish)).json()["items"]
    answer = await boss("POST", f"refunds/{refund['id']}/decision", {"approve": False})
    assert answer.json()["status"] == "rejected"
    assert (await get_intent(payment_of(order))).refunded_amount == 0
    assert (await boss("GET", "refunds?queue=failed")).json()["items"][0]["id"] == refund["id"]


async def test_decisions_at_once_have_one_effect(client, desk, boss):
    order = await captured(client, desk)
    wish = {"amount": eur(4000), "reason": "Broken"}
    (refund,) = (await desk("POST", f"orders/{order['id']}/refunds", wish)).json()["items"]
    sent = [boss("POST", f"refunds/{refund['id']}/decision", {"approve": each % 2 == 0}) for each in range(10)]
    codes = sorted(answer.status_code for answer in await asyncio.gather(*sent))
    assert codes == [200] + [409] * 9


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"),
    [
        ("payments.capture", "POST", "payments/{payment}/capture", {}),
        ("payments.capture", "POST", "payments/{payment}/release", None),
        ("payments.capture", "POST", "payments/{payment}/receipt", None),
        ("payments.capture", "POST", "payments/{payment}/looked-into", None),
        ("payments.capture", "POST", "refunds/{payment}/paid-out", None),
        ("payments.capture", "POST", "reconciliations", {}),
        ("payments.capture", "POST", "discrepancies/{payment}/resolve", {"note": "Seen"}),
        ("refunds.approve", "POST", "refunds/{payment}/decision", {"approve": True}),
        ("orders.refund", "POST", "orders/{order}/refunds", {"reason": "Broken"}),
        ("payments.view", "GET", "payments", None),
        ("payments.view", "GET", "refunds", None),
        ("payments.view", "GET", "disputes", None),
        ("payments.view", "GET", "reconciliations", None),
        ("payments.view", "GET", "discrepancies", None),
    ],
)
async def test_each_deed_needs_its_own_permission(client, desk, permission, method, path, body):
    order = await place(client)
    everything_else = {*DESK, "refunds.approve"} - {permission}
    somebody = await member(client, "somebody", *everything_else)
    answer = await somebody(method, path.format(payment=payment_of(order), order=order["id"]), body)
    assert answer.status_code == 403, answer.text
    assert (await get_intent(payment_of(order))).status == "authorized"


@pytest.mark.parametrize("deed", ["capture", "release", "receipt"])
async def test_deeds_need_a_key_and_the_same_key_gives_the_same_answer(client, desk, deed):
    order = await (place_by(client, "bank_transfer") if deed == "receipt" else place(client))
    body = {} if deed == "capture" else None
    key = str(uuid4())
    first = await desk("POST", f"payments/{payment_of(order)}/{deed}", body, key=key)
    again = await desk("POST", f"payments/{payment_of(order)}/{deed}", body, key=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    without = await desk("POST", f"payments/{payment_of(order)}/{deed}", body, key="")
    assert without.status_code == 422


async def test_what_somebody_has_looked_into_is_no_longer_asked_for(client, desk):
    payment = await make_processed("ok")
    await change_payment(payment.id, "staff_note = 'It differs', status = 'authorized', captured_amount = 0")
    (found,) = (await desk("GET", "payments?attention=true")).json()["items"]
    assert (found["id"], found["staff_note"]) == (str(payment.id), "It differs")
    answer = await desk("POST", f"payments/{payment.id}/looked-into")
    assert answer.json()["payment"]["staff_note"] is None
    assert (await desk("POST", f"payments/{payment.id}/looked-into")).json()["code"] == "nothing_noted"
    assert (await desk("GET", "payments?attention=true")).json()["items"] == []
    assert not await scalar("select next_check_at is null from payments.payment where id = :id", id=payment.id)


async def test_lists_are_filtered_and_paged(client, desk):
    made = [str((await make_processed("ok")).id) for _ in range(3)]
    declined = await make_processed("declined")
    page = (await desk("GET", "payments?limit=2")).json()
    rest = (await desk("GET", f"payments?limit=2&cursor={page['next_cursor']}")).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == [str(declined.id), *made[::-1]]
    assert [each["id"] for each in (await desk("GET", "payments?status=failed")).json()["items"]] == [str(declined.id)]
    assert (await desk("GET", "payments?provider=stripe")).json()["items"] == []
    for q in (made[0], str((await get_intent(UUID(made[0]))).provider_ref), made[0].upper()):
        assert [each["id"] for each in (await desk("GET", f"payments?q={q}")).json()["items"]] == made[:1]


@pytest.mark.parametrize(
    ("path", "most"),
    [("payments", 4), ("refunds?queue=done", 4), ("disputes", 4), ("reconciliations", 3), ("discrepancies", 4)],
)
async def test_lists_keep_their_statement_budget(client, desk, record_statements, path, most):
    for _ in range(3):
        order = await captured(client, desk)
        await desk("POST", f"orders/{order['id']}/refunds", {"amount": eur(100), "reason": "Broken"})
    await desk("GET", path)
    with record_statements() as sent:
        assert (await desk("GET", path)).status_code == 200
    assert len(sent) <= most, sent
