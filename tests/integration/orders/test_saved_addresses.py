"""The checkout of somebody with an address book: pick one, or type another and keep it; without JavaScript."""

import pytest

from shop.contracts.identity import AddressBook, PostalAddress
from shop.kernel.db import read, write
from shop.kernel.ports import port
from tests.factories.catalog import make_product
from tests.factories.forms import Form, words
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.orders import count_orders

BERLIN = PostalAddress(
    name="Ada Lovelace", line1="Unter den Linden 5", city="Berlin", postal_code="10117", country="DE"
)
PARIS = PostalAddress(name="Ada in Paris", line1="Rue de Rivoli 1", city="Paris", postal_code="75001", country="FR")
ROME = PostalAddress(
    name="Ada in Rome", line1="Via Appia 1", city="Roma", region="RM", postal_code="00144", country="IT"
)
BOOK = "/api/v1/me/addresses"


@pytest.fixture
async def ada(shop):
    return await make_account()


@pytest.fixture
async def checkout(client, ada):
    """Opens the checkout with a mug in the cart, with these addresses in the book, oldest first."""
    mug = await make_product(title="Mug", price=1999, stock=10)

    async def opened(*addresses):
        for address in addresses:
            await write(port(AddressBook).keep_address, ada, address)
        await sign_in_browser(client, ada)
        token = Form((await client.get("/account")).text, "/signout").fields["csrf_token"]
        form = {"variant_id": str(mug.variant_id), "quantity": "1", "csrf_token": token}
        assert (await client.post("/cart/lines", data=form)).status_code == 303
        return Form((await client.get("/checkout")).text, "/checkout")

    return opened


async def book_of(ada):
    return await read(port(AddressBook).list_addresses, ada)


async def test_the_default_is_chosen_and_its_fields_are_not_asked_for(client, ada, checkout):
    form = await checkout(BERLIN, PARIS)
    [default] = [each for each in await book_of(ada) if each.default_shipping]
    assert form.fields["deliver_to"] == str(default.id)
    assert "shipping_address.line1" not in form.names
    ordered = await form.send(client)
    assert ordered.status_code == 303
    page = words((await client.get(ordered.headers["location"])).text)
    assert "Unter den Linden 5" in page
    assert "10117 Berlin" in page


async def test_another_of_the_book_is_picked_and_changes_what_delivery_is_offered(client, ada, checkout):
    form = await checkout(BERLIN, PARIS)
    [paris] = [each for each in await book_of(ada) if each.city == "Paris"]
    renewed = await form.send(client, deliver_to=str(paris.id), action="update")
    assert "Delivery to France" in words(renewed.text)
    ordered = await Form(renewed.text, "/checkout").send(client)
    assert "75001 Paris" in words((await client.get(ordered.headers["location"])).text)


async def test_a_new_address_is_typed_and_kept_when_asked(client, ada, checkout):
    form = await checkout(BERLIN)
    opened = Form((await form.send(client, deliver_to="new", action="update")).text, "/checkout")
    assert opened.fields["shipping_address.name"] == "Ada Lovelace"
    assert "save_address" not in opened.fields, "not ticked"
    typed = {
        "shipping_address__line1": "Rue de Rivoli 1",
        "shipping_address__city": "Paris",
        "shipping_address__postal_code": "75 001",
        "shipping_address__country": "FR",
    }
    there = Form((await opened.send(client, **typed, save_address="on", action="update")).text, "/checkout")
    assert there.fields["save_address"] == "on"
    assert (await there.send(client)).status_code == 303
    assert {(each.city, each.postal_code) for each in await book_of(ada)} == {("Berlin", "10117"), ("Paris", "75001")}


async def test_without_the_box_the_book_stays_as_it_is(client, ada, checkout):
    form = await checkout()
    typed = {"line1": "Rue de Rivoli 1", "city": "Paris", "postal_code": "75001", "country": "FR"}
    sent = {f"shipping_address__{part}": value for part, value in typed.items()}
    there = Form((await form.send(client, **sent, action="update")).text, "/checkout")
    assert (await there.send(client)).status_code == 303
    assert await book_of(ada) == []


async def test_a_choice_sent_before_its_fields_were_there_is_asked_for(client, ada, checkout):
    form = await checkout(BERLIN)
    answer = await form.send(client, deliver_to="new")
    assert answer.status_code == 422
    assert "Fill in where the order goes" in words(answer.text)
    assert "shipping_address.line1" in Form(answer.text, "/checkout").names
    assert await count_orders() == 0


async def test_an_address_of_somebody_else_or_none_orders_nothing(client, ada, checkout):
    eve = await make_account("eve@example.com")
    await write(port(AddressBook).keep_address, eve, PARIS)
    form = await checkout(BERLIN)
    for wanted in (str((await book_of(eve))[0].id), "nonsense", ""):
        answer = await form.send(client, deliver_to=wanted)
        assert answer.status_code == 422
        assert "Rue de Rivoli" not in answer.text
    assert await count_orders() == 0


async def test_an_address_that_nothing_is_delivered_to_is_not_chosen(client, ada, checkout):
    form = await checkout(ROME, BERLIN)
    assert form.fields["deliver_to"] == "new"
    page = await client.get("/checkout")
    assert "we don&#39;t deliver there" in page.text
    [rome] = [each for each in await book_of(ada) if each.city == "Roma"]
    refused = await form.send(client, deliver_to=str(rome.id))
    assert refused.status_code == 422
    assert await count_orders() == 0


async def test_where_invoices_go_by_default_is_filled_in(client, ada, checkout):
    headers = await bearer(ada)
    await write(port(AddressBook).keep_address, ada, BERLIN)
    await write(port(AddressBook).keep_address, ada, PARIS)
    [paris] = [each for each in await book_of(ada) if each.city == "Paris"]
    await client.patch(f"{BOOK}/{paris.id}", json={"default_billing": True}, headers=headers)
    form = await checkout()
    assert form.fields["billing_differs"] == "on"
    assert form.fields["billing_address.city"] == "Paris"


async def test_a_guest_is_asked_for_nothing_of_a_book(client, shop):
    mug = await make_product(title="Mug", price=1999, stock=10)
    await client.post("/cart/lines", data={"variant_id": str(mug.variant_id), "quantity": "1"})
    form = Form((await client.get("/checkout")).text, "/checkout")
    assert {"deliver_to", "save_address"}.isdisjoint(form.names)


async def test_many_addresses_are_a_list_to_choose_from(client, ada, checkout):
    form = await checkout(
        *(
            PostalAddress(name=f"Ada {n}", line1="Street", city="Berlin", postal_code="10117", country="DE")
            for n in range(8)
        )
    )
    page = (await client.get("/checkout")).text
    assert '<select class="input" id="f-deliver-to"' in page
    assert (await form.send(client)).status_code == 303
