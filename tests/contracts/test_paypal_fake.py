"""The fake PayPal held against what PayPal documents: other tests lean on its rules."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.fakes.paypal_api.merchant import WHOLE, Listener, Merchant, issue, wanted
from tests.fakes.paypal_api.process import PayPalFake
from tests.fakes.paypal_api.server import CLIENT_ID


async def test_who_has_no_token_is_told_nothing(merchant: Merchant):
    order = await merchant.order()
    merchant.http.headers["Authorization"] = "Bearer A21AAno"
    answer = await merchant.http.get(f"/v2/checkout/orders/{order['id']}")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"


async def test_wrong_credentials_get_no_token(paypal: PayPalFake):
    async with httpx.AsyncClient(base_url=paypal.base) as http:
        form = {"grant_type": "client_credentials"}
        answer = await http.post("/v1/oauth2/token", auth=(CLIENT_ID, "guessed"), data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_token_runs_out(merchant: Merchant):
    await merchant.order()
    await merchant.fake.control(clock_offset=32_401)
    assert (await merchant.post("/v2/checkout/orders", wanted())).status_code == 401
    await merchant.sign_in()
    await merchant.order()


async def test_an_order_is_approved_by_its_payer_and_captured_once(merchant: Merchant):
    order = await merchant.order(custom_id="mine")
    assert order["status"] == "PAYER_ACTION_REQUIRED"
    assert {each["rel"] for each in order["links"]} == {"self", "payer-action"}
    early = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture")
    assert (early.status_code, issue(early)) == (422, "ORDER_NOT_APPROVED")
    await merchant.fake.approve(order["id"])
    captured = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture", **WHOLE)
    assert (captured.status_code, captured.json()["status"]) == (201, "COMPLETED")
    (capture,) = captured.json()["purchase_units"][0]["payments"]["captures"]
    assert capture["amount"] == {"currency_code": "EUR", "value": "19.99"}
    assert capture["custom_id"] == "mine"
    again = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture")
    assert (again.status_code, issue(again)) == (422, "ORDER_ALREADY_CAPTURED")
    assert len((await merchant.fake.state("mine"))["captures"]) == 1


async def test_the_payers_page_leads_back_with_token_and_payer(merchant: Merchant):
    order = await merchant.order()
    link = next(each["href"] for each in order["links"] if each["rel"] == "payer-action")
    async with httpx.AsyncClient() as browser:
        assert "Pay now" in (await browser.get(link)).text
        no = await browser.post(link.partition("?")[0], data={"id": order["id"], "answer": "no"})
        assert no.headers["location"] == f"http://testserver/cancel?token={order['id']}"
        yes = await browser.post(link.partition("?")[0], data={"id": order["id"], "answer": "yes"})
    assert yes.headers["location"].startswith(f"http://testserver/return?token={order['id']}&PayerID=")
    shown = (await merchant.http.get(f"/v2/checkout/orders/{order['id']}")).json()
    assert shown["status"] == "APPROVED"
    assert shown["payment_source"]["paypal"]["email_address"] == "ada@example.com"


async def test_an_order_that_nobody_approves_is_gone_after_three_hours(merchant: Merchant):
    order = await merchant.order()
    await merchant.fake.control(clock_offset=3 * 3600 + 5)
    answer = await merchant.http.get(f"/v2/checkout/orders/{order['id']}")
    assert (answer.status_code, issue(answer)) == (404, "INVALID_RESOURCE_ID")


@pytest.mark.parametrize(
    ("value", "currency", "told"),
    [
        ("0.00", "EUR", "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ("-1.00", "EUR", "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ("1.999", "EUR", "DECIMAL_PRECISION"),
        ("10000000.00", "EUR", "MAX_VALUE_EXCEEDED"),
        ("100.50", "JPY", "DECIMALS_NOT_SUPPORTED"),
        ("100.50", "HUF", "DECIMALS_NOT_SUPPORTED"),
        ("1,00", "EUR", "INVALID_PARAMETER_SYNTAX"),
        ("1.00", "XAU", "CURRENCY_NOT_SUPPORTED"),
        ("1.00", "eur", "INVALID_CURRENCY_CODE"),
    ],
)
async def test_amounts_that_can_not_be_charged_are_refused(merchant: Merchant, value: str, currency: str, told: str):
    answer = await merchant.post("/v2/checkout/orders", wanted(value, currency, custom_id="odd"))
    assert answer.status_code in {400, 422}
    assert issue(answer) == told
    assert (await merchant.fake.state("odd"))["orders"] == []


async def test_yen_have_no_decimals(merchant: Merchant):
    capture_id = await merchant.captured("1999", "JPY")
    shown = (await merchant.http.get(f"/v2/payments/captures/{capture_id}")).json()
    assert shown["amount"] == {"currency_code": "JPY", "value": "1999"}


async def test_a_declined_payer_may_choose_again(merchant: Merchant):
    order = await merchant.order()
    await merchant.fake.approve(order["id"])
    await merchant.fake.control(capture_outcomes=["INSTRUMENT_DECLINED"])
    path = f"/v2/checkout/orders/{order['id']}/capture"
    declined = await merchant.post(path, key="first")
    assert (declined.status_code, issue(declined)) == (422, "INSTRUMENT_DECLINED")
    assert any(each["rel"] == "redirect" for each in declined.json()["links"])
    assert issue(await merchant.post(path, key="first")) == "INSTRUMENT_DECLINED"
    assert (await merchant.post(path, key="second")).status_code == 201


async def test_a_pending_capture_is_settled_later_and_not_refunded_before(merchant: Merchant, listener: Listener):
    await merchant.fake.control(capture_outcomes=["PENDING"])
    capture_id = await merchant.captured()
    assert issue(await merchant.refund(capture_id)) == "PENDING_CAPTURE"
    await merchant.fake.do("settle", capture_id=capture_id, status="COMPLETED")
    shown = (await merchant.http.get(f"/v2/payments/captures/{capture_id}")).json()
    assert shown["status"] == "COMPLETED"
    await listener.until(3)
    assert sorted(listener.kinds()) == [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.PENDING",
    ]


async def test_an_invoice_is_paid_once(merchant: Merchant):
    await merchant.captured(invoice_id="A-1")
    order = await merchant.order(invoice_id="A-1")
    await merchant.fake.approve(order["id"])
    answer = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture")
    assert (answer.status_code, issue(answer)) == (422, "DUPLICATE_INVOICE_ID")


async def test_an_order_may_change_until_it_is_paid(merchant: Merchant):
    order = await merchant.order("10.00")
    path = f"/v2/checkout/orders/{order['id']}"
    change = {"op": "replace", "path": "/purchase_units/@reference_id=='default'/amount"}
    answer = await merchant.http.patch(path, json=[change | {"value": {"currency_code": "EUR", "value": "12.00"}}])
    assert answer.status_code == 204
    assert (await merchant.http.get(path)).json()["purchase_units"][0]["amount"]["value"] == "12.00"
    await merchant.fake.approve(order["id"])
    await merchant.post(f"{path}/capture")
    late = await merchant.http.patch(path, json=[change | {"value": {"currency_code": "EUR", "value": "1.00"}}])
    assert (late.status_code, issue(late)) == (422, "ORDER_ALREADY_COMPLETED")


async def test_refunds_are_bounded_by_the_capture_under_concurrency(merchant: Merchant):
    capture_id = await merchant.captured("10.00", custom_id="bounded")
    answers = await asyncio.gather(*(merchant.refund(capture_id, "1.00") for _ in range(50)))
    assert sorted({each.status_code for each in answers}) == [201, 422]
    assert [each.status_code for each in answers].count(201) == 10
    assert await merchant.fake.given_back("bounded") == 10
    assert issue(await merchant.refund(capture_id, "1.00")) == "CAPTURE_FULLY_REFUNDED"


async def test_a_refund_in_parts(merchant: Merchant):
    capture_id = await merchant.captured("10.00")
    first = await merchant.refund(capture_id, "4.00", "part")
    assert (await merchant.refund(capture_id, "4.00", "part")).json()["id"] == first.json()["id"]
    shown = (await merchant.http.get(f"/v2/payments/captures/{capture_id}")).json()
    assert shown["status"] == "PARTIALLY_REFUNDED"
    assert issue(await merchant.refund(capture_id, "6.01")) == "REFUND_AMOUNT_EXCEEDED"
    assert (await merchant.refund(capture_id)).json()["amount"]["value"] == "6.00"
    found = (await merchant.http.get(f"/v2/payments/refunds/{first.json()['id']}")).json()
    assert found["status"] == "COMPLETED"


async def test_an_authorization_is_captured_in_parts_and_the_rest_released(merchant: Merchant):
    authorization_id = await merchant.authorized("20.00")
    path = f"/v2/payments/authorizations/{authorization_id}"
    part = {"amount": {"currency_code": "EUR", "value": "5.00"}}
    assert (await merchant.post(f"{path}/capture", part)).status_code == 201
    much = {"amount": {"currency_code": "EUR", "value": "15.01"}}
    assert issue(await merchant.post(f"{path}/capture", much)) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert (await merchant.post(f"{path}/capture", part | {"final_capture": True})).status_code == 201
    assert (await merchant.http.get(path)).json()["status"] == "CAPTURED"
    assert issue(await merchant.post(f"{path}/capture", part)) == "AUTHORIZATION_ALREADY_CAPTURED"
    assert issue(await merchant.post(f"{path}/void")) == "PREVIOUSLY_CAPTURED"


async def test_an_authorization_that_is_voided_holds_nothing(merchant: Merchant):
    path = f"/v2/payments/authorizations/{await merchant.authorized()}"
    assert (await merchant.post(f"{path}/void")).status_code == 204
    assert issue(await merchant.post(f"{path}/void")) == "PREVIOUSLY_VOIDED"
    assert issue(await merchant.post(f"{path}/capture")) == "AUTHORIZATION_VOIDED"


async def test_an_authorization_is_renewed_after_its_honor_period(merchant: Merchant):
    path = f"/v2/payments/authorizations/{await merchant.authorized()}"
    assert issue(await merchant.post(f"{path}/reauthorize")) == "REAUTHORIZATION_TOO_SOON"
    await merchant.fake.control(clock_offset=4 * 86_400)
    await merchant.sign_in()
    renewed = await merchant.post(f"{path}/reauthorize", **WHOLE)
    assert (renewed.status_code, renewed.json()["status"]) == (201, "CREATED")
    await merchant.fake.control(clock_offset=30 * 86_400)
    await merchant.sign_in()
    late = await merchant.post(f"/v2/payments/authorizations/{renewed.json()['id']}/capture")
    assert issue(late) == "AUTHORIZATION_EXPIRED"


async def test_a_payer_is_kept_with_a_purchase_and_pays_again_without_a_page(merchant: Merchant):
    keep = {"vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}}
    order = await merchant.order(
        payment_source={"paypal": {"attributes": keep, "experience_context": {"return_url": "http://testserver/"}}}
    )
    await merchant.fake.approve(order["id"])
    answer = await merchant.post(f"/v2/checkout/orders/{order['id']}/capture")
    kept = answer.json()["payment_source"]["paypal"]["attributes"]["vault"]
    assert kept["status"] == "VAULTED"
    bare = {"intent": "CAPTURE", "purchase_units": wanted("5.00", custom_id="again")["purchase_units"]}
    second = (await merchant.post("/v2/checkout/orders", bare)).json()
    source = {"payment_source": {"paypal": {"vault_id": kept["id"]}}}
    paid = await merchant.post(f"/v2/checkout/orders/{second['id']}/capture", source)
    assert (paid.status_code, paid.json()["status"]) == (201, "COMPLETED")
    at_once = await merchant.post("/v2/checkout/orders", wanted("5.00", custom_id="again", **source))
    assert at_once.json()["status"] == "COMPLETED"
    assert await merchant.fake.taken("again") == 10


async def test_a_payer_is_kept_without_a_purchase_listed_and_forgotten(merchant: Merchant):
    context = {"return_url": "http://testserver/back", "cancel_url": "http://testserver/back"}
    wallet = {"usage_type": "MERCHANT", "experience_context": context}
    setup = (await merchant.post("/v3/vault/setup-tokens", {"payment_source": {"paypal": wallet}})).json()
    assert setup["status"] == "PAYER_ACTION_REQUIRED"
    exchange = {"payment_source": {"token": {"id": setup["id"], "type": "SETUP_TOKEN"}}}
    assert (await merchant.post("/v3/vault/payment-tokens", exchange)).status_code == 422
    await merchant.fake.do("approve_setup", setup_id=setup["id"])
    token = (await merchant.post("/v3/vault/payment-tokens", exchange)).json()
    listed = await merchant.http.get("/v3/vault/payment-tokens", params={"customer_id": setup["customer"]["id"]})
    assert [each["id"] for each in listed.json()["payment_tokens"]] == [token["id"]]
    for _ in range(2):
        assert (await merchant.http.delete(f"/v3/vault/payment-tokens/{token['id']}")).status_code == 204
    assert (await merchant.http.get(f"/v3/vault/payment-tokens/{token['id']}")).status_code == 404


async def test_the_books_list_what_came_in_and_went_out(merchant: Merchant):
    capture_id = await merchant.captured("10.00", custom_id="booked")
    refund = (await merchant.refund(capture_id, "4.00")).json()
    now = datetime.now(UTC)
    span = {
        "start_date": (now - timedelta(days=1)).isoformat(timespec="seconds"),
        "end_date": (now + timedelta(minutes=1)).isoformat(timespec="seconds"),
        "page_size": "1",
    }
    found = []
    for page in ("1", "2"):
        answer = (await merchant.http.get("/v1/reporting/transactions", params=span | {"page": page})).json()
        assert (answer["total_items"], answer["total_pages"]) == (2, 2)
        found += [each["transaction_info"] for each in answer["transaction_details"]]
    taken = next(each for each in found if each["transaction_event_code"] == "T0006")
    given = next(each for each in found if each["transaction_event_code"] == "T1107")
    assert (taken["transaction_id"], taken["custom_field"]) == (capture_id, "booked")
    assert (given["transaction_id"], given["paypal_reference_id"]) == (refund["id"], capture_id)
    assert given["transaction_amount"]["value"] == "-4.00"
    await merchant.fake.control(reporting_lag=3 * 3600)
    assert (await merchant.http.get("/v1/reporting/transactions", params=span)).json()["total_items"] == 0
    wide = span | {"start_date": (now - timedelta(days=32)).isoformat(timespec="seconds")}
    assert (await merchant.http.get("/v1/reporting/transactions", params=wide)).status_code == 400


async def test_disputes_are_opened_and_resolved(merchant: Merchant, listener: Listener):
    capture_id = await merchant.captured()
    dispute_id = await merchant.fake.do("dispute", capture_id=capture_id)
    await merchant.fake.do("resolve_dispute", dispute_id=dispute_id, outcome="RESOLVED_BUYER_FAVOUR")
    await merchant.fake.do("reverse", capture_id=capture_id)
    await listener.until(5)
    assert {"CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.RESOLVED", "PAYMENT.CAPTURE.REVERSED"} <= {*listener.kinds()}
    shown = (await merchant.http.get(f"/v1/customer/disputes/{dispute_id}")).json()
    assert shown["disputed_transactions"][0]["seller_transaction_id"] == capture_id
    assert shown["status"] == "RESOLVED"
