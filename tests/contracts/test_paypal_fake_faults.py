"""What gets lost at the fake PayPal, is told twice or by a forger, and what outlives a kill: other tests lean on its memory."""

import asyncio
import base64
import zlib

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from shop.kernel.ids import new_id
from tests.fakes.paypal_api.merchant import Listener, Merchant, issue, wanted
from tests.fakes.paypal_api.process import WEBHOOK_ID


async def test_a_repeat_gets_the_present_state_and_has_no_second_effect(merchant: Merchant):
    body, key = wanted(custom_id="once"), str(new_id())
    first = await merchant.post("/v2/checkout/orders", body, key)
    await merchant.fake.approve(first.json()["id"])
    again = await merchant.post("/v2/checkout/orders", body, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["status"] == "APPROVED"
    path = f"/v2/checkout/orders/{first.json()['id']}/capture"
    answers = [await merchant.post(path, key="take") for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 200, 200]
    state = await merchant.fake.state("once")
    assert (len(state["orders"]), len(state["captures"])) == (1, 1)


async def test_a_request_id_is_good_for_one_body(merchant: Merchant):
    key = str(new_id())
    await merchant.post("/v2/checkout/orders", wanted("1.00"), key)
    other = await merchant.post("/v2/checkout/orders", wanted("2.00"), key)
    assert (other.status_code, issue(other)) == (422, "DUPLICATE_REQUEST_ID")


async def test_a_request_id_of_an_order_is_forgotten_after_six_hours(merchant: Merchant):
    body, key = wanted(), str(new_id())
    first = await merchant.post("/v2/checkout/orders", body, key)
    await merchant.fake.control(clock_offset=6 * 3600 + 5)
    second = await merchant.post("/v2/checkout/orders", body, key)
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


async def test_a_repeat_while_the_first_is_under_way_is_told_so(merchant: Merchant):
    await merchant.fake.control(hang_seconds=3, planned=[{"fault": "hang_before", "path": "/orders"}])
    body, key = wanted(), str(new_id())
    first = asyncio.create_task(merchant.post("/v2/checkout/orders", body, key))
    await asyncio.sleep(0.2)
    second = await merchant.post("/v2/checkout/orders", body, key)
    assert (second.status_code, issue(second)) == (409, "PREVIOUS_REQUEST_IN_PROGRESS")
    assert (await first).status_code == 201


async def test_webhooks_can_be_shown_to_come_from_paypal(merchant: Merchant, listener: Listener):
    await merchant.captured(custom_id="told")
    events = await listener.until(2)
    taken = next(each for each in events if each["event_type"] == "PAYMENT.CAPTURE.COMPLETED")
    assert taken["resource"]["custom_id"] == "told"
    assert taken["resource"]["supplementary_data"]["related_ids"]["order_id"]
    for body, headers in listener.heard:
        await _verify(body, headers)
        with pytest.raises(InvalidSignature):
            await _verify(body.replace(b"told", b"lied"), headers)


async def _verify(body: bytes, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient() as http:
        pem = (await http.get(headers["paypal-cert-url"])).content
    key = x509.load_pem_x509_certificates(pem)[0].public_key()
    signed = "|".join(
        (
            headers["paypal-transmission-id"],
            headers["paypal-transmission-time"],
            WEBHOOK_ID,
            str(zlib.crc32(body)),
        )
    )
    signature = base64.b64decode(headers["paypal-transmission-sig"])
    key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


async def test_webhooks_are_told_again_until_somebody_takes_them(merchant: Merchant, listener: Listener):
    await merchant.fake.control(webhooks={"retry_seconds": 0.05})
    listener.says = 500
    order = await merchant.order()
    await merchant.fake.approve(order["id"])
    await listener.until(3)
    listener.says = 200
    for _ in range(200):
        if (await merchant.fake.deliveries()) == {"taken": 1}:
            break
        await asyncio.sleep(0.02)
    assert await merchant.fake.deliveries() == {"taken": 1}
    assert len({httpx.Response(200, content=body).json()["id"] for body, _ in listener.heard}) == 1


async def test_webhooks_come_doubled_early_forged_and_not_at_all_by_order(merchant: Merchant, listener: Listener):
    await merchant.fake.control(webhooks={"doubled": 1.0, "early": 1.0, "forged": 1.0})
    order = await merchant.order()
    await merchant.fake.approve(order["id"])
    answer = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture")
    early = [each for each in listener.kinds() if each == "PAYMENT.CAPTURE.COMPLETED"]
    assert answer.status_code == 201
    assert len(early) >= 2
    events = await listener.until(6)
    assert len([each for each in events if each["id"].startswith("WH-FORGED-")]) == 2
    await merchant.fake.control(webhooks={"dropped": 1.0})
    before = len(listener.heard)
    await merchant.captured()
    await asyncio.sleep(0.2)
    assert len(listener.heard) == before


async def test_an_answer_that_is_lost_had_its_effect(merchant: Merchant):
    order = await merchant.order(custom_id="lost")
    await merchant.fake.approve(order["id"])
    await merchant.fake.plan("lost_answer", "error_after", path="/capture")
    path = f"/v2/checkout/orders/{order['id']}/capture"
    with pytest.raises(httpx.TransportError):
        await merchant.post(path, key="same")
    assert (await merchant.post(path, key="same")).status_code == 500
    assert (await merchant.post(path, key="same")).status_code == 200
    assert len((await merchant.fake.state("lost"))["captures"]) == 1


async def test_an_error_may_come_after_the_effect_or_before(merchant: Merchant):
    await merchant.fake.plan("error_after", "error_before", path="/orders")
    after = await merchant.post("/v2/checkout/orders", wanted(custom_id="after"))
    before = await merchant.post("/v2/checkout/orders", wanted(custom_id="before"))
    assert (after.status_code, before.status_code) == (500, 500)
    assert len((await merchant.fake.state("after"))["orders"]) == 1
    assert (await merchant.fake.state("before"))["orders"] == []


async def test_chance_befalls_the_same_calls_for_the_same_seed(merchant: Merchant):
    faults = {"lost_answer": 0.1, "error_after": 0.05, "expired_token": 0.05, "rate_limited": 0.1}

    async def run() -> list[str | None]:
        await merchant.fake.control(seed=7, faults=faults)
        before = len(await merchant.fake.log())
        for _ in range(60):
            try:
                answer = await merchant.http.get("/v2/checkout/orders/NONE")
            except httpx.TransportError:
                continue
            if answer.status_code == 401:
                await merchant.fake.control(faults={})
                await merchant.sign_in()
                return [each["fault"] for each in (await merchant.fake.log())[before:] if "orders" in each["path"]]
        return [each["fault"] for each in (await merchant.fake.log())[before:]]

    first = await run()
    assert set(first) - {None}
    assert await run() == first


async def test_what_was_done_outlives_a_kill(merchant: Merchant, listener: Listener):
    await merchant.fake.control(webhooks={"paused": True})
    body, key = wanted("10.00", custom_id="kept"), str(new_id())
    order = (await merchant.post("/v2/checkout/orders", body, key)).json()
    await merchant.fake.approve(order["id"])
    await merchant.post(f"/v2/checkout/orders/{order['id']}/capture", key="take")
    await merchant.fake.restart()
    again = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture", key="take")
    assert (again.status_code, again.json()["status"]) == (200, "COMPLETED")
    assert (await merchant.post("/v2/checkout/orders", body, key)).json()["id"] == order["id"]
    assert await merchant.fake.taken("kept") == 10
    await merchant.fake.control(webhooks={"paused": False})
    await listener.until(2)
    for body_told, headers in listener.heard:
        await _verify(body_told, headers)


async def test_a_kill_in_the_middle_leaves_whole_calls_or_none(merchant: Merchant):
    async def take(number: int) -> None:
        try:
            order = await merchant.order(custom_id=f"c{number}", invoice_id=f"i{number}")
            await merchant.fake.approve(order["id"])
            await merchant.post(f"/v2/checkout/orders/{order['id']}/capture")
        except (httpx.HTTPError, AssertionError):
            return

    calls = [asyncio.create_task(take(number)) for number in range(100)]
    while not (await merchant.fake.state())["by_custom_id"]:
        await asyncio.sleep(0.02)
    await merchant.fake.restart()
    await asyncio.gather(*calls)
    state = (await merchant.fake.state())["by_custom_id"]
    assert state
    for things in state.values():
        done = [each for each in things["orders"] if each["status"] == "COMPLETED"]
        assert len(done) == len(things["captures"])
