"""The checkout page and its form, sent as a browser without JavaScript sends them."""

import asyncio
import re
from urllib.parse import urlsplit

import pytest

from shop.contracts.inventory import Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.ports import port
from tests.factories.catalog import MadeProduct, make_product
from tests.factories.forms import Form, words
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.inventory import counts_of
from tests.factories.orders import count_orders, place
from tests.factories.shipping import make_shipping_zone, method, rate

pytestmark = pytest.mark.usefixtures("shop")

ADA = {
    "email": "ada@example.com",
    "shipping_address__name": "Ada Lovelace",
    "shipping_address__line1": "Unter den Linden 5",
    "shipping_address__city": "Berlin",
    "shipping_address__postal_code": "10117",
}


@pytest.fixture
async def mug(shop: None) -> MadeProduct:
    return await make_product(title="Mug", price=1999, stock=10)


async def to_checkout(client, product, quantity=2):
    """The checkout page of a cart that was filled on the pages."""
    added = await client.post("/cart/lines", data={"variant_id": str(product.variant_id), "quantity": str(quantity)})
    assert added.status_code == 303
    shown = await client.get("/checkout")
    assert shown.status_code == 200
    return shown.text


async def checkout_form(client, product, quantity=2):
    return Form(await to_checkout(client, product, quantity), "/checkout")


def paid_with(form, token):
    """The field in which this page's provider takes its token."""
    name = next(name for name in form.names if name in {"payment.sandbox.token", "payment.token"})
    return {name.replace(".", "__"): token}


async def test_a_visitor_without_a_cart_is_sent_to_it(client):
    answer = await client.get("/checkout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert "set-cookie" not in answer.headers


async def test_the_page_shows_articles_deliveries_and_totals(client, mug):
    seen = words(await to_checkout(client, mug))
    for expected in ("Mug", "2 × €19.99", "Standard", "€4.90", "Express", "€9.90", "€44.88", "€49.88", "Place order"):
        assert expected in seen, expected


async def test_the_page_is_never_cached(client, mug):
    await to_checkout(client, mug)
    assert (await client.get("/checkout")).headers["cache-control"] == "private, no-store"


async def test_a_guest_buys(client, mug, drain_outbox):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA)
    assert answer.status_code == 303
    confirmation = await client.get(answer.headers["location"])
    seen = words(confirmation.text)
    assert confirmation.status_code == 200
    assert "Thank you for your order!" in seen
    assert "SO-" in seen
    assert "ada@example.com" in seen
    await drain_outbox()
    assert await counts_of(mug.variant_id) == (8, 0)


async def test_the_cart_is_empty_afterwards(client, mug):
    form = await checkout_form(client, mug)
    await form.send(client, **ADA)
    assert "Your cart is empty" in words((await client.get("/cart")).text)
    assert (await client.get("/checkout")).headers["location"] == "/cart"


async def test_another_delivery_is_chosen_without_a_round_trip(client, mug):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA, shipping_method="express")
    assert "€49.88" in words((await client.get(answer.headers["location"])).text)


async def test_the_totals_of_every_delivery_are_there_and_each_is_what_it_would_cost(client, mug):
    shown = await to_checkout(client, mug)
    form = Form(shown, "/checkout")
    for number, (code, total) in enumerate((("standard", "€44.88"), ("express", "€49.88")), 1):
        assert form.fields[f"expected_total.{code}"] == f"EUR {total.replace('€', '').replace('.', '')}"
        told = re.findall(rf'class="for-choice numeric" data-choice="{number}">([^<]+)<', shown)
        assert set(told) == {total}, "in the head on a phone and on the button"


async def test_the_country_decides_the_fields_and_what_does_not_fit_is_kept(client, mug):
    await make_shipping_zone(["US"], method("standard", rate(1990)), position=2)
    form = await checkout_form(client, mug)
    assert "shipping_address.region" not in form.names
    page = await form.send(client, **ADA, shipping_address__country="US", action="update")
    there = Form(page.text, "/checkout")
    assert "ZIP code" in words(page.text)
    refused = await there.send(client, shipping_address__region=" ")
    assert refused.status_code == 422
    assert "State: this is needed" in words(refused.text)
    assert await count_orders() == 0
    home = Form(
        (
            await there.send(client, shipping_address__region="Oregon", shipping_address__country="DE", action="update")
        ).text,
        "/checkout",
    )
    assert "shipping_address.region" not in home.names
    back = Form((await home.send(client, shipping_address__country="US", action="update")).text, "/checkout")
    assert back.fields["shipping_address.region"] == "OR"
    ordered = await back.send(client)
    assert ordered.status_code == 303
    assert "Berlin, OR 10117" in words((await client.get(ordered.headers["location"])).text)


async def test_who_ordered_before_finds_the_last_address_filled_in(client, mug):
    ada = await make_account()
    await place(client, (mug, 1), headers=await bearer(ada))
    await sign_in_browser(client, ada)
    token = Form((await client.get("/account")).text, "/signout").fields["csrf_token"]
    await client.post("/cart/lines", data={"variant_id": str(mug.variant_id), "quantity": "1", "csrf_token": token})
    form = Form((await client.get("/checkout")).text, "/checkout")
    assert form.fields["shipping_address.line1"] == "Unter den Linden 5"
    assert form.fields["shipping_address.postal_code"] == "10117"
    assert (await form.send(client)).status_code == 303


async def test_a_signed_in_customer_finds_name_and_address_filled_in(client, mug):
    ada = await make_account()
    await sign_in_browser(client, ada)
    signed_in = await client.get("/cart")
    assert signed_in.status_code == 200
    token = Form((await client.get("/account")).text, "/signout").fields["csrf_token"]
    await client.post("/cart/lines", data={"variant_id": str(mug.variant_id), "quantity": "1", "csrf_token": token})
    form = Form((await client.get("/checkout")).text, "/checkout")
    assert form.fields["email"] == "ada@example.com"
    assert form.fields["shipping_address.name"] == "Ada Lovelace"
    answer = await form.send(client, **ADA)
    assert "Order SO-" in words((await client.get("/account")).text)
    assert "Order SO-" in words((await client.get("/account/orders")).text)
    assert (await client.get(answer.headers["location"])).status_code == 200


async def test_updating_the_delivery_keeps_what_was_typed_and_orders_nothing(client, mug):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA, shipping_address__country="FR", action="update")
    again = Form(answer.text, "/checkout")
    assert answer.status_code == 200
    assert again.fields["shipping_address.city"] == "Berlin"
    assert again.fields["shipping_address.country"] == "FR"
    assert "Delivery to France" in words(answer.text)
    assert await count_orders() == 0


async def test_the_update_button_also_opens_the_invoice_address(client, mug):
    form = await checkout_form(client, mug)
    assert "billing_address.name" not in form.names
    opened = Form((await form.send(client, **ADA, billing_differs="on", action="update")).text, "/checkout")
    invoice = {name.replace("shipping", "billing"): value for name, value in ADA.items() if name != "email"}
    invoice |= {"billing_address__name": "Engines Ltd", "billing_address__country": "GB"}
    refused = await opened.send(client, **invoice)
    assert "Postal code of the invoice: this is no postcode of that country" in words(refused.text)
    answer = await opened.send(client, **{**invoice, "billing_address__postal_code": "sw1a1aa"})
    seen = words((await client.get(answer.headers["location"])).text)
    assert "Engines Ltd" in seen
    assert "SW1A 1AA" in seen
    assert "United Kingdom" in seen


async def test_an_invoice_address_that_was_not_asked_for_yet_is_asked_for(client, mug):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA, billing_differs="on")
    assert answer.status_code == 422
    assert "Fill in where the invoice goes" in words(answer.text)
    assert 'aria-invalid="true"' not in answer.text
    left_empty = await Form(answer.text, "/checkout").send(client, **ADA)
    assert left_empty.status_code == 422
    assert "Full name of the invoice: this is needed" in words(left_empty.text)
    assert await count_orders() == 0


async def test_everything_to_mend_is_told_at_once_beside_what_was_typed(client, mug):
    form = await checkout_form(client, mug)
    answer = await form.send(
        client, **{**ADA, "email": "ada@", "shipping_address__city": "", "shipping_address__name": " "}
    )
    again = Form(answer.text, "/checkout")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 3
    for told in ("This is no e-mail address", "City: this is needed", "Full name: this is needed"):
        assert told in words(answer.text), told
    assert again.fields["shipping_address.line1"] == "Unter den Linden 5"
    assert again.fields["attempt"] == form.fields["attempt"]
    mended = await again.send(client, **{**ADA, "email": "ada@"})
    assert (mended.status_code, "email" in mended.text) == (422, True)
    assert await count_orders() == 0


async def test_a_changed_price_is_shown_before_anything_is_ordered(client, mug):
    form = await checkout_form(client, mug)
    await write(port(Prices).set_prices, [Price(mug.variant_id, Money(2199, "EUR"))])
    answer = await form.send(client, **ADA)
    assert answer.status_code == 409
    assert "The total has changed from €44.88 to €48.88" in words(answer.text)
    assert await count_orders() == 0
    agreed = await Form(answer.text, "/checkout").send(client, **ADA)
    assert agreed.status_code == 303
    assert await count_orders() == 1


@pytest.mark.parametrize(
    "total", ["EUR 1", "EUR -4488", "", "EUR 4488.0", "USD 4488", "4488", "EUR 99999999999999999999"]
)
async def test_a_tampered_total_orders_nothing(client, mug, total):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA, expected_total__standard=total)
    assert answer.status_code == 409
    assert await count_orders() == 0


async def test_a_delivery_that_is_not_offered_orders_nothing(client, mug):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA, shipping_method="pigeon")
    assert answer.status_code == 409
    assert "Choose one of the ways" in words(answer.text)
    assert await count_orders() == 0


async def test_goods_that_sold_out_lead_back_to_the_cart(client, mug):
    form = await checkout_form(client, mug)
    await write(port(Stock).set_on_hand, [StockLine(mug.variant_id, 1)], "broken")
    answer = await form.send(client, **ADA)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert "no longer available in this quantity" in words((await client.get("/cart")).text)
    assert await count_orders() == 0


async def test_a_form_sent_again_leads_to_the_order_that_it_made(client, mug):
    form = await checkout_form(client, mug)
    first = await form.send(client, **ADA)
    again = await form.send(client, **ADA)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert await count_orders() == 1


async def test_a_form_sent_twice_at_once_makes_one_order(client, mug):
    form = await checkout_form(client, mug)
    first, second = await asyncio.gather(form.send(client, **ADA), form.send(client, **ADA))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert await count_orders() == 1
    assert await counts_of(mug.variant_id) == (10, 2)


async def test_a_form_from_another_site_is_refused(client, mug):
    form = await checkout_form(client, mug)
    client.headers["origin"] = "https://evil.example"
    assert (await form.send(client, **ADA)).status_code == 403
    assert await count_orders() == 0


async def test_a_form_without_its_token_is_refused(client, mug):
    form = await checkout_form(client, mug)
    assert (await form.send(client, **ADA, csrf_token=None)).status_code == 403
    assert await count_orders() == 0


async def test_a_declined_card_is_tried_again_on_the_orders_page(client, mug):
    form = await checkout_form(client, mug)
    answer = await form.send(client, **ADA, **paid_with(form, "declined"))
    url = answer.headers["location"]
    shown = (await client.get(url)).text
    assert "Your payment did not go through" in words(shown)
    retry = Form(shown, f"{url}/pay")
    paid = await retry.send(client, **paid_with(retry, "ok"))
    assert (paid.status_code, paid.headers["location"]) == (303, url)
    assert "Thank you for your order!" in words((await client.get(url)).text)


async def test_a_retry_sent_twice_at_once_pays_once(client, mug):
    form = await checkout_form(client, mug)
    url = (await form.send(client, **ADA, **paid_with(form, "declined"))).headers["location"]
    retry = Form((await client.get(url)).text, f"{url}/pay")
    answers = await asyncio.gather(*(retry.send(client, **paid_with(retry, "ok")) for _ in range(2)))
    assert {answer.headers["location"] for answer in answers} == {url}
    seen = words((await client.get(url)).text)
    assert "Thank you for your order!" in seen
    assert seen.count("Payment received") == 1


@pytest.mark.parametrize(
    ("token", "answer", "told"),
    [
        ("3ds_ok", "approve", "Thank you for your order!"),
        ("3ds_ok", "decline", "Your payment did not go through"),
        ("3ds_fail", "approve", "Your payment did not go through"),
    ],
)
async def test_3d_secure_leads_to_the_bank_and_back(client, mug, token, answer, told):
    form = await checkout_form(client, mug)
    sent = await form.send(client, **ADA, **paid_with(form, token))
    bank = urlsplit(sent.headers["location"]).path
    challenge = Form((await client.get(bank)).text, bank)
    way_back = await challenge.send(client, action=answer)
    while way_back.status_code == 303:
        way_back = await client.get(way_back.headers["location"])
    assert told in words(way_back.text)
