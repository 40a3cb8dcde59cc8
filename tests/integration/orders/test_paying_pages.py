"""Paying on the pages: from a balance, with a stored method, by transfer or at the door, and in another way than was begun;
sent as a browser without JavaScript sends it."""

import asyncio
import re
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import pytest

from shop.contracts.payment_providers import VaultedMethod
from shop.contracts.payments import MethodShown, Payments
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.repository import stored_methods
from tests.factories.catalog import make_product
from tests.factories.forms import Form, words
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.orders import ORDERS, count_orders, get_order, opened_by, place
from tests.factories.payments import wish_refund
from tests.factories.wallet import balance_of, move, whole_balance_of

pytestmark = pytest.mark.usefixtures("shop")
ADA = {
    "shipping_address__name": "Ada Lovelace",
    "shipping_address__line1": "Unter den Linden 5",
    "shipping_address__city": "Berlin",
    "shipping_address__postal_code": "10117",
}
VISA = VaultedMethod("pm_visa", None, MethodShown("card", "Visa", last4="4242", expires="12/2030"))
TOTAL = 44_88
"""Two mugs and standard delivery."""


@pytest.fixture
def by_hand(booted, monkeypatch):
    there = msgspec.structs.replace(
        settings(), bank_transfer_to="Shop, IBAN DE02 1203 0000 0000 2020 51", cash_on_delivery=True
    )
    monkeypatch.setattr("shop.modules.payments.gateways.by_hand.settings", lambda: there)


@pytest.fixture
async def ada(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    return account_id


async def fill(account_id, amount):
    await move(account_id, "deposit", amount, by="staff")


async def keep(account_id, vaulted=VISA):
    await write(stored_methods.keep, account_id, "sandbox", vaulted, None)
    return next(iter(await read(port(Payments).stored_methods, account_id)))


async def to_checkout(client):
    mug = await make_product(title="Mug", price=1999, stock=10)
    page = (await client.get("/account")).text
    token = {"csrf_token": Form(page, "/signout").fields["csrf_token"]} if "/signout" in page else {}
    added = await client.post("/cart/lines", data={"variant_id": str(mug.variant_id), "quantity": "2", **token})
    assert added.status_code == 303
    shown = await client.get("/checkout")
    assert shown.status_code == 200
    return shown.text


async def checkout_form(client):
    return Form(await to_checkout(client), "/checkout")


async def follow(client, answer):
    while answer.status_code == 303:
        answer = await client.get(answer.headers["location"])
    return answer.text


def payments_of(order):
    return [(each["provider"], each["status"], each["amount"]["amount"]) for each in order["payments"]]


async def newest_order(client, account_id):
    return (await client.get(ORDERS, headers=await bearer(account_id))).json()["items"][0]


async def test_the_balance_and_what_it_leaves_are_told_for_each_delivery(client, ada):
    await fill(ada, 1000)
    seen = words(await to_checkout(client))
    for expected in ("Use my balance", "€10.00", "€34.88 left to pay", "€39.88 left to pay", "−€10.00"):
        assert expected in seen, expected


async def test_who_has_no_balance_sees_no_word_of_it(client, ada):
    assert "balance" not in words(await to_checkout(client))


async def test_guests_see_neither_balance_nor_stored_methods_and_can_keep_none(client):
    form = await checkout_form(client)
    assert not {name for name in form.names if "wallet" in name or name.endswith(".save")}


async def test_the_balance_pays_first_and_the_card_the_rest(client, ada):
    await fill(ada, 1000)
    form = await checkout_form(client)
    page = words(await follow(client, await form.send(client, **ADA, use_wallet="on")))
    assert "Thank you for your order!" in page
    assert "€10.00 from your balance, €34.88 by Test card •••• 4242" in page
    assert await balance_of(ada) == 0
    order = await newest_order(client, ada)
    assert payments_of(order) == [("wallet", "captured", 1000), ("sandbox", "captured", TOTAL - 1000)]


async def test_without_asking_for_it_the_balance_is_left_alone(client, ada):
    await fill(ada, 1000)
    await (await checkout_form(client)).send(client, **ADA)
    assert await balance_of(ada) == 1000


@pytest.mark.parametrize("provider", ["sandbox", None])
async def test_a_balance_that_covers_all_needs_no_other_way_of_payment(client, ada, provider):
    await fill(ada, 10_000)
    shown = await to_checkout(client)
    assert "It pays for everything" in words(shown)
    form = Form(shown, "/checkout")
    answer = await form.send(client, **ADA, use_wallet="on", payment__provider=provider)
    assert "Thank you for your order!" in words(await follow(client, answer))
    assert await balance_of(ada) == 10_000 - TOTAL
    assert payments_of(await newest_order(client, ada)) == [("wallet", "captured", TOTAL)]


@pytest.mark.parametrize("told", ["EUR 2000", "EUR 0", "", "USD 1000", "EUR 99999999999999999999"])
async def test_another_balance_than_the_page_told_orders_nothing(client, ada, told):
    await fill(ada, 1000)
    form = await checkout_form(client)
    answer = await form.send(client, **ADA, use_wallet="on", expected_balance=told)
    assert answer.status_code == 422
    assert "Your balance: it has changed to €10.00" in words(answer.text)
    assert await count_orders() == 0
    again = Form(answer.text, "/checkout")
    assert again.fields["use_wallet"] == "on"
    assert (await again.send(client, **ADA)).status_code == 303


async def test_a_balance_that_is_gone_charges_nobody_elses_card(client, ada):
    await fill(ada, 10_000)
    form = await checkout_form(client)
    await move(ada, "purchase", 10_000, by="staff")
    answer = await form.send(client, **ADA, use_wallet="on")
    assert (answer.status_code, await count_orders()) == (422, 0)


async def test_a_guest_can_not_send_what_a_guest_is_not_offered(client):
    form = await checkout_form(client)
    form.names.add("use_wallet")
    answer = await form.send(client, **ADA, email="ada@example.com", use_wallet="on")
    assert answer.status_code == 422
    assert "sign in" in words(answer.text).lower()
    assert await count_orders() == 0


async def test_if_the_card_fails_the_balance_is_back_and_pays_the_next_try(client, ada):
    await fill(ada, 1000)
    form = await checkout_form(client)
    sent = await form.send(client, **ADA, use_wallet="on", payment__sandbox__token="declined")
    url = sent.headers["location"]
    page = (await client.get(url)).text
    assert "Your payment did not go through" in words(page)
    assert await balance_of(ada) == 1000
    retry = Form(page, f"{url}/pay")
    assert retry.fields["expected_balance"] == "EUR 1000"
    paid = words(await follow(client, await retry.send(client, use_wallet="on", payment__sandbox__token="ok")))
    assert "€10.00 from your balance, €34.88 by Test card" in paid
    assert await whole_balance_of(ada) == 0


async def test_a_stored_method_is_offered_first_and_pays(client, ada):
    visa = await keep(ada)
    shown = await to_checkout(client)
    form = Form(shown, "/checkout")
    assert "Visa •••• 4242 Expires 12/2030" in words(shown)
    assert form.fields["payment.provider"] == f"sandbox/{visa.id}"
    assert "Thank you for your order!" in words(await follow(client, await form.send(client, **ADA)))


async def test_anothers_stored_method_is_none(client, ada):
    evil = await keep(await make_account("eve@example.com"))
    form = await checkout_form(client)
    answer = await form.send(client, **ADA, payment__provider=f"sandbox/{evil.id}")
    assert answer.status_code == 422
    assert "you have no such stored method" in words(answer.text)
    assert await count_orders() == 0


async def test_a_card_is_kept_only_when_its_owner_says_so(client, ada):
    await (await checkout_form(client)).send(client, **ADA)
    assert await read(port(Payments).stored_methods, ada) == []
    await (await checkout_form(client)).send(client, payment__sandbox__save="on")
    [kept] = await read(port(Payments).stored_methods, ada)
    assert (kept.default, kept.method.last4) == (True, "4242")


async def test_a_transfer_tells_where_the_money_goes_and_how_long_the_goods_wait(client, by_hand):
    form = await checkout_form(client)
    answer = await form.send(client, **ADA, email="ada@example.com", payment__provider="bank_transfer")
    shown = await follow(client, answer)
    seen = words(shown)
    for expected in (
        "We wait for your transfer",
        "DE02 1203 0000 0000 2020 51",
        "€44.88",
        "Reference PAY-",
        "held until",
    ):
        assert expected in seen, expected
    assert "hx-get" not in shown.split('id="order"')[1].split(">")[0], "it looks for no answer by itself"


async def test_cash_at_the_door_is_an_order_to_thank_for(client, by_hand):
    form = await checkout_form(client)
    answer = await form.send(client, **ADA, email="ada@example.com", payment__provider="cash_on_delivery")
    seen = words(await follow(client, answer))
    assert "Thank you for your order!" in seen
    assert "You pay €44.88 in cash when it arrives" in seen
    assert "Use another way to pay" not in seen


async def test_who_left_the_bank_pays_in_another_way_and_once(client, ada):
    await fill(ada, 1000)
    form = await checkout_form(client)
    bank = (await form.send(client, **ADA, use_wallet="on", payment__sandbox__token="3ds_ok")).headers["location"]
    order = await newest_order(client, ada)
    url = f"{ORDERS.removeprefix('/api/v1')}/{order['id']}"
    page = (await client.get(url)).text
    assert "Use another way to pay" in words(page)
    other = Form(page, f"{url}/pay")
    assert other.fields["expected_balance"] == "EUR 1000", "what this order holds is there again for it"
    paid = await other.send(client, use_wallet="on", payment__sandbox__token="ok")
    assert "Thank you for your order!" in words(await follow(client, paid))
    order = await newest_order(client, ada)
    taken = sum(each["captured"]["amount"] for each in order["payments"] if "captured" in each)
    assert (taken, await whole_balance_of(ada)) == (TOTAL, 0)
    late = await client.get(urlsplit(bank).path)
    assert late.status_code == 303, "the bank has nothing to confirm any more"
    assert (await newest_order(client, ada))["received"]["amount"] == TOTAL


async def test_who_confirmed_in_another_tab_is_not_charged_again(client, ada):
    form = await checkout_form(client)
    bank = urlsplit((await form.send(client, **ADA, payment__sandbox__token="3ds_ok")).headers["location"]).path
    order = await newest_order(client, ada)
    url = f"/orders/{order['id']}"
    other = Form((await client.get(url)).text, f"{url}/pay")
    challenge = Form((await client.get(bank)).text, bank)
    assert (await challenge.send(client, action="approve")).status_code == 303
    seen = words(await follow(client, await other.send(client, payment__sandbox__token="ok")))
    assert "Thank you for your order!" in seen
    assert payments_of(await newest_order(client, ada)) == [("sandbox", "captured", TOTAL)]


async def test_the_same_second_thought_sent_twice_is_one(client, ada):
    form = await checkout_form(client)
    await form.send(client, **ADA, payment__sandbox__token="3ds_ok")
    url = f"/orders/{(await newest_order(client, ada))['id']}"
    other = Form((await client.get(url)).text, f"{url}/pay")
    banks = [(await other.send(client, payment__sandbox__token="3ds_ok")).headers["location"] for _ in range(2)]
    assert "/sandbox/3ds/" in banks[0]
    assert [status for _, status, _ in payments_of(await newest_order(client, ada))] == ["cancelled", "requires_action"]


async def test_many_second_thoughts_at_once_pay_once(client, ada):
    await fill(ada, 1000)
    form = await checkout_form(client)
    bank = urlsplit(
        (await form.send(client, **ADA, use_wallet="on", payment__sandbox__token="3ds_ok")).headers["location"]
    )
    url = f"/orders/{(await newest_order(client, ada))['id']}"
    others = [Form((await client.get(url)).text, f"{url}/pay") for _ in range(4)]
    challenge = Form((await client.get(bank.path)).text, bank.path)
    await asyncio.gather(
        challenge.send(client, action="approve"),
        *(other.send(client, use_wallet="on", payment__sandbox__token="ok") for other in others),
    )
    for _ in range(3):
        await client.get(f"/payments/{bank.path.rsplit('/', 1)[1]}/return")
        await settle_open_payments()
    order = await newest_order(client, ada)
    taken = sum(each["captured"]["amount"] for each in order["payments"] if "captured" in each)
    gone = sum(each["refunded"]["amount"] for each in order["payments"] if "refunded" in each)
    assert (order["status"], order["received"]["amount"], taken - gone) == ("paid", TOTAL, TOTAL)
    wallets = sum(
        amount for provider, status, amount in payments_of(order) if (provider, status) == ("wallet", "captured")
    )
    assert await whole_balance_of(ada) == 1000 - wallets


async def test_a_transfer_gives_way_to_a_card(client, ada, by_hand):
    form = await checkout_form(client)
    url = (await form.send(client, **ADA, payment__provider="bank_transfer")).headers["location"]
    other = Form((await client.get(url)).text, f"{url}/pay")
    seen = words(await follow(client, await other.send(client, payment__provider="sandbox")))
    assert "Thank you for your order!" in seen
    assert payments_of(await newest_order(client, ada)) == [
        ("bank_transfer", "cancelled", TOTAL),
        ("sandbox", "captured", TOTAL),
    ]


async def test_without_saying_so_nothing_is_replaced(client, ada):
    order = await place(client, token="3ds_ok", headers=await bearer(ada))
    body = {"provider": "sandbox", "token": "ok"}
    refused = await client.post(
        f"{ORDERS}/{order['id']}/payments", json=body, headers={**opened_by(order), "Idempotency-Key": "another-one"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_in_progress")
    paid = await client.post(
        f"{ORDERS}/{order['id']}/payments",
        json={**body, "replace": True},
        headers={**opened_by(order), "Idempotency-Key": "one-more"},
    )
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")
    assert [status for _, status, _ in payments_of(paid.json())] == ["cancelled", "captured"]


@pytest.mark.parametrize(
    "body",
    [
        {"provider": "wallet"},
        {"provider": "sandbox", "token": "ok", "use_wallet": True},
        {"provider": "sandbox", "method_id": "theirs"},
    ],
)
async def test_whoever_holds_only_the_link_pays_with_nothing_that_its_owner_keeps(client, ada, body):
    await fill(ada, 10_000)
    if "method_id" in body:
        body = {**body, "method_id": str((await keep(ada)).id)}
    order = await place(client, token="declined", headers=await bearer(ada))
    client.cookies.clear()
    refused = await client.post(
        f"{ORDERS}/{order['id']}/payments", json=body, headers={**opened_by(order), "Idempotency-Key": "a-stranger"}
    )
    assert refused.status_code == 422, refused.text
    assert await balance_of(ada) == 10_000
    assert (await get_order(client, order))["received"]["amount"] == 0


async def test_refunds_are_told_with_where_they_went(client, ada):
    order = await place(client, headers=await bearer(ada))
    order_id = UUID(order["id"])
    await write(port(Payments).request_refunds, order_id, wish_refund(500, to="wallet", account_id=ada))
    await write(port(Payments).request_refunds, order_id, wish_refund(300))
    seen = words((await client.get(f"/orders/{order['id']}")).text)
    assert re.search(r"To your balance €5\.00 \S+ \S+ \S+ Refunded", seen)
    assert re.search(r"To Test card •••• 4242 €3\.00 \S+ \S+ \S+ On its way", seen)
    assert f"€5.00 of {format_money(Money(**order['totals']['total']))} given back" in seen


async def test_an_order_that_went_back_whole_says_so(client, ada):
    order = await place(client, headers=await bearer(ada))
    whole = Money(**order["totals"]["total"])
    await write(
        port(Payments).request_refunds, UUID(order["id"]), wish_refund(whole.amount, to="wallet", account_id=ada)
    )
    seen = words((await client.get(f"/orders/{order['id']}")).text)
    assert f"You have all of it back: {format_money(whole)}." in seen


async def test_money_that_staff_take_later_is_only_authorized(client, ada, monkeypatch):
    by_staff = msgspec.structs.replace(settings(), capture="manual")
    monkeypatch.setattr("shop.modules.payments.service.open_payment.settings", lambda: by_staff)
    seen = words(await follow(client, await (await checkout_form(client)).send(client, **ADA)))
    assert "€44.88 is charged when we send it" in seen
    assert "Charged when we send it Authorized" in seen
    assert "Waiting for payment" not in seen.partition("What happened")[0]
    assert "Payment authorized" in words((await client.get("/account/orders")).text)


async def test_a_checkout_with_a_balance_asks_the_database_little_more(client, ada, record_statements):
    """25 statements on the API, and on the page: the session three times, the address book, and the balance as agreed."""
    await fill(ada, 1000)
    await keep(ada)
    form = await checkout_form(client)
    with record_statements() as sent:
        assert (await client.get("/checkout")).status_code == 200
    assert len(sent) <= 18, sent
    with record_statements() as sent:
        assert (await form.send(client, **ADA)).status_code == 303
    assert len(sent) <= 34, sent
